"""Ed25519, for whoever signs or verifies here: one strict definition, whichever library computes it. Pure. 签名与验签

libsodium (PyNaCl) is used where it is installed, OpenSSL (`cryptography`) otherwise. RFC 8032 leaves room for two readers
to disagree (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, 2020). A signature counts only if all of this holds:

1. the public key has 32 bytes and the signature (R, S) has 64;
2. the key and R are spelled canonically (y < 2^255 - 19) and neither is one of the eight points of small order: under such a
   key a signature is valid that nobody made;
3. S < L, the order of the base point (RFC 8032 §5.1.7): there is no second spelling of a signature;
4. [S]B = R + [k]A exactly, without the cofactor (the sufficient equation of §5.1.7), where both sides are compared as bytes.

OpenSSL asks 3 and 4, libsodium besides 2 of the key and the small orders of R; 1 and 2 are asked here, before either is
asked, so neither path takes what the other refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from application.verifier.formats.entry import Entry, Signer, pae

try:
    from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
    from nacl.exceptions import CryptoError
except ImportError:  # the verifier in one file needs nothing but `cryptography`
    crypto_sign_open = None  # type: ignore[assignment]

KEY, SEED, SIGNATURE = 32, 32, 64  # bytes
P = 2**255 - 19
SIGN_BIT = 2**255 - 1  # of x; what is left under it is y
# y of the points of order 1, 2, 4 and 8, which stand for both signs of x.
SMALL_ORDER = frozenset(
    {
        0,
        1,
        P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)
# The last bytes, in which x's sign is the highest bit, of these points and of all that is spelled y >= P.
UNSOUND_ENDS = frozenset(y >> 248 | sign for y in {*SMALL_ORDER, P} for sign in (0, 0x80))

Sign = Callable[[bytes], bytes]


class Library(NamedTuple):
    """`holds(public, signature, message)`: conditions 3 and 4, of bytes that satisfy 1 and 2; `signing(seed)` signs."""

    name: str
    holds: Callable[[bytes, bytes, bytes], bool]
    signing: Callable[[bytes], Sign]


def is_valid(public: bytes, signature: bytes, message: bytes, library: Library | None = None) -> bool:
    """Whether the holder of the raw key signed exactly this message; never raises for what the bytes are."""
    return _may_count(public, signature) and (library or IN_USE).holds(public, signature, message)


def first_invalid(
    first: int, signed: Iterable[tuple[bytes, bytes, bytes]], library: Library | None = None
) -> int | None:
    """The first of these public keys, signatures and payloads that is not valid over `pae`, counted from `first` on; else None."""
    holds = (library or IN_USE).holds
    for number, (public, signature, body) in enumerate(signed, first):
        if not (_may_count(public, signature) and holds(public, signature, pae(body))):
            return number
    return None


def _may_count(public: bytes, signature: bytes) -> bool:
    """Conditions 1 and 2. Nearly every R ends with a byte that none of the points has which are refused."""
    return (
        len(signature) == SIGNATURE
        and is_sound(public)
        and (signature[KEY - 1] not in UNSOUND_ENDS or _is_sound_point(signature[:KEY]))
    )


@lru_cache(maxsize=4_096)
def is_sound(public: bytes) -> bool:
    """Whether a signature under this raw key can mean anything: its spelling and order, not that it is on the curve."""
    return len(public) == KEY and _is_sound_point(public)


def is_signed_by(public: bytes, entry: Entry) -> bool:
    """Whether one entry was signed by the holder of the raw key `public`. 单条验签"""
    return is_valid(public, entry.signature, pae(entry.body))


def signing(seed: bytes, library: Library | None = None) -> Sign:
    """Signs messages with the private key of 32 bytes (RFC 8032 §5.1.5). ValueError for another length."""
    if len(seed) != SEED:
        raise ValueError(f"an Ed25519 private key has {SEED} bytes, this one {len(seed)}")
    return (library or IN_USE).signing(seed)


def signer(keyid: str, seed: bytes) -> Signer:
    """ValueError for bytes that are no private key."""
    return Signer(keyid, signing(seed))


def public_key(seed: bytes) -> bytes:
    """The raw public key of a private one. ValueError for another length."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _is_sound_point(encoded: bytes) -> bool:
    y = int.from_bytes(encoded, "little") & SIGN_BIT
    return y < P and y not in SMALL_ORDER


# OpenSSL


def _openssl_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        _openssl_key(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4_096)
def _openssl_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _openssl_signing(seed: bytes) -> Sign:
    return Ed25519PrivateKey.from_private_bytes(seed).sign


OPENSSL = Library("OpenSSL", _openssl_holds, _openssl_signing)


# libsodium


def _libsodium_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, public)  # reads 32 bytes of `public` without asking for its length
    except CryptoError:
        return False
    return True


def _libsodium_signing(seed: bytes) -> Sign:
    _, secret = crypto_sign_seed_keypair(seed)
    return lambda message: crypto_sign(message, secret)[:SIGNATURE]


# A signature for which only the equation with the cofactor holds (ed25519-speccheck, case 4).
COFACTORED = (
    bytes.fromhex("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d"),
    bytes.fromhex(
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
        "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09"
    ),
    bytes.fromhex("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c"),
)


def _libsodium() -> Library | None:
    """None where it is not installed, or is one that multiplies by the cofactor: OpenSSL would refuse what it takes."""
    if crypto_sign_open is None or _libsodium_holds(*COFACTORED):
        return None
    return Library("libsodium", _libsodium_holds, _libsodium_signing)


LIBSODIUM = _libsodium()
IN_USE = LIBSODIUM or OPENSSL
