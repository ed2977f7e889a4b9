"""Passwords: what checks a person, and what wraps the person's own key. 口令"""

from __future__ import annotations

import os
import secrets
import threading
from functools import cache, cached_property
from typing import NamedTuple

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from application.vault.crypto import KEY

SALT = 16
NONE = "!"  # stands where a hash would: no word matches it
# OpenSSL has one pool of threads for a process: two at once wait for each other, and whoever comes later is refused
_ALONE = threading.Lock()


class Cost(NamedTuple):
    """What trying one word costs: RFC 9106's choice for machines with little memory."""

    iterations: int = 3
    lanes: int = 4
    memory_cost: int = 65_536


USUAL = Cost()


class Password:
    """A word that one person knows, on its way through the service: no repr, no digest and no log shows it."""

    def __init__(self, word: str, cost: Cost = USUAL) -> None:
        self._word, self._cost = word.encode(), cost

    @cached_property
    def hashed(self) -> str:
        """What the vault keeps to check it; made once."""
        with _ALONE:
            return _argon2id(self._cost, os.urandom(SALT)).derive_phc_encoded(self._word)

    def matches(self, stored: str | None) -> bool:
        """Whether it is the word; where none is stored it is not, and that takes as long."""
        known = stored not in (None, NONE)
        compared = stored if known else _nobodys()
        try:
            with _ALONE:
                Argon2id.verify_phc_encoded(self._word, compared)
        except InvalidKey:
            return False
        return known

    def lock(self) -> str:
        """Cost and a new salt: what has to lie beside a box for its key to be found again."""
        return ":".join([*map(str, self._cost), os.urandom(SALT).hex()])

    def key(self, lock: str) -> bytes:
        """The key of a box with this lock; independent of what `hashed` tells."""
        *cost, salt = lock.split(":")
        with _ALONE:
            return _argon2id(Cost(*map(int, cost)), bytes.fromhex(salt)).derive(self._word)


@cache
def _nobodys() -> str:
    """Made when first asked for: a service that starts need not wait for it."""
    return Password(starting_password()).hashed


def _argon2id(cost: Cost, salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=KEY, **cost._asdict())


def starting_password() -> str:
    """A word for somebody's first sign-in, to be told to them and changed there."""
    return secrets.token_urlsafe(12)
