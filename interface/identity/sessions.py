"""Who is signed in: server-side sessions in PostgreSQL. 会话

The cookie holds a random token, the table only its SHA-256. Time is the database's: a simulated clock of a training log
must not keep a session alive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

COOKIE = "xiaohao"
IDLE, LONGEST, CONFIRMED = "2 hours", "12 hours", "5 minutes"
PENDING = "10 minutes"  # so long may somebody look for the telephone


@dataclass(frozen=True)
class SignedIn:
    """One session: the official and the role and unit that they act in now.

    `must_change`: a one-time password; `code_due`: it opens nothing before a code of the second factor is given.
    """

    token: bytes
    official: UUID
    role: str
    unit: str
    must_change: bool
    code_due: bool = False


@dataclass(frozen=True)
class Listed:
    """A session as its owner sees it; `id` names it and opens nothing."""

    id: str
    device: str
    started_at: datetime
    seen_at: datetime
    door: str = "web"


class Sessions:
    """`schema` holds the table; `credentials` names the relation that knows whose password is a one-time one."""

    def __init__(self, database: Any, *, schema: str = "web", credentials: str = "vault.credential") -> None:
        self.database, self._table, self._credentials = database, f"{schema}.session", credentials

    def open(self, official: UUID, role: str, unit: str, *, device: str = "", code_due: bool = False) -> str:
        """A new session, its token for the cookie. Old sessions that ended are swept away with it."""
        token = token_urlsafe(32)
        with self.database.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self._table} WHERE seen_at < now() - %s::interval OR started_at < now() - %s::interval",
                (IDLE, LONGEST),
            )
            cursor.execute(
                f"INSERT INTO {self._table} (token, official, role, unit, device, code_due) VALUES (%s, %s, %s, %s, %s, %s)",
                (_hash(token), official, role, unit, device, code_due),
            )
        return token

    def find(self, token: str) -> SignedIn | None:
        """The session of a cookie, unless it ended: 2 hours without a page, or 12 hours in all."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT token, official, role, unit, one_time, code_due, seen_at < now() - interval '1 minute'"
                f" FROM {self._table} JOIN {self._credentials} USING (official)"
                " WHERE token = %s AND seen_at > now() - %s::interval AND started_at > now() - %s::interval"
                " AND (NOT code_due OR started_at > now() - %s::interval)",
                (_hash(token), IDLE, LONGEST, PENDING),
            )
            if (row := cursor.fetchone()) is None:
                return None
            if row[6]:
                cursor.execute(f"UPDATE {self._table} SET seen_at = now() WHERE token = %s", (row[0],))
        return SignedIn(bytes(row[0]), *row[1:6])

    def act_as(self, session: SignedIn, role: str, unit: str) -> None:
        self._update("role = %s, unit = %s", session, role, unit)

    def confirm(self, session: SignedIn) -> None:
        """The password was given again just now."""
        self._update("password_at = now()", session)

    def is_confirmed(self, session: SignedIn) -> bool:
        """Whether the password was given within the last five minutes."""
        return self._is_recent("password_at", session)

    def _is_recent(self, column: str, session: SignedIn) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute(
                f"SELECT {column} > now() - %s::interval FROM {self._table} WHERE token = %s",
                (CONFIRMED, session.token),
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def confirm_code(self, session: SignedIn) -> None:
        """A code of the second factor was given just now; a session that waited for one begins."""
        self._update("code_at = now(), code_due = false", session)

    def is_code_confirmed(self, session: SignedIn) -> bool:
        """Whether one was given within the last five minutes."""
        return self._is_recent("code_at", session)

    def close(self, session: SignedIn) -> None:
        with self.database.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._table} WHERE token = %s", (session.token,))

    def listed(self, official: UUID) -> list[Listed]:
        """Those that are open now, the newest first."""
        with self.database.cursor() as cursor:
            cursor.execute(
                f"SELECT token, device, started_at, seen_at FROM {self._table}"
                " WHERE official = %s AND NOT code_due AND seen_at > now() - %s::interval"
                " AND started_at > now() - %s::interval ORDER BY started_at DESC",
                (official, IDLE, LONGEST),
            )
            return [Listed(bytes(row[0]).hex(), *row[1:]) for row in cursor.fetchall()]

    def end(self, official: UUID, id: str) -> None:
        """This session of theirs, which may be over already."""
        with self.database.cursor() as cursor:
            query = f"DELETE FROM {self._table} WHERE official = %s AND encode(token, 'hex') = %s"
            cursor.execute(query, (official, id))

    def _update(self, assignments: str, session: SignedIn, *values: str) -> None:
        with self.database.cursor() as cursor:
            cursor.execute(f"UPDATE {self._table} SET {assignments} WHERE token = %s", (*values, session.token))


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
