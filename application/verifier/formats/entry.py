"""The bytes of one entry: a DSSE v1 envelope over RFC 8785 JSON, kept verbatim in the log. Pure.

Whatever is read here may come from an attacker, so parsing is strict: the outer object is rebuilt from its parts and
compared byte by byte, and the payload must be its own canonical form. No second spelling of an entry exists.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

PAYLOAD_TYPE = "application/vnd.xiaohao.event.v1+json"
LARGEST_ENTRY = 65_535  # an entry bundle has 16 bits for a length (C2SP tlog-tiles)
LARGEST_SEALED = 60_000  # what we write ourselves; the rest is room for later members
DEEPEST = 16  # levels of lists and objects; a limit of our own, so that no reader's stack decides
SAFE = 2**53  # whole numbers from here on are not exact in every JSON reader (RFC 7493 §2.2)

_TYPE = PAYLOAD_TYPE.encode()
_PREFIX = b"DSSEv1 %d %s " % (len(_TYPE), _TYPE)
_OPENING = b'{"payload":"'
_BEGIN = len(_OPENING)
# What follows the payload when the signature is one of Ed25519: always as long, and of 64 bytes' base64 the last character
# that counts carries two bits, so four of them are possible and there is one spelling.
_CLOSING = re.compile(
    rb'","payloadType":"%s","signatures":\[\{"keyid":"(ed25519:[0-9a-f]{32})","sig":"([A-Za-z0-9+/]{85}[AQgw]==)"\}\]\}'
    % re.escape(_TYPE)
)
_CLOSING_LENGTH = len(b'","payloadType":"%s","signatures":[{"keyid":"ed25519:%032d","sig":"%088d"}]}' % (_TYPE, 0, 0))
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class NotAnEntry(ValueError):
    """These bytes are not an entry, or this value can't become one."""


@dataclass(frozen=True)
class Signer:
    """A key that somebody may use now, without the key itself: `sign` maps a message to its signature."""

    keyid: str
    sign: Callable[[bytes], bytes]


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of text, whole numbers below 2^53, booleans, lists and objects with ASCII names.

    Raises NotAnEntry for anything else: floats, null, lone surrogates, more than DEEPEST levels. With ASCII names, order by code point is order by
    UTF-16 unit, so the standard library's encoder writes exactly what RFC 8785 asks for.
    """
    _check(value)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise NotAnEntry("text holds a lone surrogate") from None


def _check(value: Any, left: int = DEEPEST) -> None:
    kind, members = type(value), value
    if kind is dict and left:
        members = value.values()
        for name in value:
            if type(name) is not str or not name.isascii():
                raise NotAnEntry(f"a member's name must be ASCII text: {name!r}")
    elif kind is not list or not left:
        if kind is str or kind is bool or (kind is int and -SAFE < value < SAFE):
            return
        raise NotAnEntry(f"not for the log: {value!r:.40}")
    for member in members:
        if type(member) is not str:
            _check(member, left - 1)


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises NotAnEntry for duplicate names, floats and large numbers."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse, parse_int=_whole
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotAnEntry(f"not JSON: {error}") from None
    if type(value) is not dict:
        raise NotAnEntry("not a JSON object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotAnEntry("a member's name stands twice")
    return members


def _whole(digits: str) -> int:
    if len(digits) > 17:
        raise NotAnEntry(f"whole number out of range: {digits[:20]}…")
    return int(digits)


def _refuse(text: str) -> None:
    raise NotAnEntry(f"no such number in the log: {text[:20]}")


decode_first = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).scan_once  # type: ignore[attr-defined]
_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def loads_canonical(body: bytes) -> dict[str, Any]:
    """As `loads`, but only what `canonical` would write; several times as fast."""
    try:
        value: dict[str, Any]
        value, end = decode_first(text := body.decode(), 0)
        as_written = end == len(text) and type(value) is dict and is_spelled_once(value, text)
    except (ValueError, RecursionError, StopIteration) as error:  # the last: there is no value at a place
        raise NotAnEntry(f"the payload is not in canonical form: {error}") from None
    if not as_written:
        raise NotAnEntry("the payload is not in canonical form")
    return value


def is_spelled_once(value: Any, text: str, left: int = DEEPEST) -> bool:
    """Whether the JSON `text`, from which `value` was just decoded, is what `canonical` would write; `left` levels are allowed.

    Without these characters JSON is spelled in one way only, but for names that stand twice and -0, which are counted.
    Raises ValueError for what `canonical` refuses.
    """
    if text.count('":') == _names(value, left) and not (
        "\\" in text or " " in text or "\n" in text or "\r" in text or "\t" in text
    ):
        return True
    return _spell(value) == text


@lru_cache(maxsize=512)
def _in_order(names: tuple[str, ...]) -> bool:
    """There are few kinds of events, so few lists of names."""
    return list(names) == sorted(names) and "".join(names).isascii()


def _names(value: Any, left: int = DEEPEST) -> int:
    """How many names a value that was just decoded has, all in order: never more than its text, and as many only if
    none stands twice. A zero takes one off: it may have been spelled -0.

    Raises ValueError for what `canonical` refuses. Most members are text, which is always good, or a number above zero.
    """
    kind, names, members = type(value), 0, value
    if kind is dict and left:
        names, members = len(value), value.values()
        if not _in_order(tuple(value)):
            raise ValueError("names must be ASCII text, in order")
    elif kind is not list or not left:
        if kind is bool or (kind is int and -SAFE < value < SAFE):
            return -1 if kind is int and value == 0 else 0
        raise ValueError(f"not for the log: {value!r:.40}")
    for each in members:
        if (kind := type(each)) is not str and not (kind is int and 0 < each < SAFE):
            names += _names(each, left - 1)
    return names


def pae(body: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding of the payload."""
    return b"%s%d %s" % (_PREFIX, len(body), body)


