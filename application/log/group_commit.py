"""The one way of a process to append: whatever is queued goes into one transaction (group commit), in a thread of its own.

Whoever is alone appends in their own thread: handing the work over and the answer back would cost a tenth of the time.

All writers of all processes take turns at the row of `log.head`. Whoever holds it knows the next position, and can look up
versions and commands without anybody writing in between.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from math import inf
from operator import attrgetter
from threading import Event, Lock, Thread
from typing import Any, cast
from uuid import UUID

import psycopg2
from eventsourcing.persistence import IntegrityError
from psycopg2.extras import execute_values

from application.log.append_batch import Append, AppendBatch, Appended, Codec, HeadSnapshot, Known
from application.log.head_guard import HeadGuard
from application.platform.clock import Clock
from application.platform.database import AWAY, FULL, Database, NoDatabase, is_full
from application.verifier.formats.merkle import Edge

LARGEST_GROUP, LARGEST_WEIGHT = 256, 1_000_000  # commands and bytes in one transaction; a large one goes alone
LONELY = 8  # groups of one in a row from which on somebody appends in their own thread
LINGER, LONGEST = 0.25, 0.005  # of the last group's time, and seconds: the wait for those who will be back soon

# Planned once for the connection: planning these anew costs as much as running them. Generic plans must use the indexes
# also when they were made on an empty table; and what enable_seqscan=off does to the cost estimate would switch JIT on.
PREPARE = """
SET idle_in_transaction_session_timeout = '10s'; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
SET jit = off;
PREPARE take_turn AS SELECT FROM log.head FOR UPDATE;
PREPARE look (uuid[], uuid[]) AS
    SELECT size, edge, recorded_at, clock_timestamp(),
        (SELECT json_object_agg(s, v) FROM (
            SELECT s, (SELECT max(version) FROM log.event WHERE stream = s) AS v FROM unnest($1) s) versions
            WHERE v IS NOT NULL),
        (SELECT json_agg(json_build_array(id, actor, encode(digest, 'hex'), first, last)) FROM log.command
            WHERE id = ANY($2))
    FROM log.head;
PREPARE write_events (bigint[], uuid[], int[], text[], uuid[], text, bytea[]) AS
    INSERT INTO log.event SELECT position, stream, version, topic, command, convert_to(entry, 'UTF8'), leaf_hash
        FROM unnest($1, $2, $3, $4, $5, string_to_array($6, E'\\n'), $7)
        AS row (position, stream, version, topic, command, entry, leaf_hash);
PREPARE write_commands (uuid[], text[], bytea[], bigint[], bigint[]) AS
    INSERT INTO log.command SELECT * FROM unnest($1, $2, $3, $4, $5);
PREPARE move_head (bigint, bytea, timestamptz) AS
    UPDATE log.head SET size = $1, edge = $2, recorded_at = $3;
