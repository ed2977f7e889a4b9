"""Signing keys of officials and of the service: made here, wrapped, used and never shown. 签名密钥

The service's key lies under the master key. An official's is wrapped twice, under a password inside the master key, so that
neither the disk with the master key nor an administrator signs as that person (docs/format.md §4). A training log, where people
act without password, keeps everybody's under the master key alone.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property
from secrets import token_bytes
from typing import NamedTuple

from application.log.append_batch import SideRow
from application.platform.database import Database
from application.vault.crypto import Box, Secrets, Unreadable
from application.vault.passwords import Password
from application.verifier.formats.entry import Signer, keyid
from application.verifier.formats.signature import SEED, public_key, signer
from application.verifier.rules.rights_register import SERVICE
from domain.errors import NotAllowed

INSERT_KEY = "INSERT INTO vault.signing_key (keyid, owner, sealed, lock) VALUES %s"
WRAP_AGAIN = """
    UPDATE vault.signing_key SET sealed = new.sealed, lock = new.lock
    FROM (VALUES %s) new (keyid, sealed, lock) WHERE signing_key.keyid = new.keyid"""


@dataclass(frozen=True)
class Unlocked:
    """A private key in the open, for as long as somebody who gave the password is at work."""

    keyid: str
    private: bytes = field(repr=False)

    @property
    def signer(self) -> Signer:
        """Raises Unreadable for bytes that are no key."""
        try:
            return signer(self.keyid, self.private)
        except ValueError as error:
            raise Unreadable(str(error)) from None


class Kept(NamedTuple):
    """A key as far as the master key opens it: `signer` only where no password is needed besides."""

    keyid: str
    signer: Signer | None


class _Row(NamedTuple):
    keyid: str
    sealed: bytes
    lock: str | None


class KeyRing:
    """Owners are officials' ids, or `service`, which signs for jobs and the public.

    `guarded`: officials' keys need their passwords; every log in production.
    """

    def __init__(self, database: Database, secrets: Secrets, *, guarded: bool) -> None:
        self.database, self.guarded = database, guarded
        self._box = secrets.box("signing key")

    def create(self, owner: str, password: Password | None = None) -> tuple[dict[str, str], Signer, SideRow]:
        """A new key: its public members {keyid, alg, pub} for the log, the signer, and the wrapped row."""
        private = token_bytes(SEED)
        public = public_key(private)
        made = Unlocked(keyid("ed25519", public), private)
        sealed, lock = self._wrapped(made, password if self._guards(owner) else None)
        members = {"keyid": made.keyid, "alg": "ed25519", "pub": b64encode(public).decode()}
        if self._guards(owner) and lock is None:
            raise ValueError("the key of an official is wrapped under a password")
        return members, made.signer, SideRow(INSERT_KEY, (made.keyid, owner, sealed, lock))

    def signer(self, owner: str) -> Signer:
        """The newest key of an owner who needs no password. Raises NotAllowed for everybody else, and who has none."""
        if self._guards(owner):
            raise NotAllowed("您的登录已结束，签名密钥已锁上；请重新登录后再办理")
        return self._unwrapped(self._newest(owner)).signer

    def unlock(self, owner: str, password: Password) -> Unlocked:
        """The newest key of an official who has just given this password, which was checked. Raises NotAllowed, Unreadable.

        A key from before passwords wrapped them is wrapped now, when the password is known.
        """
        row = self._newest(owner)
        unlocked = self._unwrapped(row, password)
        if self._guards(owner) and row.lock is None:
            with self.database.cursor() as cursor:
                cursor.execute(
                    "UPDATE vault.signing_key SET sealed = %s, lock = %s WHERE keyid = %s AND lock IS NULL",
                    (*self._wrapped(unlocked, password), row.keyid),
                )
        return unlocked

    def wrapped_again(self, owner: str, old: Password, new: Password) -> list[SideRow]:
        """The rows that put the newest key under another password; none where it needs none. Raises as `unlock`."""
        if not self._guards(owner):
            return []
        unlocked = self._unwrapped(self._newest(owner), old)
        return [SideRow(WRAP_AGAIN, (unlocked.keyid, *self._wrapped(unlocked, new)))]

    def kept(self, owner: str) -> Kept:
        """The newest key as the vault has it now, without any password. Raises NotAllowed, Unreadable."""
        row = self._newest(owner)
        opened = Unlocked(row.keyid, self._box.open(row.sealed, _place(row.keyid, row.lock)))
        return Kept(row.keyid, opened.signer if row.lock is None else None)

    @cached_property
    def service(self) -> Signer:
        return self.signer(SERVICE)

    def _guards(self, owner: str) -> bool:
        return self.guarded and owner != SERVICE

    def _newest(self, owner: str) -> _Row:
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT keyid, sealed, lock FROM vault.signing_key WHERE owner = %s ORDER BY made_at DESC LIMIT 1",
                (owner,),
            )
            row = cursor.fetchone()
        if row is None:
            raise NotAllowed("此账号没有签名密钥，请联系密钥管理员登记")
        return _Row(row[0], bytes(row[1]), row[2])

    def _wrapped(self, key: Unlocked, password: Password | None) -> tuple[bytes, str | None]:
        """(what is stored, its lock); the lock is bound to it, so that neither is exchanged unseen."""
        inner, lock = key.private, None
        if password is not None:
            lock = password.lock()
            inner = Box(password.key(lock)).seal(inner, key.keyid.encode())
        return self._box.seal(inner, _place(key.keyid, lock)), lock

    def _unwrapped(self, row: _Row, password: Password | None = None) -> Unlocked:
        inner = self._box.open(row.sealed, _place(row.keyid, row.lock))
        if row.lock is not None:
            if password is None:
                raise NotAllowed("此账号的签名密钥须用本人口令打开，请本人登录后办理")
            inner = Box(password.key(row.lock)).open(inner, row.keyid.encode())
        return Unlocked(row.keyid, inner)


def _place(keyid: str, lock: str | None) -> bytes:
    return keyid.encode() if lock is None else f"{keyid} {lock}".encode()


def under_master_alone(database: Database) -> tuple[int, int]:
    """(keys of officials that need no password to be opened, all keys of officials), the newest of each."""
    query = """
        SELECT count(*) FILTER (WHERE lock IS NULL), count(*)
        FROM (SELECT DISTINCT ON (owner) lock FROM vault.signing_key WHERE owner <> %s ORDER BY owner, made_at DESC) k"""
    with database.cursor() as cursor:
        cursor.execute(query, (SERVICE,))
        return cursor.fetchone()
