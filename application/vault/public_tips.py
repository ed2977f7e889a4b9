"""Tips from the public page on their way into the log, and how whoever sent one finds it again. 网上举报收件"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from psycopg2.errors import UniqueViolation
from psycopg2.extras import Json, execute_values

from application.log.append_batch import SideRow
from application.platform.database import Database
from domain.errors import Conflict

REGISTERED = "DELETE FROM vault.public_waiting USING (VALUES %s) gone (command) WHERE public_waiting.command = gone.command::uuid"


class Known(NamedTuple):
    """Who a locator stands for: `secret` is argon2id, `keyed` a hash under the master key (None: not made yet)."""

    locator: str
    secret: str
    tip: UUID
    promise: bytes
    keyed: bytes | None = None


class Waiting(NamedTuple):
    """What will be an event: a tip, more about one, or a lead. `members` is {received_on, commits, against?}."""

    command: UUID
    kind: str
    matter: UUID
    members: dict[str, Any]


class PublicBox:
    def __init__(self, database: Database) -> None:
        self.database = database

    def put(
        self,
        kind: str,
        matter: UUID,
        members: dict[str, Any],
        due: datetime,
        blobs: Iterable[SideRow],
        known: Known | None = None,
        command: UUID | None = None,
    ) -> None:
        """All rows or none. Raises Conflict where the locator, or the place of one more supplement, is taken."""
        try:
            with self.database.transaction() as cursor:
                for blob in blobs:
                    execute_values(cursor, blob.statement, [blob.row])
                if known is not None:
                    cursor.execute(
                        "INSERT INTO vault.public_tip (locator, secret, tip, promise, keyed) VALUES (%s, %s, %s, %s, %s)",
                        known,
                    )
                cursor.execute(
                    "INSERT INTO vault.public_waiting VALUES (%s, %s, %s, %s, %s)",
                    (command or uuid4(), kind, matter, Json(members), due),
                )
        except UniqueViolation:
            raise Conflict("刚才有另一份材料同时提交，请再提交一次") from None

    def find(self, locator: str) -> Known | None:
        return self._one("locator = %s", locator)

    def find_promise(self, raw: bytes) -> Known | None:
        return self._one("sha256(promise) = sha256(%s)", raw)

    def _one(self, condition: str, value: Any) -> Known | None:
        with self.database.cursor() as cursor:
            cursor.execute(
                f"SELECT locator, secret, tip, promise, keyed FROM vault.public_tip WHERE {condition}", (value,)
            )
            row = cursor.fetchone()
        return row and Known._make([*row[:3], bytes(row[3]), row[4] and bytes(row[4])])

    def remember(self, locator: str, keyed: bytes) -> None:
        """The keyed hash of a code that was found right by its slow one."""
        with self.database.cursor() as cursor:
            cursor.execute("UPDATE vault.public_tip SET keyed = %s WHERE locator = %s", (keyed, locator))

    def promises(self) -> list[tuple[str, UUID, bytes]]:
        """(locator, tip, promise) of every promise that was given."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT locator, tip, promise FROM vault.public_tip ORDER BY locator")
            return [(locator, tip, bytes(promise)) for locator, tip, promise in cursor.fetchall()]

    def waiting(self, until: datetime) -> list[Waiting]:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT command, kind, matter, members FROM vault.public_waiting WHERE due <= %s", (until,))
            return [Waiting(*row) for row in cursor.fetchall()]

    def is_waiting(self, command: UUID) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT FROM vault.public_waiting WHERE command = %s", (command,))
            return cursor.fetchone() is not None

    def count_of(self, tip: UUID) -> int:
        """How often something was added to a tip."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vault.tip_blob WHERE tip = %s AND blob LIKE 'more-%%'", (tip,))
            return cursor.fetchone()[0]

    @staticmethod
    def registered(command: UUID) -> SideRow:
        """Written with the event: it waits no longer."""
        return SideRow(REGISTERED, (command,))