def keyid(alg: str, public: bytes) -> str:
    """`ed25519:` and the first 32 hex digits of SHA-256 over the raw public key."""
    return f"{alg}:{sha256(public).hexdigest()[:32]}"


def seal(payload: dict[str, Any], signer: Signer) -> bytes:
    """The entry of a payload, signed. Raises NotAnEntry if it would be too large or holds what the log doesn't take."""
    body = canonical(payload)
    entry = _outer(body, signer.keyid, signer.sign(pae(body)))
    if len(entry) > LARGEST_SEALED:
        name, size = max(((n, len(canonical(v))) for n, v in payload["data"].items()), key=lambda pair: pair[1])
        raise NotAnEntry(f"an entry has at most {LARGEST_SEALED} bytes, this one {len(entry)}; {name} alone has {size}")
    return entry


def _outer(body: bytes, keyid: str, signature: bytes) -> bytes:
    return b'{"payload":"%s","payloadType":"%s","signatures":[{"keyid":%s,"sig":"%s"}]}' % (
        b2a_base64(body, newline=False),
        _TYPE,
        _encode(keyid).encode(),
        b2a_base64(signature, newline=False),
    )


class Entry(NamedTuple):
    """An entry taken apart. Its signature is not verified yet: verify it over `pae(body)` before `payload` is believed."""

    body: bytes
    keyid: str
    signature: bytes

    @property
    def payload(self) -> dict[str, Any]:
        return loads_canonical(self.body)


_entry = Entry._make


def parse(entry: bytes) -> Entry:
    """Take an entry apart. Raises NotAnEntry unless it is spelled exactly as `seal` would spell it."""
    if len(entry) > LARGEST_ENTRY:
        raise NotAnEntry(f"an entry has at most {LARGEST_ENTRY} bytes, this one {len(entry)}")
    return _as_we_write(entry) or _as_anybody_writes(entry)


def _as_we_write(entry: bytes) -> Entry | None:
    """Cut out of bytes that are spelled as expected; None if something is unusual."""
    end = len(entry) - _CLOSING_LENGTH
    # An end within the opening would let the two share a quotation mark.
    if end <= _BEGIN or not entry.startswith(_OPENING) or (rest := _CLOSING.match(entry, end)) is None:
        return None
    try:
        body = a2b_base64(encoded := entry[_BEGIN:end])
    except ValueError:
        return None
    if not _is_spelled(encoded, body):
        return None
    keyid, signature = rest.groups()
    return _entry((body, keyid.decode(), a2b_base64(signature)))


def _is_spelled(encoded: bytes, decoded: bytes) -> bool:
    """Whether this is the base64 of what was decoded from it. Every character carries six bits: where the length is that of
    the one spelling, none was skipped, and only the last four may hold bits that nobody reads, or padding.
    """
    size = len(decoded)
    return (
        len(encoded) == (size + 2) // 3 * 4 and b2a_base64(decoded[-(size % 3 or 3) :], newline=False) == encoded[-4:]
    )


def _as_anybody_writes(entry: bytes) -> Entry:
    try:
        outer = loads(entry)
        [signature] = outer["signatures"]
        taken = Entry(b64decode(outer["payload"]), signature["keyid"], b64decode(signature["sig"]))
        spelled = _outer(taken.body, taken.keyid, taken.signature)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAnEntry(f"not a DSSE envelope with one signature: {error}") from None
    if spelled != entry:
        raise NotAnEntry("the envelope is not spelled canonically")
    return taken


def body_of(entry: bytes) -> bytes:
    """The payload's bytes of an entry that we sealed ourselves and read back from our own table: no checks, fast."""
    return a2b_base64(entry[12 : entry.index(b'"', 12)])
