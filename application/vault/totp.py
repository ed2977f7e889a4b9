"""One-time codes by the clock, as every authenticator app makes them (RFC 6238: SHA-1, 30 seconds, 6 digits). 动态验证码"""

from __future__ import annotations

import hmac
import os
from base64 import b32decode, b32encode
from datetime import datetime
from unicodedata import normalize
from urllib.parse import quote, urlencode

SECRET = 20  # bytes, as long as the hash
PERIOD, DIGITS = 30, 6
WINDOW = 1  # steps that the clocks may be apart


def new_secret() -> str:
    """Base32, as it is typed into an app."""
    return b32encode(os.urandom(SECRET)).decode()


def secret_of(typed: str) -> bytes | None:
    """The bytes of a secret; None for what is none."""
    try:
        secret = b32decode(typed)
    except ValueError:
        return None
    return secret if len(secret) == SECRET else None


def code(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """RFC 4226: four bytes of the HMAC, from where its last half byte says."""
    mac = hmac.digest(secret, step.to_bytes(8), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def plain(typed: str) -> str:
    """As a code was meant: letters and digits only, full-width ones as ordinary ones, in capitals."""
    return "".join(sign for sign in normalize("NFKC", typed) if sign.isascii() and sign.isalnum()).upper()


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // PERIOD


def matching(secret: bytes, typed: str, moment: datetime, *, after: int = -1) -> int | None:
    """The step whose code was typed; None if it is none of those around now, or one up to and with `after`, which are spent."""
    given, now = plain(typed).encode(), step_at(moment)
    near = [
        step
        for step in range(now - WINDOW, now + WINDOW + 1)
        if hmac.compare_digest(code(secret, step).encode(), given)
    ]
    return next((step for step in near if step > after), None)


def address(secret: str, *, issuer: str, account: str) -> str:
    """What the QR code says to an app."""
    asked = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD}
    return f"otpauth://totp/{quote(f'{issuer}:{account}', safe='')}?{urlencode(asked)}"
