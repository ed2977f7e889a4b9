"""Secrets of one instance: keys for one purpose each, derived from the master key, and AES-256-GCM boxes. 密钥派生与加密"""

from __future__ import annotations

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, NONCE = 32, 12


class Unreadable(ValueError):
    """The box was made with another key, for another place, or was altered."""


class Box:
    """AES-256-GCM under one key; what is sealed opens only beside the same associated data."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, beside: bytes, nonce: bytes = b"") -> bytes:
        """`nonce`: 12 random bytes that serve this box once; drawn here if whoever seals much has not done so."""
        nonce = nonce or os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, beside)

    def open(self, sealed: bytes, beside: bytes) -> bytes:
        """Raises Unreadable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], beside)
        except InvalidTag:
            raise Unreadable("couldn't open what is in the vault: wrong key, or it was altered") from None


class Secrets:
    """The master key (HOME/keys/master.key, mode 0600, in no backup) and what is derived from it."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY:
            raise ValueError(f"the master key has {KEY} bytes, not {len(master)}")
        self._master = master
        self._derived = lru_cache(self._derive)

    @classmethod
    def create(cls, path: Path) -> Secrets:
        return cls(new_key_file(path))

    @classmethod
    def load(cls, path: Path) -> Secrets:
        return cls(path.read_bytes())

    def box(self, purpose: str) -> Box:
        return Box(self._derived(purpose))

    def digest(self, purpose: str, value: bytes) -> bytes:
        """HMAC-SHA256: equal values are found again, and nobody without the master key can try them out."""
        return hmac.new(self._derived(purpose), value, sha256).digest()

    def _derive(self, purpose: str) -> bytes:
        return derived(self._master, purpose)


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose; neither it nor a hash of the secret tells anything about the other."""
    return HKDF(SHA256(), KEY, salt=None, info=f"xiaohao/{purpose}/v1".encode()).derive(secret)


def new_key_file(path: Path) -> bytes:
    """32 random bytes in a new file that only its owner may read; FileExistsError rather than a second key."""
    key = os.urandom(KEY)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def place(matter: UUID, blob: str) -> bytes:
    """What a box belongs to: one that was put elsewhere doesn't open."""
    return f"{matter}/{blob}".encode()
