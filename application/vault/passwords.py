"""Passwords: what checks a person, and what wraps the person's own key. 口令"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from functools import cache, cached_property
from typing import NamedTuple
from unicodedata import category, normalize

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from application.vault.crypto import KEY
from application.vault.hashing_slot import ACTS, HashingSlot, Queue
from domain.passwords import refuse_weak

SALT = 16
NONE = "!"  # stands where a hash would: no word matches it
NFC = "nfc"  # begins the lock of a box whose key is made of the word as `canonical` spells it
ALOUD = "23456789abcdefghjkmnpqrstuvwxyz"
SLOT = HashingSlot()  # of this process


class Cost(NamedTuple):
    """What trying one word costs: RFC 9106's choice for machines with little memory."""

    iterations: int = 3
    lanes: int = 4
    memory_cost: int = 65_536


USUAL = Cost()


def canonical(word: str) -> str:
    """The word as it is hashed: every kind of space is the ordinary one, accents are composed (RFC 8265, OpaqueString)."""
    return normalize("NFC", "".join(" " if category(char) == "Zs" else char for char in word))


class Password:
    """A word that one person knows, on its way through the service: no repr, no digest and no log shows it.

    Whatever hashes it waits in `queue` and raises Busy where too many wait there.
    """

    def __init__(self, word: str, cost: Cost = USUAL, *, queue: Queue = ACTS) -> None:
        self._typed, self._word = word.encode(errors="surrogatepass"), canonical(word).encode(errors="surrogatepass")
        self._cost, self._queue = cost, queue

    def judge(self, about: Iterable[str]) -> None:
        """Raises RuleBroken where it is no password for this account (domain/passwords.py)."""
        refuse_weak(self._word.decode(errors="surrogatepass"), about)

    @cached_property
    def hashed(self) -> str:
        """What the vault keeps to check it; made once."""
        with SLOT.taken(self._queue):
            return _argon2id(self._cost, os.urandom(SALT)).derive_phc_encoded(self._word)

    def matches(self, stored: str | None) -> bool:
        """Whether it is the word; where none is stored it is not, and that takes as long.

        A hash from before words were spelled in one way is matched by the word as it was typed then.
        """
        known = stored is not None and stored != NONE
        compared = _nobodys() if stored is None or stored == NONE else stored
        spellings = dict.fromkeys((self._word, self._typed))
        return any(self._is_hash_of(word, compared) for word in spellings) and known

    def _is_hash_of(self, word: bytes, stored: str) -> bool:
        try:
            with SLOT.taken(self._queue):
                Argon2id.verify_phc_encoded(word, stored)
        except InvalidKey:
            return False
        return True

    def lock(self) -> str:
        """Spelling, cost and a new salt: what has to lie beside a box for its key to be found again."""
        return ":".join([NFC, *map(str, self._cost), os.urandom(SALT).hex()])

    def key(self, lock: str) -> bytes:
        """The key of a box with this lock; independent of what `hashed` tells."""
        *spelling, iterations, lanes, memory, salt = lock.split(":")
        cost, word = Cost(int(iterations), int(lanes), int(memory)), self._word if spelling == [NFC] else self._typed
        with SLOT.taken(self._queue):
            return _argon2id(cost, bytes.fromhex(salt)).derive(word)


@cache
def _nobodys() -> str:
    """Made when first asked for: a service that starts need not wait for it."""
    return Password(starting_password()).hashed


def _argon2id(cost: Cost, salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=KEY, **cost._asdict())


def starting_password() -> str:
    """A word for somebody's first sign-in, to be read to them aloud and changed there: 79 bits in four groups of four.

    No character of it is taken for another, by eye or by ear: no 0 and o, no 1, l and i, no capitals.
    """
    groups = ("".join(secrets.choice(ALOUD) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
