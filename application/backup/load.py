"""Puts a backup into an empty database and an empty home; what was destroyed since stays destroyed. 备份恢复"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values

from application.backup.container import PartReader
from application.backup.manifest import TABLE, TIP_KEYS, Manifest
from application.backup.read import OpenBackup
from application.backup.tables import copy_in
from application.platform.database import Database
from application.platform.failures import OperatorError
from application.platform.migrate import bring_up_to_date
from application.vault.crypto import KEY, place
from application.vault.epochs import Epochs
from application.verifier.formats.merkle import Edge

AT_ONCE = 500
WRAP = """UPDATE vault.tip_blob t SET epoch = new.epoch, wrapped_key = new.wrapped
    FROM (VALUES %s) new (tip, blob, epoch, wrapped) WHERE t.tip = new.tip::uuid AND t.blob = new.blob"""
# Of the tips that the log says were destroyed, nothing is left; the words of an entry are said again by no backup.
DESTROYED = """
    DELETE FROM vault.{table} gone USING log.event e WHERE e.topic = 'tip.shredded' AND e.stream = gone.tip"""
REGISTERED = "DELETE FROM vault.public_waiting w USING log.command c WHERE c.id = w.command"
LOST = """SELECT e.stream FROM log.event e WHERE e.topic = 'tip.registered' AND e.position > %s
    AND NOT EXISTS (SELECT FROM vault.tip_blob b WHERE b.tip = e.stream)
    AND NOT EXISTS (SELECT FROM log.event d WHERE d.stream = e.stream AND d.topic = 'tip.shredded') ORDER BY e.position"""


@dataclass
class Loaded:
    """`rows` by table; `size`: entries of the backup."""

    size: int
    rows: dict[str, int] = field(default_factory=dict)


def refuse_living(database: Database) -> None:
    """Raises OperatorError where this database holds a log: nothing is restored over it."""
    with database.cursor() as cursor:
        cursor.execute("SELECT to_regclass('log.event') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT EXISTS (SELECT FROM log.event)")
            if cursor.fetchone()[0]:
                raise OperatorError(
                    "couldn't restore: the database already holds a log, and nothing is restored over it; name an empty one"
                )


def load(database: Database, backup: OpenBackup, manifest: Manifest) -> Loaded:
    """All tables as they were, in one transaction, as their owner; the keys of the tips come later (`rewrap`). Raises OperatorError."""
    bring_up_to_date(database, only=set(backup.header.migrations))
    loaded = Loaded(manifest.size)
    with database.transaction() as cursor, backup.parts() as parts:
        for name, part in parts:
            table = name.removeprefix(TABLE)
            if name.startswith(TABLE) and table in manifest.tables:
                said = manifest.tables[table]
                loaded.rows[table] = copy_in(cursor, table, said["columns"], part)
                if loaded.rows[table] != said["rows"]:
                    raise OperatorError(f"couldn't restore: {table} has {loaded.rows[table]} rows, not {said['rows']}")
        cursor.execute("SELECT size, edge FROM log.head")
        size, edge = cursor.fetchone()
        if Edge.from_bytes(size, bytes(edge)).root.hex() != manifest.root:
            raise OperatorError("couldn't restore: the log's head in the backup is not the one that its list names")
        cursor.execute("ANALYZE")
    bring_up_to_date(database)
    return loaded


def forget_destroyed(database: Database, sealed_to: int) -> None:
    """What the log says was destroyed, or has become an entry since the backup; new readings are numbered behind `sealed_to`."""
    with database.transaction() as cursor:
        for table in ("tip_blob", "tip_minhash"):
            cursor.execute(DESTROYED.format(table=table))
        cursor.execute(REGISTERED)
        cursor.execute("SELECT pg_get_serial_sequence('vault.access', 'id')")
        (sequence,) = cursor.fetchone()
        cursor.execute(
            "SELECT setval(%s, greatest((SELECT coalesce(max(id), 0) FROM vault.access), %s) + 1, false)",
            (sequence, sealed_to),
        )


def rewrap(database: Database, backup: OpenBackup, epochs: Epochs) -> int:
    """The keys of the tips that are left, under a new epoch; how many. A destroyed tip's key never comes here."""
    with database.cursor() as cursor:
        cursor.execute("SELECT greatest(coalesce(max(epoch), 0), (SELECT oldest FROM vault.epoch)) FROM vault.tip_blob")
        (before,) = cursor.fetchone()
    epochs.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    epoch = epochs.begin(before + 1)
    box, wrapped = epochs.box(epoch), 0
    with database.transaction() as cursor, backup.parts() as parts:
        cursor.execute("UPDATE vault.epoch SET oldest = %s", (epoch,))
        cursor.execute("SELECT tip, blob FROM vault.tip_blob")
        left = set(cursor.fetchall())
        for name, part in parts:
            if name == TIP_KEYS:
                for rows in _batched(_keys(part)):
                    new = [
                        (tip, blob, epoch, box.seal(key, place(tip, blob)))
                        for tip, blob, key in rows
                        if (tip, blob) in left
                    ]
                    if new:
                        execute_values(cursor, WRAP, new, page_size=AT_ONCE)
                        wrapped += len(new)
    return wrapped


def lost_tips(database: Database, since: int) -> list[str]:
    """Tips that were registered behind this position, whose words nobody has any more."""
    with database.cursor() as cursor:
        cursor.execute(LOST, (since,))
        return [str(tip) for (tip,) in cursor.fetchall()]


def _keys(part: PartReader) -> Iterator[tuple[UUID, str, bytes]]:
    waiting = b""
    while piece := part.read(1 << 16):
        waiting += piece
        at = 0
        while len(waiting) - at > 16 and len(waiting) - at >= (whole := 17 + waiting[at + 16] + KEY):
            end = at + whole
            yield UUID(bytes=waiting[at : at + 16]), waiting[at + 17 : end - KEY].decode(), waiting[end - KEY : end]
            at = end
        waiting = waiting[at:]


def _batched(found: Iterator[tuple[UUID, str, bytes]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for one in found:
        batch.append(one)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
