"""The codec of the real log: DSSE entries, signed by whoever acts, and nobody admitted whom the log itself doesn't allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from application.log.append_batch import Append, EntrySlot, HeadSnapshot, History
from application.log.lock_out import refuse_lock_out
from application.platform.clock import rfc3339
from application.verifier.formats.entry import Signer, body_of, loads, seal
from application.verifier.rules.authority import Authority
from application.verifier.rules.event_schema import Reason
from application.verifier.rules.life_cycles import Stream
from application.verifier.rules.rights_register import TOPICS
from domain.errors import Conflict, NotAllowed, Refusal, RuleBroken

STREAMS_KEPT = 50_000


@dataclass(frozen=True)
class Draft(StoredEvent):
    """A stored event before it is sealed: its `data` as JSON, no bytes yet."""

    data: dict[str, Any]


@dataclass(frozen=True)
class Author:
    """Who answers for an event, in which role and unit, with which key, and what is claimed about its time."""

    actor: str
    role: str
    unit: str
    signer: Signer
    occurred_on: str | None = None
    backfilled: dict[str, str] | None = None

    @property
    def claims(self) -> dict[str, Any]:
        claims = {"occurred_on": self.occurred_on, "backfilled": self.backfilled}
        return {name: value for name, value in claims.items() if value is not None}


class Mark(NamedTuple):
    """How the authority stood before a command: enough to go back to it."""

    size: int
    recorded_at: str
    streams: dict[str, Stream | None]
    learned: Authority | None


class EntryCodec:
    """Not safe for two threads at once: it belongs to whoever holds the head's lock."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.authority = Authority()

    def begin(self, look: HeadSnapshot, streams: Iterable[str], history: History) -> None:
        """Bring the authority up to the head: another process may have written since the last turn."""
        authority = self.authority
        if authority.size > look.edge.size:
            authority = self.authority = Authority()
        if authority.size < look.edge.size:
            for entry in history.of_topics(sorted(TOPICS), authority.size):
                authority.learn(loads(body_of(entry)))
            authority.size = look.edge.size
            authority.recorded_at = rfc3339(look.recorded_at)
        if len(authority.streams) > STREAMS_KEPT:
            authority.streams.clear()
        for stream in streams:
            self._recall(stream, look.versions.get(stream, 0), history)

    def _recall(self, stream: str, version: int, history: History) -> None:
        streams = self.authority.streams
        known = streams.get(stream)
        if known is not None and known.version > version:
            known = streams.pop(stream) and None
        if version and (known is None or known.version < version):
            for entry in history.of_stream(stream, known.version if known else 0):
                known = self.authority.grown(known, loads(body_of(entry)))
            if known is not None:
                streams[stream] = known

    def seal(self, event: StoredEvent, seat: EntrySlot, author: Author) -> bytes:
        """The signed entry. Raises a Refusal if the log's own rules don't allow it."""
        if self.authority.frozen:
            raise NotAllowed("日志已冻结，不再接受任何记录；请改用接续它的新日志")
        payload = {
            "v": 1,
            "log": self.origin,
            "id": str(uuid4()),
            "type": event.topic,
            "stream": seat.stream,
            "version": event.originator_version,
            "seq": seat.seq,
            "recorded_at": seat.recorded_at,
            "actor": author.actor,
            "role": author.role,
            "unit": author.unit,
            "command": seat.command,
            "data": cast(Draft, event).data,
            **author.claims,
        }
        if (reason := self.authority.judge(payload, author.signer.keyid)) is not None:
            raise _refusal(reason)
        entry = seal(payload, author.signer)
        self.authority.admit(payload)
        return entry

    def mark(self, append: Append) -> Mark:
        authority = self.authority
        streams = {stream: authority.streams.get(stream) for stream in append.streams}
        learned = None
        if any(event.topic in TOPICS for event in append.events):
            learned = authority.without_streams()
        return Mark(authority.size, authority.recorded_at, streams, learned)

    def agree(self, mark: Mark) -> None:
        if mark.learned is not None:
            refuse_lock_out(mark.learned, self.authority)

    def back(self, mark: Mark) -> None:
        if mark.learned is not None:
            mark.learned.streams = self.authority.streams
            self.authority = mark.learned
        self.authority.size, self.authority.recorded_at = mark.size, mark.recorded_at
        for stream, known in mark.streams.items():
            if known is None:
                self.authority.streams.pop(stream, None)
            else:
                self.authority.streams[stream] = known

    def forget(self) -> None:
        """Nothing of the turn was committed, or nobody knows: begin again from the log."""
        self.authority = Authority()

    def open(self, entry: bytes) -> bytes:
        return body_of(entry)


def _refusal(reason: Reason) -> Exception:
    """The sentence for the person; an entry that is malformed is our own defect."""
    kinds: dict[str, type[Refusal]] = {
        "EVENT_AUTHORITY": NotAllowed,
        "EVENT_SEPARATION": NotAllowed,
        "EVENT_KEY": NotAllowed,
        "EVENT_SIGNATURE": NotAllowed,
        "EVENT_ORDER": Conflict,
        "EVENT_STATE": RuleBroken,
    }
    if (kind := kinds.get(reason.code)) is None:
        return ValueError(f"couldn't seal an event: {reason.code} {reason.sentence}")
    return kind(reason.sentence)
