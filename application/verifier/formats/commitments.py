"""Salted commitments: what the log holds instead of a person's words or name (docs/format.md §10.1). Pure. 承诺值

A bare hash of a phone number falls in minutes; with 32 random bytes of salt nobody can try values out, and whoever is shown
a value with its salt can check it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from unicodedata import normalize

from application.verifier.formats.entry import NotAnEntry, canonical, parse
from application.verifier.formats.merkle import leaf_hash

SALT = 32
OPENING = "xiaohao.opening/v1"
MEMBERS = {"format": str, "log": str, "index": int, "leaf_hash": str, "label": str, "salt": str}


def commit(label: str, salt: bytes, value: bytes | str) -> str:
    """Lower hex of SHA-256(`trail/commit/v1` 00 label 00 salt[32] len(value) as uint64 big-endian, value); text in NFC."""
    if len(salt) != SALT:
        raise ValueError(f"a salt has {SALT} bytes")
    body = normalize("NFC", value).encode() if isinstance(value, str) else value
    return sha256(
        b"trail/commit/v1\0%s\0%s%s%s" % (label.encode("ascii"), salt, len(body).to_bytes(8), body)
    ).hexdigest()


def opening(log: str, index: int, leaf: str, label: str, salt: str, value: Any) -> dict[str, Any]:
    """What one commitment says, to be shown to whoever holds the entry at this index; the others stay shut."""
    return {
        "format": OPENING,
        "log": log,
        "index": index,
        "leaf_hash": leaf,
        "label": label,
        "salt": salt,
        "value": value,
    }


def opens(opening: Any, entry: bytes) -> str | None:
    """None if this opening is what the entry committed to; else, in English, why it isn't. A list is RFC 8785 of itself."""
    if not isinstance(opening, dict) or any(type(opening.get(n)) is not kind for n, kind in MEMBERS.items()):
        return "this is no opening: a member is missing or of another type"
    if opening["format"] != OPENING or not isinstance(opening.get("value"), str | list):
        return "this is no opening that is known here"
    try:
        payload = parse(entry).payload
    except NotAnEntry as error:
        return f"this is no entry of a log: {error}"
    if opening["leaf_hash"] != leaf_hash(entry).hex():
        return "the opening is of another entry: the hashes differ"
    if (opening["log"], opening["index"]) != (payload.get("log"), payload.get("seq")):
        return "the opening names another log or index than the entry"
    return _committed(opening, payload)


def _committed(opening: dict[str, Any], payload: dict[str, Any]) -> str | None:
    data = payload.get("data")
    commits = data.get("commits") if isinstance(data, dict) else None
    if not isinstance(commits, dict) or opening["label"] not in commits:
        return f"the entry commits to no {opening['label']}"
    value = opening["value"]
    try:
        said = commit(
            opening["label"], bytes.fromhex(opening["salt"]), value if isinstance(value, str) else canonical(value)
        )
    except (ValueError, TypeError):
        return "the salt or the value is malformed"
    return None if said == commits[opening["label"]] else "the value is not what the entry committed to"
