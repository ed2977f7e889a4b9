"""回执: what stands at a position of the log, and what one command recorded."""

from __future__ import annotations

from typing import Any, NamedTuple

from projections.query.page import fetch
from projections.query.scope import Scope
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

ACCOUNTS = ["person", "official", "role", "key", "credential", "second_factor"]  # what topics about people begin with


def receipt(
    cursor: Any, scope: Scope, position: int, actor: str, *, leads: bool = False, accounts: bool = False
) -> ReceiptItem | None:
    """None if nothing stands there yet, or if it belongs to another unit's matter; whoever acted always sees it.

    `accounts`: also what is about people's accounts, whatever their unit. That somebody accused an official (`lead.referred`) is for whoever referred it, and where `leads` is set.
    """
    query = f"""SELECT {COLUMNS} FROM read.happening h LEFT JOIN {_seen(scope)} ON true WHERE h.since = %(position)s
        AND (h.actor = %(actor)s OR split_part(h.topic, '.', 1) = ANY(%(accounts)s)
            OR (seen.so AND (h.topic <> 'lead.referred' OR %(leads)s)))"""
    bound = {
        "position": position,
        "actor": actor,
        "leads": leads,
        "accounts": ACCOUNTS if accounts else [],
        **scope.bound,
    }
    found = fetch(cursor, query, bound, ReceiptItem)
    return found[0] if found else None


def of_matter(cursor: Any, scope: Scope, id: str) -> list[ReceiptItem]:
    """The receipts of one matter's own events, in the order of the log."""
    query = f"""SELECT {COLUMNS} FROM read.happening h JOIN {_seen(scope)} ON seen.so
        WHERE h.stream = %(id)s ORDER BY h.since"""
    return fetch(cursor, query, {"id": str(id), **scope.bound}, ReceiptItem)


def _seen(scope: Scope) -> str:
    """Whoever sees all units also sees what belongs to none: the rules, the calendar, the log itself.

    LIMIT keeps the database from gathering all matters of the unit for one row.
    """
    if scope.unit is None:
        return "(SELECT true AS so) seen"
    return f"LATERAL (SELECT true AS so FROM ({matters(scope, None)}) m WHERE m.key = h.stream LIMIT 1) seen"
