"""PostgreSQL through psycopg2: a fixed pool of connections, which waits instead of failing when all are in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg2
import psycopg2.extras
from eventsourcing.persistence import Connection, ConnectionPool, ConnectionUnavailableError

from domain.errors import Unavailable

psycopg2.extras.register_uuid()

APPLICATION, OVERSIGHT = "xiaohao_app", "xiaohao_oversight"
AWAY = "数据库暂时连不上，什么都没有记录；请稍后用同一页面再提交一次"
FULL = "磁盘已满，什么都没有记录；请通知管理员清理磁盘，然后用同一页面再提交一次"
IDLE = 1.0  # seconds after which a connection is asked whether it still lives
BUSY = "系统繁忙，什么都没有记录；请稍后用同一页面再提交一次"


class NoDatabase(Unavailable):
    """The server is away, full or busy: nothing of what was asked of it is done."""


class _Connection(Connection[Any]):
    def __init__(self, raw: Any) -> None:
        super().__init__()
        self.raw, self.used_at = raw, monotonic()

    def commit(self) -> None:
        """Transactions are written out in the statements."""

    def rollback(self) -> None:
        if not self.raw.closed:
            self.raw.rollback()

    def cursor(self) -> Any:
        return self.raw.cursor()

    def _close(self) -> None:
        super()._close()
        self.raw.close()

    @property
    def closed(self) -> bool:
        return bool(self.raw.closed)


class _Pool(ConnectionPool[_Connection]):
    def __init__(self, database: Database, size: int) -> None:
        super().__init__(pool_size=size, max_overflow=0, pool_timeout=10.0)
        self.database = database

    def _create_connection(self) -> _Connection:
        return _Connection(self.database.connect())


class Database:
    """`dsn` is a login that may take the role; the role limits what this process can do (grants in migrations/)."""

    def __init__(self, dsn: str, *, role: str | None = APPLICATION, size: int = 8) -> None:
        self.dsn, self.role = dsn, role
        self._pool = _Pool(self, size)

    def connect(self) -> Any:
        """A new connection of one's own, in autocommit. Raises psycopg2.OperationalError if the server is away."""
        options = "-c TimeZone=UTC -c client_min_messages=warning" + (f" -c role={self.role}" if self.role else "")
        raw = psycopg2.connect(self.dsn, connect_timeout=5, options=options)
        raw.autocommit = True
        return raw

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Statements that each stand for themselves. Raises NoDatabase if the server is away."""
        with self._connection() as raw, raw.cursor() as cursor:
            yield cursor

    @contextmanager
    def transaction(self, *, repeatable_read: bool = False, read_only: bool = False) -> Iterator[Any]:
        """All of the block or nothing."""
        mode = (" ISOLATION LEVEL REPEATABLE READ" if repeatable_read else "") + (" READ ONLY" if read_only else "")
        with self.cursor() as cursor:
            cursor.execute(f"BEGIN{mode}")
            try:
                yield cursor
            except BaseException:
                if not cursor.connection.closed:
                    cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            held = self._usable()
        except ConnectionUnavailableError:
            raise NoDatabase(BUSY) from None
        except psycopg2.OperationalError as error:
            raise NoDatabase(FULL if is_full(error) else AWAY) from None
        try:
            yield held.raw
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if is_full(error):
                raise NoDatabase(FULL) from error
            if not held.raw.closed and not _gone(error):
                raise
            held.close()
            raise NoDatabase(AWAY) from error
        finally:
            held.used_at = monotonic()
            self._pool.put_connection(held)

    def _usable(self) -> _Connection:
        """A connection whose server is still there: one that died while it was idle is replaced."""
        while True:
            held = self._pool.get_connection()
            if not held.closed and monotonic() - held.used_at < IDLE:
                return held
            try:
                with held.raw.cursor() as cursor:
                    cursor.execute("SELECT")
                return held
            except psycopg2.Error:
                held.close()
                self._pool.put_connection(held)

    def close(self) -> None:
        self._pool.close()


def is_full(error: psycopg2.Error) -> bool:
    """The server's disk has no room: what was asked for did not happen, and won't before somebody makes room."""
    return error.pgcode == "53100" or "No space left on device" in str(error)


def _gone(error: psycopg2.Error) -> bool:
    return isinstance(error, psycopg2.InterfaceError) or (error.pgcode or "").startswith("57P")
