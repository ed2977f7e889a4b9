"""The key of whoever is signed in, for the time of the session. 会话中的签名密钥

It lies beside the session under a secret that only the cookie holds: the table alone, and the master key with it, open nothing.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask_babel import gettext as _

from application.vault.crypto import Box, Unreadable, derived
from application.vault.signing_keys import Unlocked
from application.verifier.formats.entry import Signer
from domain.errors import NotAllowed


class SessionKeys:
    def __init__(self, database: Any) -> None:
        self.database = database

    def keep(self, token: str, key: Unlocked) -> None:
        """For the session of this cookie, which has just begun."""
        sealed = _box(token).seal(key.private, key.keyid.encode())
        with self.database.cursor() as cursor:
            cursor.execute("INSERT INTO web.session_key VALUES (%s, %s, %s)", (_row(token), key.keyid, sealed))

    def signer(self, token: str) -> Signer:
        """Raises NotAllowed where the session has ended, or was begun without a key."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT keyid, sealed FROM web.session_key WHERE token = %s", (_row(token),))
            row = cursor.fetchone()
        try:
            if row is not None:
                return Unlocked(row[0], _box(token).open(bytes(row[1]), row[0].encode())).signer
        except Unreadable:
            pass
        raise NotAllowed(_("本次登录没有可用的签名密钥，请重新登录；仍不能办理的，请联系密钥管理员登记密钥"))


def _row(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _box(token: str) -> Box:
    """Its key follows from the cookie and not from the hash of it that the table holds."""
    return Box(derived(token.encode(), "session key"))
