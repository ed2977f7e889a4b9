"""The log read straight from its table: for the publisher, proofs and fsck. 日志读取"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from application.platform.clock import rfc3339
from application.platform.database import Database
from application.verifier.formats.entry import NotAnEntry, body_of, loads
from application.verifier.formats.merkle import HASH, Edge

PAGE, LEAVES = 2_048, 32_768
COLUMNS = ("position", "stream", "version", "topic", "command")


class Stored(NamedTuple):
    """A row of log.event, as it lies there; ids as PostgreSQL spells them, which is how the entries must."""

    position: int
    stream: str
    version: int
    topic: str
    command: str
    entry: bytes
    leaf_hash: bytes


class LogRows:
    """The rows as they lie there; SELECT on the log is all that it needs."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def head(self) -> Edge:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT size, edge FROM log.head")
            size, edge = cursor.fetchone()
        return Edge.from_bytes(size, bytes(edge))

    def recorded_at(self) -> tuple[int, str]:
        """The head's size and its time, which the next event may not be before."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT size, recorded_at FROM log.head")
            size, moment = cursor.fetchone()
        return size, rfc3339(moment)

    def recorded_at_of(self, position: int) -> str:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT entry FROM log.event WHERE position = %s", (position,))
            row = cursor.fetchone()
        return loads(body_of(bytes(row[0])))["recorded_at"] if row else ""

    def entries(self, first: int, stop: int) -> Iterator[bytes]:
        """Entries of the leaf indices first ≤ i < stop."""
        return (row.entry for row in self.rows(first, stop))

    def leaves(self, first: int, stop: int) -> Iterator[bytes]:
        """The stored leaf hashes of the indices first ≤ i < stop; the table is asked in pages, as far as they are taken.

        A page is one value, and the next one comes while this one is hashed: a million rows one by one take twice as long.
        """
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self._leaves, first, stop)
            for start in range(first, stop, LEAVES):
                data = coming.result()
                coming = ahead.submit(self._leaves, start + LEAVES, stop)
                yield from (data[at : at + HASH] for at in range(0, len(data), HASH))

    def _leaves(self, start: int, stop: int) -> bytes:
        if start >= stop:
            return b""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(leaf_hash, ''::bytea ORDER BY position) FROM log.event"
                " WHERE position > %s AND position <= %s",
                (start, min(start + LEAVES, stop)),
            )
            (data,) = cursor.fetchone()
        return bytes(data or b"")

    def rows(self, first: int, stop: int) -> Iterator[Stored]:
        for start in range(first, stop, PAGE):
            with self.database.cursor() as cursor:
                cursor.execute(
                    "SELECT position, stream::text, version, topic, command::text, entry, leaf_hash FROM log.event"
                    " WHERE position > %s AND position <= %s ORDER BY position",
                    (start, min(start + PAGE, stop)),
                )
                rows = cursor.fetchall()
            for *columns, entry, leaf in rows:
                yield Stored._make([*columns, bytes(entry), bytes(leaf)])


def columns_differ(row: Stored, payload: dict[str, Any] | None = None) -> str | None:
    """The first column that says something else than the sealed payload, which is decoded here where it is not given."""
    try:
        payload = payload or loads(body_of(row.entry))
        said = (payload["seq"] + 1, payload["stream"], payload["version"], payload["type"], payload["command"])
    except (NotAnEntry, ValueError, KeyError, TypeError):
        return "entry"
    return next((name for name, told, is_so in zip(COLUMNS, said, row, strict=False) if told != is_so), None)
