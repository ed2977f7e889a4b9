"""What the oversight door works with: a database login that can only look, the published folder, names of officials. 监督组件

The connection takes the role `xiaohao_oversight` (grants in migrations/0001, 0002 and 0011): it reads the log, the read models
and the record of readings, adds to that record, and keeps its own sessions and verdicts. Nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg2

from application.platform.clock import Clock, SystemClock
from application.platform.database import OVERSIGHT, Database
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.platform.migrate import refuse_other
from application.vault.crypto import Secrets
from application.vault.people import Credential, People
from application.vault.second_factors import SecondFactors
from domain.errors import NotFound

ACCESS = "INSERT INTO vault.access (actor, unit, what, why) VALUES (%s, %s, %s, %s)"


class OneByOne(People):
    """Credentials and people through functions that answer about those named, since this login can't read the tables.

    A password can't be checked without its hash, so the hash of the one account that somebody names is handed out.
    """

    def credential(self, login: str) -> Credential | None:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT * FROM oversight.credential(%s)", (self._login(login),))
            row = cursor.fetchone()
        return Credential(row[0], login, row[1], row[2]) if row else None

    def _sealed(self, ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT * FROM oversight.person(%s)", (list(ids),))
            return cursor.fetchall()


class FactorsOneByOne(SecondFactors):
    """Second factors through functions that answer about the one official who signs in."""

    def _read(self, official: UUID) -> tuple[bytes, int, list[bytes]] | None:
        return self._asked("SELECT * FROM oversight.second_factor(%s)", official)

    def _spend_step(self, official: UUID, step: int) -> bool:
        return bool(self._asked("SELECT oversight.spend_step(%s, %s)", official, step)[0])

    def _spend_recovery(self, official: UUID, code: bytes) -> bool:
        return bool(self._asked("SELECT oversight.spend_recovery(%s, %s)", official, code)[0])

    def _asked(self, query: str, *values: object) -> Any:
        with self.database.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchone()


class Shown:
    """The little that is shown of the vault, and the record of who was shown it."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self.database, self.people = database, OneByOne(database, secrets)
        self.second_factors = FactorsOneByOne(database, secrets)

    def file(self, digest: str) -> tuple[str, bytes]:
        """(media type, bytes) of a piece of evidence that an event names. Raises NotFound."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT * FROM oversight.file(%s)", (digest,))
            row = cursor.fetchone()
        if row is None:
            raise NotFound("没有这个附件")
        return row[0], bytes(row[1])

    def record_access(self, actor: str, unit: str, *, what: str, why: str) -> None:
        """Recorded before it is shown or handed out; the table only grows and is sealed into the log every hour."""
        with self.database.cursor() as cursor:
            cursor.execute(ACCESS, (actor, unit, what, why))


@dataclass(frozen=True)
class Overseen:
    """One instance as the commission sees it."""

    home: Home
    origin: str
    mode: str
    database: Database
    vault: Shown
    clock: Clock = field(default_factory=SystemClock)


@contextmanager
def overseen(home: Home, dsn: str) -> Iterator[Overseen]:
    """The instance in this home, through a login that may take the role. Raises OperatorError."""
    instance = home.read()
    try:
        secrets = Secrets.load(home.keys / "master.key")
    except OSError as error:
        raise OperatorError(f"couldn't read the master key: {error.strerror}: {error.filename}") from None
    database = Database(dsn, role=OVERSIGHT, size=8)
    _check(database)
    try:
        yield Overseen(home, instance["origin"], instance["mode"], database, Shown(database, secrets))
    finally:
        database.close()


def _check(database: Database) -> None:
    """Raises OperatorError where the login can't take the role, or the database was never brought up to this program."""
    try:
        connection = database.connect()
    except psycopg2.OperationalError as error:
        raise OperatorError(
            f"couldn't open the oversight door as {OVERSIGHT}: {str(error).strip()}; on a server of your own name its login in "
            "DATABASE_OVERSIGHT_URL (docs/logins.sql)"
        ) from None
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('sign_in.record') IS NOT NULL")
        (known,) = cursor.fetchone()
        if known:
            refuse_other(cursor)
    connection.close()
    if not known:
        raise OperatorError(
            "couldn't open the oversight door: the database is older than this program; run `xiaohao serve` once"
        )
