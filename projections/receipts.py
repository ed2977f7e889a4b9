"""回执: what stands at a position of the log, and what one command recorded."""

from __future__ import annotations

from typing import Any, NamedTuple

from projections.page import fetch
from projections.scope import Scope
from projections.timeline import matters


class ReceiptItem(NamedTuple):
    """`leaf_hash` is the entry's one hash everywhere (RFC 6962 leaf, hex)."""

    position: int
    leaf_hash: str
    recorded_at: str
    topic: str
    stream: str
    version: int
    command: str
    actor: str


COLUMNS = "h.since, h.leaf_hash, h.recorded_at, h.topic, h.stream, h.version, h.command, h.actor"


def receipt(cursor: Any, scope: Scope, position: int) -> ReceiptItem | None:
    """None if nothing stands there yet, or if it belongs to another unit's matter."""
    found = _select(cursor, scope, "h.since = %(position)s", {"position": position})
    return found[0] if found else None


def of_matter(cursor: Any, scope: Scope, id: str) -> list[ReceiptItem]:
    """The receipts of one matter's own events, in the order of the log."""
    return _select(cursor, scope, "h.stream = %(id)s", {"id": str(id)})


def _select(cursor: Any, scope: Scope, condition: str, bound: dict[str, Any]) -> list[ReceiptItem]:
    # Whoever sees all units also sees what belongs to none: the rules, the calendar, the log itself.
    # LIMIT keeps the database from gathering all matters of the unit for one row.
    seen = f"CROSS JOIN LATERAL (SELECT FROM ({matters(scope, None)}) m WHERE m.key = h.stream LIMIT 1) seen"
    query = f"SELECT {COLUMNS} FROM read.happening h {seen if scope.unit else ''} WHERE {condition} ORDER BY h.since"
    return fetch(cursor, query, {**bound, **scope.bound}, ReceiptItem)
