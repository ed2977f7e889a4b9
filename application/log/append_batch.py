"""One turn at the head of the log: whoever holds the lock knows what is recorded, and what comes next. Pure but for its codec.

Under the lock, for the whole group: commands known already out, version losers out (also inside the group), those whom the
codec refuses out; the survivors are sealed in the order in which they queued. Nothing is sealed before, so a loser costs
no position and leaves no gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from application.platform.clock import Clock, rfc3339
from application.platform.clock_check import clock_fault
from application.verifier.formats.merkle import Edge, leaf_hash
from domain.errors import Conflict

USUAL_ENTRY = 2_000  # bytes


class SideRow(NamedTuple):
    """A row written in the same transaction as the events: `statement` holds one VALUES %s, which takes any number of rows."""

    statement: str
    row: tuple[Any, ...]


class Known(NamedTuple):
    """A command that was carried out: by whom, what was asked, and the positions of its events."""

    actor: str
    digest: bytes
    first: int
    last: int


class HeadSnapshot(NamedTuple):
    """What the holder of the lock sees. `versions` and `known` hold what exists of that which was asked for."""

    edge: Edge
    recorded_at: datetime
    database_now: datetime
    versions: dict[str, int]
    known: dict[UUID, Known]


class EntrySlot(NamedTuple):
    """The place that an entry is sealed into: `seq` is the leaf index, position − 1."""

    seq: int
    recorded_at: str
    stream: str
    command: str


class Row(NamedTuple):
    position: int
    stream: str
    version: int
    topic: str
    command: str
    entry: bytes
    leaf_hash: bytes


class Appended(NamedTuple):
    """Where the events of a command stand; if they stood there already, the last one's hash and time must be looked up."""

    first: int
    last: int
    leaf_hash: bytes = b""
    recorded_at: str = ""
    repeated: bool = True


class History(Protocol):
    """What a codec may ask of the log while the lock is held."""

    def of_topics(self, topics: Sequence[str], after: int) -> Iterable[bytes]: ...

    def of_stream(self, stream: str, after: int) -> Iterable[bytes]: ...


class Codec(Protocol):
    """Turns events into entries and back; it may refuse, and must be able to take back what it sealed for nothing."""

    def begin(self, look: HeadSnapshot, streams: Iterable[str], history: History) -> None: ...

    def seal(self, event: StoredEvent, seat: EntrySlot, author: Any) -> bytes: ...

    def mark(self, append: Append) -> Any: ...

    def agree(self, mark: Any) -> None:
        """Refuses what only the whole command shows, once all of it is sealed."""

    def back(self, mark: Any) -> None: ...

    def forget(self) -> None: ...

    def open(self, entry: bytes) -> bytes: ...


@dataclass(eq=False)
class Append:
    """The events of one command: recorded together or not at all, and once only."""

    events: Sequence[StoredEvent]
    command: UUID
    actor: str = ""
    digest: bytes = b""
    author: Any = None
    beside: Sequence[SideRow] = ()
    outcome: SimpleQueue[Appended | Exception] = field(default_factory=SimpleQueue)

    @cached_property
    def streams(self) -> list[str]:
        """The stream of each event; written out once, because writing a UUID out costs as much as hashing an entry."""
        return [str(event.originator_id) for event in self.events]

    @property
    def weight(self) -> int:
        """About how many bytes go into the transaction: entries, and what lies beside them (photos, sealed texts)."""
        beside = sum(len(value) for row in self.beside for value in row.row if isinstance(value, bytes))
        return beside + USUAL_ENTRY * len(self.events)

    def wait(self) -> Appended:
        outcome = self.outcome.get()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class AppendBatch:
    """What one holder of the lock has decided to write."""

    def __init__(self, look: HeadSnapshot, codec: Codec, clock: Clock) -> None:
        self.edge, self.versions, self.known = look.edge, dict(look.versions), dict(look.known)
        self.codec = codec
        self.now = _moment(clock, look)
        self.recorded_at = rfc3339(self.now)  # one moment for the whole group
        self.rows: list[Row] = []
        self.commands: list[tuple[UUID, str, bytes, int, int]] = []
        self.beside: list[SideRow] = []

    def take(self, append: Append) -> Appended | Exception:
        """Place a command behind the head, or say why not. One that fails leaves the turn as it was."""
        if (known := self.known.get(append.command)) is not None:
            return repeated(known, append)
        mark = self.codec.mark(append)
        try:
            edge, rows = self._sealed(append)
            self.codec.agree(mark)
        except Exception as refused:
            self.codec.back(mark)
            return refused
        placed = Appended(self.edge.size + 1, edge.size, rows[-1].leaf_hash, self.recorded_at, repeated=False)
        self.edge = edge
        self.versions.update({row.stream: row.version for row in rows})
        self.known[append.command] = Known(append.actor, append.digest, placed.first, placed.last)
        self.rows += rows
        self.commands.append((append.command, append.actor, append.digest, placed.first, placed.last))
        self.beside += append.beside
        return placed

    def _sealed(self, append: Append) -> tuple[Edge, list[Row]]:
        edge, rows, versions, command = self.edge, list[Row](), dict[str, int](), str(append.command)
        for event, stream in zip(append.events, append.streams, strict=True):
            last = versions.get(stream, self.versions.get(stream))
            if last is not None and event.originator_version <= last:
                raise IntegrityError(f"stream {stream} is at version {last}: cannot add {event.originator_version}")
            versions[stream] = event.originator_version
            entry = self.codec.seal(event, EntrySlot(edge.size, self.recorded_at, stream, command), append.author)
            leaf = leaf_hash(entry)
            edge = edge.grown(leaf)
            rows.append(Row(edge.size, stream, event.originator_version, event.topic, command, entry, leaf))
        return edge, rows


def repeated(known: Known, append: Append) -> Appended | Exception:
    """What a known command is told: where it stands, unless somebody asks for something else under its id."""
    if (known.actor, known.digest) != (append.actor, append.digest):
        return Conflict("此表单已用于另一次提交，请重新打开页面后再办理")
    return Appended(known.first, known.last)


def _moment(clock: Clock, look: HeadSnapshot) -> datetime:
    """recorded_at: the clock's time, but never before the head's (docs/format.md §6.1)."""
    now = clock.now()
    if (wrong := clock_fault(clock, now, look.database_now, look.recorded_at)) is not None:
        raise wrong.refusal
    return max(now, look.recorded_at)
