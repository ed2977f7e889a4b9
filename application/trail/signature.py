"""Whether one entry was signed by the holder of a key. Pure. 单条验签"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.trail.entry import Entry, pae


def is_signed_by(public: bytes, entry: Entry) -> bool:
    """`public` is a raw Ed25519 key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(entry.signature, pae(entry.body))
    except (InvalidSignature, ValueError):
        return False
    return True
