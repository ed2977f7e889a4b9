"""What the database has lost is inserted again from the published folder, verified first (docs/format.md §6.7). 恢复

Nothing is overwritten: a row that holds another entry than the one that was published is evidence, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values

from application.core.ledger import Ledger
from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.merkle import Edge, leaf_hash
from application.verifier.formats.tiles import WIDTH, Tiles, directory
from application.verifier.verify import VerifyOptions, verify

INSERT_EVENT = "INSERT INTO log.event (position, stream, version, topic, command, entry, leaf_hash) VALUES %s"
# A command's digest stands in no entry: a form sent again after a restore is refused, where it was answered before.
INSERT_COMMAND = "INSERT INTO log.command (id, actor, digest, first, last) VALUES %s ON CONFLICT DO NOTHING"
SHOWN = 5
Missing = tuple[int, dict[str, Any], bytes, bytes]  # position, payload, entry, leaf hash


@dataclass
class Restored:
    """`inserted` are positions that were missing; `lost` such that were never published, so nobody here has them."""

    published: int = 0
    inserted: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


def restore(home: Home, ledger: Ledger, *, examined_later: bool = False) -> Restored:
    """All that was published stands in the table again, or nothing was changed. Raises OperatorError.

    `examined_later`: `fsck` examines every row and every file before anybody works with them, so here only the folder's tree
    and checkpoint are verified, and only what lies behind the head is looked at.
    """
    fetch = directory(home.trail)
    verdict = verify(fetch, VerifyOptions(LogKeys.load(home.keys).vkeys, signatures=not examined_later))
    if verdict.checkpoint is None or not verdict.ok:
        said = verdict.said("en")
        raise OperatorError(f"couldn't restore: the published folder {home.trail} is itself no good: {said}")
    done = Restored(verdict.checkpoint.size)
    with ledger.table.database.transaction() as cursor:
        cursor.execute("SELECT size, edge FROM log.head FOR UPDATE")
        size, stored = cursor.fetchone()
        edge = Edge.from_bytes(size, bytes(stored)) if examined_later else Edge()
        differing, recorded_at = list[int](), ""
        commands: dict[str, tuple[str, int, int]] = {}
        tiles = Tiles(fetch, done.published)
        for first, entries in _bundles(tiles, edge.size):
            known = _leaves(cursor, first, first + len(entries))
            missing = []
            for position, entry in enumerate(entries, first + 1):
                leaf = leaf_hash(entry)
                edge = edge.grown(leaf) if position > edge.size else edge
                if position not in known:
                    missing.append((position, loads(body_of(entry)), entry, leaf))
                elif known[position] != (leaf, entry):
                    differing.append(position)
            _insert(cursor, missing, commands)
            done.inserted += [position for position, *_ in missing]
            recorded_at = loads(body_of(entries[-1]))["recorded_at"]
        _refuse(differing)
        rows = [(UUID(id), actor, b"", first, last) for id, (actor, first, last) in commands.items()]
        if rows:
            execute_values(cursor, INSERT_COMMAND, rows)
        if size < done.published:
            _move_head(cursor, edge, recorded_at)
        done.lost = _gaps(cursor, done.published, size)
    return done


def _bundles(tiles: Tiles, known: int) -> Iterator[tuple[int, list[bytes]]]:
    """From the one on in which something is that is not known."""
    for number in range(known // WIDTH, -(-tiles.size // WIDTH)):
        yield number * WIDTH, tiles.entries(number)


def _leaves(cursor: Any, first: int, stop: int) -> dict[int, tuple[bytes, bytes]]:
    cursor.execute(
        "SELECT position, leaf_hash, entry FROM log.event WHERE position > %s AND position <= %s", (first, stop)
    )
    return {position: (bytes(leaf), bytes(entry)) for position, leaf, entry in cursor.fetchall()}


def _insert(cursor: Any, missing: list[Missing], commands: dict[str, tuple[str, int, int]]) -> None:
    """The rows themselves; their commands are remembered, since one may reach into the next bundle."""
    rows = []
    for position, said, entry, leaf in missing:
        id, actor = said["command"], said["actor"]
        rows.append((position, UUID(said["stream"]), said["version"], said["type"], UUID(id), entry, leaf))
        commands[id] = (actor, commands[id][1] if id in commands else position, position)
    if rows:
        execute_values(cursor, INSERT_EVENT, rows)


def _refuse(differing: list[int]) -> None:
    if differing:
        shown = ", ".join(map(str, differing[:SHOWN])) + (" …" if len(differing) > SHOWN else "")
        raise OperatorError(
            f"couldn't restore: {len(differing)} rows hold other entries than were published (position {shown}); they are "
            "evidence and are not overwritten: keep this database, and restore into a new one"
        )


def _move_head(cursor: Any, edge: Edge, recorded_at: str) -> None:
    cursor.execute(
        "UPDATE log.head SET size = %s, edge = %s, recorded_at = %s",
        (edge.size, edge.to_bytes(), datetime.fromisoformat(recorded_at)),
    )


def _gaps(cursor: Any, published: int, size: int) -> list[int]:
    """Positions behind the published ones that the head says there are and the table does not have."""
    cursor.execute(
        "SELECT n FROM generate_series(%s::bigint, %s::bigint) n"
        " WHERE NOT EXISTS (SELECT FROM log.event WHERE position = n)",
        (published + 1, size),
    )
    return [position for (position,) in cursor.fetchall()]
