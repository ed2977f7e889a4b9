"""日志检索: events of the whole log by whatever one knows of them, the newest first. For whoever oversees.

Pages go from the end of the log on: a filter that finds much reads little, and nothing is counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from projections.query.as_of import SHANGHAI
from projections.query.page import containing, fetch


class Event(NamedTuple):
    """One event as the timeline keeps it; `data` is empty for documents, which have pages of their own."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: str
    day: str
    actor: str
    role: str
    unit: str
    command: str
    leaf_hash: str
    data: dict[str, Any]
    backfilled: dict[str, str] | None


@dataclass(frozen=True)
class EventFilter:
    """What is known; None asks nothing. `people` are ids of persons and their accounts, `before` and `after` bound the
    position; `hash` is that of an entry, or its beginning, or that of a piece of evidence; `but` are topics that are not shown."""

    people: tuple[str, ...] | None = None
    unit: str | None = None
    topics: tuple[str, ...] | None = None
    estate: str | None = None
    number: str | None = None
    document: str | None = None
    leaf_hash: str | None = None
    file: str | None = None
    hash: str | None = None
    day: date | None = None
    to_day: date | None = None
    stream: str | None = None
    before: int | None = None
    after: int | None = None
    but: tuple[str, ...] | None = None


COLUMNS = """h.since, h.stream, h.version, h.topic, h.recorded_at, h.day, h.actor, h.role, h.unit, h.command, h.leaf_hash,
    h.data, h.backfilled"""
ESTATES = "SELECT key FROM read.estate e WHERE e.until IS NULL AND e.name LIKE %(estate)s"
CONDITIONS = {
    "people": """(h.actor = ANY(%(people)s) OR h.stream = ANY(%(people)s) OR h.stream IN (SELECT key FROM read.problem p
        WHERE p.until IS NULL AND (p.owner = ANY(%(people)s) OR p.handler = ANY(%(people)s))))""",
    "unit": "h.unit = %(unit)s",
    "topics": "h.topic = ANY(%(topics)s)",
    "but": "h.topic <> ALL(%(but)s)",
    "stream": "h.stream = %(stream)s",
    "leaf_hash": "h.leaf_hash ^@ %(leaf_hash)s",
    "file": "h.since IN (SELECT x.since FROM read.exhibit x WHERE x.sha256 = %(file)s)",
    "hash": """h.since IN (SELECT y.since FROM read.happening y WHERE y.leaf_hash ^@ %(hash)s
        UNION SELECT x.since FROM read.exhibit x WHERE x.sha256 = %(hash)s)""",
    "estate": f"""h.stream IN ({ESTATES}
        UNION SELECT key FROM read.problem p WHERE p.until IS NULL AND p.estate IN ({ESTATES})
        UNION SELECT key FROM read.tip t WHERE t.until IS NULL AND t.estate IN ({ESTATES}))""",
    "number": "h.stream IN (SELECT key FROM read.problem p WHERE p.until IS NULL AND p.number = %(number)s)",
    "document": "h.stream IN (SELECT key FROM read.deduction d WHERE d.until IS NULL AND d.document = %(document)s)",
    "day": "h.recorded_at >= %(day)s",
    "to_day": "h.recorded_at < %(to_day)s",
    "before": "h.since < %(before)s",
    "after": "h.since > %(after)s",
}


def events(cursor: Any, wanted: EventFilter, *, size: int = 20, oldest_first: bool = False) -> list[Event]:
    """At most `size` events."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    bound = {name: _bound(name, value) for name, value in asked.items()}
    condition = " AND ".join(CONDITIONS[name] for name in asked) or "true"
    order = "" if oldest_first else " DESC"
    query = f"SELECT {COLUMNS} FROM read.happening h WHERE {condition} ORDER BY h.since{order} LIMIT {size:d}"
    return fetch(cursor, query, bound, _event)


def _bound(name: str, value: Any) -> Any:
    match name:
        case "estate":
            return containing(value)
        case "day":
            return _begins(value)
        case "to_day":
            return _begins(value + timedelta(days=1))
        case "people" | "topics" | "but":
            return list(value)
    return value


def _begins(day: date) -> str:
    """The moment at which that day begins in Shanghai."""
    return moment(datetime.combine(day, time(), SHANGHAI))


def moment(at: datetime) -> str:
    """As the log writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _event(*columns: Any) -> Event:
    *own, data, backfilled = columns
    return Event._make([*own, json.loads(data) if data else {}, json.loads(backfilled) if backfilled else None])


def labels(cursor: Any, streams: list[str]) -> dict[str, str]:
    """What people call the things behind these streams: number and title of a problem, names of estates and companies."""
    query = """SELECT key, number || ' ' || title FROM read.problem WHERE until IS NULL AND key = ANY(%(streams)s)
        UNION ALL SELECT key, name FROM read.estate WHERE until IS NULL AND key = ANY(%(streams)s)
        UNION ALL SELECT key, name FROM read.company WHERE until IS NULL AND key = ANY(%(streams)s)
        UNION ALL SELECT d.key, p.number || ' ' || p.title FROM read.deduction d JOIN read.problem p ON p.key = d.problem
            AND p.until IS NULL WHERE d.until IS NULL AND d.key = ANY(%(streams)s)"""
    return dict(fetch(cursor, query, {"streams": streams}, lambda key, name: (key, name)))


def tips_at(cursor: Any, streams: list[str]) -> dict[str, int]:
    """Of those that are tips: the position of the registration, by which people call a tip."""
    query = "SELECT key, position FROM read.tip WHERE until IS NULL AND key = ANY(%(streams)s)"
    return dict(fetch(cursor, query, {"streams": streams}, lambda key, position: (key, position)))


def topics_at(cursor: Any, positions: list[int]) -> dict[int, str]:
    """What kind of event stands at each of these positions."""
    query = "SELECT since, topic FROM read.happening WHERE since = ANY(%(positions)s)"
    return dict(fetch(cursor, query, {"positions": positions}, lambda position, topic: (position, topic)))
