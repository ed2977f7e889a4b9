"""Whose second factor it is: secrets of one-time codes under the master key, recovery codes as keyed hashes. 动态验证码保密库"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from application.log.append_batch import SideRow
from application.platform.database import Database
from application.vault import totp
from application.vault.crypto import Secrets

RECOVERY_CODES = 8
INSERT = "INSERT INTO vault.second_factor (official, sealed, step, recovery) VALUES %s"
RENEW = """
    UPDATE vault.second_factor SET recovery = new.recovery::bytea[]
    FROM (VALUES %s) new (official, recovery) WHERE second_factor.official = new.official::uuid"""
DELETE = "DELETE FROM vault.second_factor USING (VALUES %s) gone (official) WHERE second_factor.official = gone.official::uuid"
END_SESSIONS = """
    DELETE FROM web.session s USING (VALUES %s) ended (official, kept)
    WHERE s.official = ended.official::uuid AND s.token <> ended.kept::bytea"""


def others_ended(official: UUID, kept: bytes) -> SideRow:
    """Every session of theirs ends but this one; those at the oversight door end by a trigger (migrations/0040)."""
    return SideRow(END_SESSIONS, (official, kept))


class SecondFactors:
    def __init__(self, database: Database, secrets: Secrets) -> None:
        self.database, self.secrets = database, secrets
        self._box = secrets.box("second factor")

    def recovery_codes(self, id: UUID, secret: bytes) -> tuple[str, ...]:
        """Eight codes for a form: the same ones again however often it is sent, and nobody without the master key knows them."""
        made = (self.secrets.digest("recovery codes", id.bytes + secret + bytes([n])) for n in range(RECOVERY_CODES))
        words = (b32encode(mac[:10]).decode() for mac in made)
        return tuple("-".join(word[at : at + 4] for at in range(0, 16, 4)) for word in words)

    def new(self, official: UUID, secret: bytes, *, step: int, recovery: Sequence[str]) -> SideRow:
        """The row; the code of `step` was given already."""
        return SideRow(
            INSERT, (official, self._box.seal(secret, official.bytes), step, self._all_hashed(official, recovery))
        )

    def renewed(self, official: UUID, recovery: Sequence[str]) -> SideRow:
        """Other recovery codes in place of those that there were."""
        return SideRow(RENEW, (official, self._all_hashed(official, recovery)))

    @staticmethod
    def gone(official: UUID) -> SideRow:
        """Secret and recovery codes are deleted."""
        return SideRow(DELETE, (official,))

    def knows(self, official: UUID, typed: str, now: datetime) -> bool:
        """Whether this is a code of now, or a recovery code, that was not given yet."""
        return self._step(official, typed, now) is not None or self._hashed(official, typed) in self._row(official)[2]

    def spend(self, official: UUID, typed: str, now: datetime) -> bool:
        """Take the code, once: False if it is none, or somebody gave it in the same moment."""
        step = self._step(official, typed, now)
        if step is not None:
            return self._spend_step(official, step)
        return self._spend_recovery(official, self._hashed(official, typed))

    def _spend_step(self, official: UUID, step: int) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute(
                "UPDATE vault.second_factor SET step = %s WHERE official = %s AND step < %s", (step, official, step)
            )
            return cursor.rowcount == 1

    def _spend_recovery(self, official: UUID, code: bytes) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute(
                "UPDATE vault.second_factor SET recovery = array_remove(recovery, %s)"
                " WHERE official = %s AND %s = ANY(recovery)",
                (code, official, code),
            )
            return cursor.rowcount == 1

    def owners(self) -> set[UUID]:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT official FROM vault.second_factor")
            return {official for (official,) in cursor.fetchall()}

    def recovery_left(self, official: UUID) -> int:
        return len(self._row(official)[2])

    def _step(self, official: UUID, typed: str, now: datetime) -> int | None:
        secret, last, _recovery = self._row(official)
        return None if secret is None else totp.matching(secret, typed, now, after=last)

    def _read(self, official: UUID) -> tuple[bytes, int, list[bytes]] | None:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT sealed, step, recovery FROM vault.second_factor WHERE official = %s", (official,))
            return cursor.fetchone()

    def _row(self, official: UUID) -> tuple[bytes | None, int, list[bytes]]:
        row = self._read(official)
        if row is None:
            return None, 0, []
        return self._box.open(bytes(row[0]), official.bytes), row[1], [bytes(code) for code in row[2]]

    def _all_hashed(self, official: UUID, codes: Sequence[str]) -> list[bytes]:
        return [self._hashed(official, code) for code in codes]

    def _hashed(self, official: UUID, code: str) -> bytes:
        return self.secrets.digest("recovery code", official.bytes + totp.plain(code).encode())
