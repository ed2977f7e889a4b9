"""Keeps read models up with the log. 追赶

Rows and position move in one transaction under the models' position rows, locked in the order of their names: a crash skips
nothing and repeats nothing, and two processes may both catch up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg2
from psycopg2.errors import LockNotAvailable

from domain.recorded import Recorded
from projections.engine import tables
from projections.engine.feed import Feed, head
from projections.engine.fold import ReadModel
from projections.engine.live import LiveRows, dead_letter

EVENTS, SECONDS = 500, 0.5  # a batch ends with whichever comes first
PREPARE_LOCK = 0x78696101


class Lag(NamedTuple):
    """How far the slowest read model is behind; `seconds` between the last event recorded and the last one folded."""

    events: int
    seconds: float
    dead_letters: int


class ReadModels:
    """The read models of one schema, as one process follows them. `body_of` opens our own entries (see Feed)."""

    def __init__(
        self,
        database: Any,
        body_of: Callable[[bytes], bytes],
        *,
        models: Sequence[ReadModel],
        schema: str = tables.LIVE,
    ) -> None:
        self.database, self.models, self.schema = database, sorted(models, key=lambda model: model.name), schema
        self.feed = Feed(body_of)
        self._rows = {model.name: LiveRows(model, schema) for model in self.models}
        self._lock = threading.Lock()

    def prepare(self) -> list[str]:
        """Make what is missing, which only the owner may; returns the models whose tables are of another version: they
        stand still until they are rebuilt.
        """
        with self.database.cursor() as cursor:
            known = self._versions(cursor)
        if any(model.name not in known for model in self.models):
            with self.database.transaction() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (PREPARE_LOCK,))
                tables.keep_books(cursor, self.schema)
                known = self._versions(cursor)
                for model in self.models:
                    if model.name not in known:
                        self._make(cursor, model)
        return [model.name for model in self.models if known.get(model.name, model.version) != model.version]

    def _versions(self, cursor: Any) -> dict[str, int]:
        cursor.execute(f"SELECT to_regclass('{self.schema}.projection_position') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute(f"SELECT name, version FROM {self.schema}.projection_position")
        return dict(cursor.fetchall())

    def _make(self, cursor: Any, model: ReadModel) -> None:
        tables.drop(cursor, model, self.schema)
        tables.create(cursor, model, self.schema)
        tables.index(cursor, model, self.schema)
        cursor.execute(f"INSERT INTO {self.schema}.projection_position VALUES (%s, %s)", (model.name, model.version))

    def position(self) -> int:
        """What every read model has reached."""
        with self.database.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(min(position), 0) FROM {self.schema}.projection_position WHERE (name, version) IN %s",
                (tuple((model.name, model.version) for model in self.models),),
            )
            return cursor.fetchone()[0]

    def catch_up(self) -> int:
        """Feed the read models until nothing is new; returns the position reached."""
        with self._lock:
            while self._batch():
                pass
        return self.position()

    def wait_for(self, position: int, *, timeout: float = 5.0) -> bool:
        """Whether all read models show what stands at `position`, for whoever has just put it there."""
        deadline = time.monotonic() + timeout
        while self.position() < position:
            if (left := deadline - time.monotonic()) <= 0 or not self._lock.acquire(timeout=left):
                return False
            try:
                if not self._batch():
                    time.sleep(0.01)  # another process holds them, or the position was never recorded
            finally:
                self._lock.release()
        return True

    def lag(self) -> Lag:
        with self.database.cursor() as cursor:
            cursor.execute(
                f"""SELECT h.size - p.position, h.recorded_at, p.recorded_at,
                    (SELECT count(*) FROM {self.schema}.dead_letter)
                FROM log.head h, (SELECT position, recorded_at FROM {self.schema}.projection_position
                    ORDER BY position LIMIT 1) p"""
            )
            events, recorded, folded, dead = cursor.fetchone()
        seconds = (recorded - datetime.fromisoformat(folded)).total_seconds() if folded and events else 0.0
        return Lag(events, seconds, dead)

    def _batch(self) -> int:
        """One transaction; returns how many events were taken. Waits at most 5 s for another process."""
        try:
            with self.database.transaction() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                return self.advance(cursor)
        except LockNotAvailable:
            return 0
        except psycopg2.DataError:
            self.forget()
            with self.database.transaction() as cursor:
                return self.advance(cursor, careful=True)
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Drop every cached row: what was folded did not become so."""
        for rows in self._rows.values():
            rows.forget()

    def advance(self, cursor: Any, *, careful: bool = False) -> int:
        """One batch inside the caller's transaction, for the models that are foremost; the others when those have it all.

        `careful`: one event, and a model whose table refuses its rows leaves the event out.
        """
        positions = self._locked(cursor)
        for start in sorted(set(positions.values()), reverse=True):
            batch = self.feed.read(cursor, start, start + (1 if careful else EVENTS))
            if batch:
                behind = [self._rows[name] for name, position in positions.items() if position == start]
                return self._feed(cursor, behind, batch, careful)
        return 0

    def _locked(self, cursor: Any) -> dict[str, int]:
        cursor.execute(
            f"SELECT name, version, position FROM {self.schema}.projection_position ORDER BY name FOR UPDATE"
        )
        stored = {(name, version): position for name, version, position in cursor.fetchall()}
        positions = {}
        for model in self.models:
            if (position := stored.get((model.name, model.version))) is not None:
                positions[model.name], rows = position, self._rows[model.name]
                rows.cursor = cursor
                if rows.position != position:
                    rows.forget()
                    rows.position = position
        return positions

    def _feed(self, cursor: Any, behind: list[LiveRows], batch: list[Recorded], careful: bool) -> int:
        for rows in behind:
            rows.look_ahead(batch)
        ends_at, taken = time.monotonic() + SECONDS, 0
        for taken, recorded in enumerate(batch, 1):  # noqa: B007 (how many is what the loop is asked for)
            for rows in behind:
                rows.project((recorded,))
            if time.monotonic() > ends_at:
                break
        last = batch[taken - 1]
        for rows in behind:
            self._written(cursor, rows, last, careful)
            rows.position = last.position
        names = [rows.model.name for rows in behind]
        cursor.execute(
            f"UPDATE {self.schema}.projection_position SET position = %s, recorded_at = %s WHERE name = ANY(%s)",
            (last.position, last.recorded_at, names),
        )
        return taken

    def _written(self, cursor: Any, rows: LiveRows, last: Recorded, careful: bool) -> None:
        if not careful:
            rows.flush()
            return
        cursor.execute("SAVEPOINT one")
        try:
            rows.flush()
        except psycopg2.DataError as error:
            cursor.execute("ROLLBACK TO SAVEPOINT one")
            rows.forget()
            dead_letter(cursor, self.schema, rows.model.name, last, error)


def last_position(database: Any) -> int:
    """The head of the log."""
    with database.cursor() as cursor:
        return head(cursor)