"""
# Two statements on purpose: the second takes its snapshot when the lock is held, so it sees what the writers before
# us committed. In one statement the sub-selects would look at the state from before the wait.
LOCK_AND_LOOK = "BEGIN; EXECUTE take_turn; EXECUTE look (%s::uuid[], %s::uuid[])"
WRITE_AND_COMMIT = """
EXECUTE write_events (%s::bigint[], %s::uuid[], %s::int[], %s::text[], %s::uuid[], %s, %s::bytea[]);
EXECUTE write_commands (%s::uuid[], %s::text[], %s::bytea[], %s::bigint[], %s::bigint[]);
EXECUTE move_head (%s, %s, %s);
COMMIT
"""


class Writer:
    """`patience`: seconds to wait for a server that went away before the person is told so."""

    def __init__(
        self, database: Database, codec: Codec, clock: Clock, guard: HeadGuard | None = None, *, patience: float = 20.0
    ) -> None:
        self.database, self.codec, self.clock, self.patience = database, codec, clock, patience
        self.guard = guard or HeadGuard()
        self._queue, self._enough, self._expected = deque[Append | None](), 1, 1
        self._alone = 0  # groups of one in a row, while nothing was queued
        self._at_work = Lock()  # held by the thread whose group it is: connection, codec and guard serve one at a time
        self._bell = Event()
        self._connection: Any = None
        self.failing = False  # the last group could not be recorded, whatever was in it
        self._thread = Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what is queued; safe twice."""
        if self._thread.is_alive():
            self.put(None)
            self._thread.join()

    def put(self, append: Append | None) -> None:
        """Queue what a command decided; None is the last of all."""
        self._queue.append(append)
        if len(self._queue) >= self._enough or append is None:
            self._bell.set()

    def record(self, append: Append) -> None:
        """As `put`, for somebody who will wait for nothing else: where nobody else has been for a while it is recorded here.

        Less evidence would not do: those who share a flush to the disk would fall apart into single ones when they are slow.
        """
        if (
            self._alone < LONELY
            or self._queue
            or not self._thread.is_alive()
            or not self._at_work.acquire(blocking=False)
        ):
            self.put(append)
            return
        try:
            [outcome] = self._record([append])
        finally:
            self._at_work.release()
        self._alone = 0 if self._queue else self._alone
        append.outcome.put(outcome)

    def _run(self) -> None:
        linger = 0.0
        while group := self._group(self._expected, linger):
            began = time.monotonic()
            self._alone = 0 if self._at_work.locked() else self._alone  # nobody goes ahead of a group that waits
            with self._at_work:
                outcomes = self._record(group)
            self._expected = len(group) + len(self._queue)
            self._alone = self._alone + 1 if self._expected == 1 else 0
            for waiting, outcome in zip(group, outcomes, strict=True):
                waiting.outcome.put(outcome)
            linger = min(LINGER * (time.monotonic() - began), LONGEST)
        with self._at_work:
            self._disconnect()

    def _group(self, expected: int, linger: float) -> list[Append]:
        """What is queued, as soon as something is; empty once the writer is closed and nothing is left.

        Without the wait for those who are expected, writers who all answer to the same disk fall into two halves that take
        turns, each with its own flush. The bell rings once for all of them: a wake-up costs as much as an event.
        """
        self._await(1, None)
        self._await(min(expected, LARGEST_GROUP), linger)
        group, weight = list[Append](), 0
        while self._queue and len(group) < LARGEST_GROUP and weight < LARGEST_WEIGHT and self._queue[0] is not None:
            group.append(cast(Append, self._queue.popleft()))
            weight += group[-1].weight
        return group

    def _await(self, enough: int, seconds: float | None) -> None:
        """Until so many are queued, or somebody closes the writer."""
        self._enough = enough
        until = inf if seconds is None else time.monotonic() + seconds
        while len(self._queue) < enough and None not in self._queue and (left := until - time.monotonic()) > 0:
            self._bell.wait(None if seconds is None else left)
            self._bell.clear()

    def _record(self, group: list[Append]) -> Sequence[Appended | Exception]:
        """Commit the group. If the connection is lost nobody knows whether it was committed, so do it all again:
        what was recorded is recognised by its command."""
        deadline = time.monotonic() + (0 if self.failing else self.patience)
        while True:
            try:
                outcomes, self.failing = self._transaction(group), False
                return outcomes
            except psycopg2.Error as error:
                self.codec.forget()
                if self._connection is not None and not self._connection.closed and _refused(error):
                    self._connection.cursor().execute("ROLLBACK")
                    return self._one_by_one(group, error)
                self._disconnect()
                if (full := is_full(error)) or time.monotonic() > deadline:
                    self.failing = True
                    return [NoDatabase(FULL if full else AWAY)] * len(group)
                time.sleep(0.05)
            except Exception as error:
                self.codec.forget()
                self._disconnect()  # gives the lock back; nothing was committed
                return [error] * len(group)
            except BaseException:  # the thread of somebody who appends alone was interrupted, perhaps halfway
                self.codec.forget()
                self._disconnect()
                raise

    def _one_by_one(self, group: list[Append], error: psycopg2.Error) -> Sequence[Appended | Exception]:
        """A row beside somebody's events was refused: only that command fails, not the whole group."""
        if len(group) > 1:
            return [outcome for append in group for outcome in self._record([append])]
        return [IntegrityError(str(error)) if isinstance(error, psycopg2.IntegrityError) else error]

    def _transaction(self, group: list[Append]) -> Sequence[Appended | Exception]:
        with self._connected().cursor() as cursor:
            streams = list({stream for append in group for stream in append.streams})
            cursor.execute(LOCK_AND_LOOK, (_array(streams), _array(append.command for append in group)))
            look = _look(cursor.fetchone())
            self.guard.admit(look.edge, Committed(cursor).leaves)
            self.codec.begin(look, streams, Committed(cursor))
            turn = AppendBatch(look, self.codec, self.clock)
            outcomes = [turn.take(append) for append in group]
            if turn.rows:
                for statement, rows in groupby(
                    sorted(turn.beside, key=attrgetter("statement")), attrgetter("statement")
                ):
                    execute_values(cursor, statement, [beside.row for beside in rows], page_size=500)
                cursor.execute(
                    WRITE_AND_COMMIT,
                    (
                        *_columns(turn.rows, texts=(3,), lines=(5,)),
                        *_columns(turn.commands, texts=(1,)),
                        turn.edge.size,
                        turn.edge.to_bytes(),
                        turn.now,
                    ),
                )
                self.guard.moved(turn.edge)
            else:
                cursor.execute("ROLLBACK")
        return outcomes

    def _connected(self) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = self.database.connect()
            with self._connection.cursor() as cursor:
                cursor.execute(PREPARE)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Committed:
    """The log as the holder of the lock sees it."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def of_topics(self, topics: Sequence[str], after: int) -> Iterable[bytes]:
        named = ", ".join(f"'{topic}'" for topic in topics)  # written out, so that the partial index is used
        query = f"SELECT entry FROM log.event WHERE topic IN ({named}) AND position > %s ORDER BY position"
        return self._entries(query, (after,))

    def of_stream(self, stream: str, after: int) -> Iterable[bytes]:
        query = "SELECT entry FROM log.event WHERE stream = %s AND version > %s ORDER BY version"
        return self._entries(query, (UUID(stream), after))

    def leaves(self, first: int, stop: int) -> Iterable[bytes]:
        """The leaf hashes of the indices first ≤ i < stop."""
        query = "SELECT leaf_hash FROM log.event WHERE position > %s AND position <= %s ORDER BY position"
        return self._entries(query, (first, stop))

    def _entries(self, query: str, parameters: tuple[Any, ...]) -> Iterable[bytes]:
        self.cursor.execute(query, parameters)
        return [bytes(entry) for (entry,) in self.cursor.fetchall()]


def _columns(rows: Sequence[Any], texts: Collection[int], lines: Collection[int] = ()) -> Iterable[Any]:
    """The rows column by column; free text is left to the driver, which knows how to quote it.

    Those in `lines` are entries, which have no line break: one a line they need no spelling at all. Should one have a
    break, there is a line too many, and the table refuses a row without a position.
    """
    for number, column in enumerate(zip(*rows, strict=True)):
        if number in lines:
            yield b"\n".join(column).decode()
        else:
            yield list(column) if number in texts else _array(column)


def _array(values: Iterable[Any]) -> str:
    """PostgreSQL's spelling of an array of UUIDs, numbers or bytes: the driver would spell each member by itself."""
    members = [f'"\\\\x{value.hex()}"' if isinstance(value, bytes) else str(value) for value in values]
    return "{" + ",".join(members) + "}"


def _look(row: tuple[Any, ...]) -> HeadSnapshot:
    size, edge, recorded_at, now, versions, known = row
    return HeadSnapshot(
        Edge.from_bytes(size, bytes(edge)),
        recorded_at,
        now,
        versions or {},
        {
            UUID(command): Known(actor, bytes.fromhex(digest), first, last)
            for command, actor, digest, first, last in known or ()
        },
    )


def _refused(error: psycopg2.Error) -> bool:
    """The statement was refused, the session lives; a full disk or a server going down is no refusal."""
    return (error.pgcode or "")[:2] in ("22", "23", "42")
