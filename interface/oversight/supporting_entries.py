"""随附条目: which entries of the log a pack needs besides, so that keys, names and units in it are proved too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from application.verifier.formats.entry import Entry, parse
from application.verifier.rules.event_schema import UUID

NAMING = ("official.enrolled", "person.named", "estate.registered", "company.registered")
KEYS = "SELECT position, entry FROM log.event WHERE topic IN ('log.opened', 'key.enrolled', 'key.rotated') ORDER BY position"
UNITS = "SELECT position, entry FROM log.event WHERE topic = 'unit.registered' ORDER BY position"
FIRST = """SELECT position, entry FROM log.event
    WHERE stream = ANY(%s::uuid[]) AND version = 1 AND topic = ANY(%s) ORDER BY position"""
ROTATED = "SELECT position FROM log.event WHERE topic = 'log.key_rotated' ORDER BY position"


def supporting(cursor: Any, positions: Iterable[int], entry: Callable[[int], bytes | None]) -> list[int]:
    """The positions of the entries that enrolled each signing key, back to the first entry, and of those that name whoever and
    whatever the entries at `positions` speak of. `entry` gives what is published; nothing else can be proved.
    """
    main = list(positions)
    told = {position: parse(raw) for position in main if (raw := entry(position)) is not None}
    said = {text for each in told.values() for text in _texts(each.payload)}
    cursor.execute(ROTATED)
    found = {1, *(position for (position,) in cursor.fetchall())}
    found |= _naming(cursor, {text for text in said if UUID.fullmatch(text)})
    cursor.execute(UNITS)
    found |= {position for position, raw in cursor.fetchall() if parse(bytes(raw)).payload["data"]["code"] in said}
    found = {position for position in found if entry(position) is not None}
    return sorted(_with_keys(cursor, found | set(main), entry) - set(main))


def _naming(cursor: Any, ids: set[str]) -> set[int]:
    """The first events of those streams, and of the persons behind officials."""
    cursor.execute(FIRST, (sorted(ids), list(NAMING)))
    rows = [(position, parse(bytes(raw)).payload) for position, raw in cursor.fetchall()]
    persons = {payload["data"]["person"] for _, payload in rows if payload["type"] == "official.enrolled"}
    found = {position for position, _ in rows}
    return found | (_naming(cursor, persons - ids) if persons - ids else set())


def _with_keys(cursor: Any, wanted: set[int], entry: Callable[[int], bytes | None]) -> set[int]:
    """With the entry that brought each key, and those that brought the keys of these."""
    cursor.execute(KEYS)
    brought = {keyid: position for position, raw in cursor.fetchall() for keyid in _keyids(parse(bytes(raw)))}
    found, waiting = set[int](), set(wanted)
    while waiting:
        position = waiting.pop()
        found.add(position)
        raw = entry(position)
        by = brought.get(parse(raw).keyid) if raw is not None else None
        waiting |= {by} - found if by is not None else set()
    return found


def _keyids(brings: Entry) -> Iterator[str]:
    data = brings.payload["data"]
    for members in (data, data.get("service"), data.get("administrator")):
        if isinstance(members, dict) and isinstance(members.get("keyid"), str):
            yield members["keyid"]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(member)
