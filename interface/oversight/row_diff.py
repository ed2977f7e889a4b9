"""改动之处: what somebody changed in a row of the log, held against the entry that was published."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

from application.verifier.formats.entry import NotAnEntry, loads, parse

ABSENT = "—"


class Difference(NamedTuple):
    """A member of the entry, like data.points_x10, as it was published and as the database has it now."""

    name: str
    published: str
    stored: str


def differences(published: bytes, stored: bytes) -> list[Difference] | None:
    """None if one of them is no entry at all."""
    try:
        told, found = (dict(_members(entry)) for entry in (published, stored))
    except (NotAnEntry, ValueError):
        return None
    names = dict.fromkeys([*told, *found])
    pairs = [Difference(name, told.get(name, ABSENT), found.get(name, ABSENT)) for name in names]
    return [one for one in pairs if one.published != one.stored]


def _members(entry: bytes) -> Iterator[tuple[str, str]]:
    taken = parse(entry)
    yield from _flat("", loads(taken.body))
    yield "keyid", taken.keyid
    yield "sig", b64encode(taken.signature).decode()


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _flat(f"{name}.{inner}" if name else inner, each)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
