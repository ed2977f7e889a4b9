"""Salted commitments: what the log holds instead of a person's words or name (trail.md §10.1). Pure. 承诺值

A bare hash of a phone number falls in minutes; with 32 random bytes of salt nobody can try values out, and whoever is shown
a value with its salt can check it.
"""

from __future__ import annotations

from hashlib import sha256
from unicodedata import normalize

SALT = 32


def commit(label: str, salt: bytes, value: bytes | str) -> str:
    """Lower hex of SHA-256(`trail/commit/v1` 00 label 00 salt[32] len(value) as uint64 big-endian, value); text in NFC."""
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} bytes")
    body = normalize("NFC", value).encode() if isinstance(value, str) else value
    return sha256(
        b"trail/commit/v1\0%s\0%s%s%s" % (label.encode("ascii"), salt, len(body).to_bytes(8), body)
    ).hexdigest()
