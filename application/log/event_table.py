"""The log on PostgreSQL, as a persistence module of the eventsourcing library: gapless, sealed, append-only. 日志存储"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Notification,
    StoredEvent,
    Subscription,
)

from application.log.append_batch import Append, Appended, Codec, Known
from application.log.group_commit import Writer
from application.log.head_guard import HeadGuard
from application.platform.clock import Clock, SystemClock
from application.platform.clock_check import ClockFault, clock_fault
from application.platform.database import Database


class EventTable(ApplicationRecorder):
    """Appends and reads stored events; never changes one. Position − 1 is the leaf index."""

    def __init__(
        self, database: Database, codec: Codec, clock: Clock | None = None, guard: HeadGuard | None = None
    ) -> None:
        super().__init__()
        self.database, self.codec = database, codec
        self.writer = Writer(database, codec, clock or SystemClock(), guard)

    def submit(self, append: Append) -> Append:
        """Queue a command's events; `.wait()` says where they stand, or raises why not."""
        self.writer.put(append)
        return append

    def record(self, append: Append) -> Appended:
        """Record a command's events now; raises why not. In the thread that asks, where nobody else is at it."""
        self.writer.record(append)
        return append.wait()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """What the library's own `save` calls; our ledger submits commands instead."""
        if not stored_events:
            return []
        placed = self.record(Append(stored_events, uuid4()))
        return list(range(placed.first, placed.last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        query = f"""SELECT stream, version, topic, entry FROM log.event
                    WHERE stream = %s AND version > %s AND (%s IS NULL OR version <= %s)
                    ORDER BY version {"DESC" if desc else "ASC"} LIMIT %s"""
        with self.database.cursor() as cursor:
            cursor.execute(query, (originator_id, -1 if gt is None else gt, lte, lte, limit))
            return [
                StoredEvent(stream, version, topic, self.codec.open(bytes(entry)))
                for stream, version, topic, entry in cursor
            ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        query = """SELECT stream, version, topic, entry, position FROM log.event
                   WHERE position >= %s AND (%s IS NULL OR position <= %s) AND (%s = '{}' OR topic = ANY(%s))
                   ORDER BY position LIMIT %s"""
        first = 1 if start is None else start + (not inclusive_of_start)
        with self.database.cursor() as cursor:
            cursor.execute(query, (first, stop, stop, list(topics), list(topics), limit))
            return [
                Notification(stream, version, topic, self.codec.open(bytes(entry)), position)
                for stream, version, topic, entry, position in cursor
            ]

    def max_notification_id(self) -> int | None:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT max(position) FROM log.event")
            return cursor.fetchone()[0]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        raise NotImplementedError("read models poll")

    def known(self, command: UUID) -> Known | None:
        """What a command id stands for already."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT actor, digest, first, last FROM log.command WHERE id = %s", (command,))
            row = cursor.fetchone()
        return Known(row[0], bytes(row[1]), *row[2:]) if row else None

    def leaf(self, position: int) -> tuple[bytes, bytes]:
        """(leaf hash, entry) at a position; KeyError if there is none."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT leaf_hash, entry FROM log.event WHERE position = %s", (position,))
            row = cursor.fetchone()
        if row is None:
            raise KeyError(position)
        return bytes(row[0]), bytes(row[1])

    def first_position(self, stream: UUID) -> int:
        """Where a stream begins; KeyError if there is none."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT position FROM log.event WHERE stream = %s AND version = 1", (stream,))
            row = cursor.fetchone()
        if row is None:
            raise KeyError(stream)
        return row[0]

    def last_topics(self, streams: Sequence[UUID]) -> dict[UUID, str]:
        """By stream, the type of its latest event."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT ON (stream) stream, topic FROM log.event WHERE stream = ANY(%s) ORDER BY stream, version DESC",
                (list(streams),),
            )
            return dict(cursor.fetchall())

    def of_topics(self, topics: Sequence[str]) -> list[tuple[int, bytes]]:
        """(position, entry) of all events of these types."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT position, entry FROM log.event WHERE topic = ANY(%s) ORDER BY position", (list(topics),)
            )
            return [(position, bytes(entry)) for position, entry in cursor]

    def has_stream(self, stream: UUID) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM log.event WHERE stream = %s)", (stream,))
            return cursor.fetchone()[0]

    def newest(self) -> datetime:
        """When the newest entry says that it was recorded; year 1 of an empty log."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT recorded_at FROM log.head")
            return cursor.fetchone()[0]

    def clock_fault(self, clock: Clock) -> ClockFault | None:
        """What the writer would say now of this clock."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), recorded_at FROM log.head")
            return clock_fault(clock, clock.now(), *cursor.fetchone())

    def close(self) -> None:
        self.writer.close()


class PostgresStore(InfrastructureFactory[Any]):
    """What PERSISTENCE_MODULE resolves to; the ledger hands in the table that bootstrap made."""

    def __init__(self, env: Any, table: EventTable) -> None:
        super().__init__(env)
        self.table = table

    def application_recorder(self) -> EventTable:
        return self.table

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        raise NotImplementedError("streams are short: no snapshots")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        raise NotImplementedError("read models keep their own position")

    def process_recorder(self) -> Any:
        raise NotImplementedError("read models are no processes of the log")

    def close(self) -> None:
        """The library closes twice."""
        self.table.close()
