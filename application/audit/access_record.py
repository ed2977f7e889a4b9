"""The table of readings (who opened which words, and why), sealed into the log every hour. 查阅记录封存

A row's leaf is RFC 6962's hash of its RFC 8785 JSON {id, at, actor, unit, what, why}, `at` in UTC with microseconds; the root
is that of the tree over the rows in the order of their ids (docs/format.md §10.8). Ranges follow each other without a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.platform.clock import rfc3339
from application.platform.database import Database
from application.verifier.formats.entry import body_of, canonical, loads
from application.verifier.formats.merkle import Edge, leaf_hash
from domain.base import public_id
from domain.errors import Conflict
from domain.log.log import AccessSeal
from domain.values import CITY, Actor

JOB = Actor("system:seal_access", "system", CITY)
SETTLED = "1 minute"  # after which no row with a smaller id is still on its way into the table
ROWS = """
    SELECT id, at, actor, unit, what, why FROM vault.access
    WHERE id > %(after)s AND (%(to)s IS NULL OR id <= %(to)s) ORDER BY id"""


@dataclass(frozen=True, kw_only=True)
class SealAccess(Command):
    """封存查阅记录: the rows `first`..`last` by id."""

    first: int
    last: int
    count: int
    root: str


class Seal(NamedTuple):
    """The newest seal: up to which row, and when it was recorded (UTC)."""

    last: int
    recorded_at: str


class Reading(NamedTuple):
    """Who opened or exported what, and why, as the table has it."""

    at: datetime
    actor: str
    unit: str
    what: str
    why: str


def seal_access(command: SealAccess, ledger: Ledger) -> Receipt:
    seal = AccessSeal.seal(
        origin=ledger.origin,
        first=command.first,
        last=command.last,
        count=command.count,
        root=command.root,
        actor=command.actor,
    )
    return ledger.commit(seal, command=command)


def seal_readings(ledger: Ledger, *, settled: str = SETTLED) -> Receipt | None:
    """Seal what was read since the last seal; None where nothing is new, or another process has just done it."""
    database, before = ledger.table.database, newest(ledger.table.database)
    after = before.last if before else 0
    if (last := _settled(database, after, settled)) is None:
        return None
    tree = tree_over(readings(database, after, last))
    id = public_id(ledger.origin, "access seal", str(after + 1))
    command = SealAccess(id=id, actor=JOB, first=after + 1, last=last, count=tree.size, root=tree.root.hex())
    try:
        return ledger.handle(command)
    except Conflict:
        return None


def altered(database: Database, sealed: dict[str, Any], after: int) -> str | None:
    """What is wrong with the rows that `sealed` (the data of its event) speaks of; `after`: where the seal before it ended."""
    if sealed["from"] != after + 1:
        return f"the seal begins with reading {sealed['from']}, not {after + 1}"
    tree = tree_over(readings(database, after, sealed["to"]))
    if (tree.size, tree.root.hex()) != (sealed["count"], sealed["root"]):
        return f"the readings {sealed['from']} to {sealed['to']} are not those that were sealed"
    return None


def newest(database: Database) -> Seal | None:
    with database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event WHERE topic = 'access.sealed' ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        return None
    payload = loads(body_of(bytes(row[0])))
    return Seal(payload["data"]["to"], payload["recorded_at"])


def readings(database: Database, after: int, to: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows behind `after` up to and with `to`, as their leaves say them."""
    with database.transaction(read_only=True) as cursor:
        cursor.execute(ROWS, {"after": after, "to": to})
        while rows := cursor.fetchmany(1_000):
            yield from (_said(*row) for row in rows)


def of_tip(database: Database, tip: UUID, *, size: int = 100) -> list[Reading]:
    """Who read what of this tip, the newest first."""
    return _listed(database, "what LIKE %s", f"tip/{tip}/%", size)


def of_official(database: Database, official: str, *, size: int = 200) -> list[Reading]:
    """What this account has read and exported, the newest first."""
    return _listed(database, "actor = %s", official, size)


def _listed(database: Database, condition: str, value: str, size: int) -> list[Reading]:
    with database.cursor() as cursor:
        query = f"SELECT at, actor, unit, what, why FROM vault.access WHERE {condition} ORDER BY id DESC LIMIT %s"
        cursor.execute(query, (value, size))
        return [Reading(*row) for row in cursor.fetchall()]


def _said(id: int, at: datetime, actor: str, unit: str, what: str, why: str) -> dict[str, Any]:
    return {"id": id, "at": rfc3339(at), "actor": actor, "unit": unit, "what": what, "why": why}


def tree_over(rows: Iterator[dict[str, Any]]) -> Edge:
    edge = Edge()
    for row in rows:
        edge = edge.grown(leaf_hash(canonical(row)))
    return edge


def _settled(database: Database, after: int, settled: str) -> int | None:
    """The last row that may be sealed: before it none can still appear."""
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT max(id) FROM vault.access WHERE id > %(after)s AND id < coalesce(
                (SELECT min(id) FROM vault.access WHERE id > %(after)s AND at > clock_timestamp() - %(settled)s::interval),
                (SELECT max(id) + 1 FROM vault.access))""",
            {"after": after, "settled": settled},
        )
        return cursor.fetchone()[0]


HANDLERS: Handlers = {
    SealAccess: seal_access,
}
