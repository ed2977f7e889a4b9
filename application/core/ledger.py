"""The one event store. Every change of the service is committed here, and nowhere else. 总账"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError, Mapper, StoredEvent

from application.core.command import Command
from application.core.permissions import refuse_early
from application.log.append_batch import Append, Appended, SideRow, repeated
from application.log.entry_codec import Author, Draft
from application.log.event_table import EventTable, PostgresStore
from application.platform.clock import Clock, today
from application.vault.signing_keys import KeyRing
from application.vault.vault import Vault
from application.verifier.formats.entry import Signer, body_of, loads
from application.verifier.rules.authority import Authority
from application.verifier.rules.rights_register import TOPICS
from domain.base import Aggregate, DomainEvent
from domain.errors import Conflict, NotFound
from domain.recorded import Recorded, recorded
from domain.text import refuse_unseen
from domain.values import Actor

Kind = TypeVar("Kind", bound=Aggregate)
STALE = "此事项已有更新，请查看最新内容后再办理；您填写的内容保留在本页"


@dataclass(frozen=True)
class Receipt:
    """回执: where an act stands in the log. `position` and `leaf_hash` (hex) are those of its last event.

    `first`..`last` are all its events, `stream` is that of the first: the matter that was begun or acted upon; `repeated`: it
    had been recorded before, nothing was recorded now.
    """

    command: UUID
    stream: UUID
    first: int
    last: int
    leaf_hash: str
    recorded_at: str
    repeated: bool

    @property
    def position(self) -> int:
        return self.last


class Pending:
    """A command on its way into the log."""

    def __init__(self, append: Append, ledger: Ledger) -> None:
        self._append, self._ledger = append, ledger

    def wait(self) -> Receipt:
        """Raises a Refusal if it was turned down; then nothing of it was recorded."""
        return self._ledger.placed(self._append, self._append.wait)


Handler = Callable[[Any, "Ledger"], Receipt]
Handlers = dict[type[Command], Handler]


def as_draft(fact: DomainEvent) -> Draft:
    return Draft(fact.originator_id, fact.originator_version, fact.TOPIC, b"", fact.data)


class FactMapper(Mapper[UUID]):
    """Between facts and the members of an entry; the bytes themselves are the codec's affair."""

    def __init__(self) -> None:
        """No transcoder: `data` is plain JSON by the rules of domain.base."""

    def to_stored_event(self, domain_event: Any) -> Draft:
        return as_draft(cast(DomainEvent, domain_event))

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEvent:
        payload = loads(stored_event.state)
        kind = DomainEvent.KINDS[payload["type"]]
        fact = object.__new__(kind)
        members = DomainEvent.named(payload["data"]) | {
            "originator_id": stored_event.originator_id,
            "originator_version": payload["version"],
            "timestamp": payload["recorded_at"],
            "actor": payload["actor"],
            "acting_unit": payload["unit"],
        }
        if payload["version"] == 1:
            members["originator_topic"] = payload["type"].partition(".")[0]
        fact.__dict__.update(members)
        return fact


class Ledger(Application[UUID]):
    """`origin` names the log; `mode` is production or training. Reads what was committed, commits what was decided.

    `handlers`: the function that carries out each kind of command (application/all_handlers.py).
    """

    def __init__(
        self,
        table: EventTable,
        *,
        origin: str,
        mode: str,
        clock: Clock,
        keys: KeyRing,
        vault: Vault,
        handlers: Mapping[type[Command], Handler],
    ) -> None:
        if clock.simulated and mode != "training":
            raise ValueError("only a training log takes a simulated clock")
        self.table, self.origin, self.mode = table, origin, mode
        self.clock, self.keys, self.vault, self._handlers = clock, keys, vault, handlers
        self.found: dict[Any, Any] = {}  # by key, what was looked up in the log and can't change any more
        super().__init__(env={})

    def construct_factory(self, env: Any) -> PostgresStore:
        return PostgresStore(env, self.table)

    def construct_mapper(self) -> FactMapper:
        return FactMapper()

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return today(self.clock)

    def day_of(self, command: Command) -> date:
        """The day that a command speaks of: what was in force then decides."""
        return command.occurred_on or self.today

    def handle(self, command: Command) -> Receipt:
        """Carry out a command once; the same command again gets the same receipt. Raises a Refusal."""
        if (known := self.table.known(command.id)) is not None:
            append = Append((), command.id, command.actor.id, command.digest)
            placed = repeated(known, append)
            if isinstance(placed, Exception):
                raise placed
            return self.receipt(append, placed)
        return self._handlers[type(command)](command, self)

    def fetch(self, kind: type[Kind], id: UUID, *, seen: int | None = None) -> Kind:
        """The thing as it is now; `seen` is the version that the person decided on. Raises NotFound, Conflict."""
        try:
            found: Any = self.repository.get(id)
        except AggregateNotFoundError:
            raise NotFound("没有这条记录，或者您无权查看；请从列表重新打开") from None
        if not isinstance(found, kind):
            raise NotFound("没有这条记录，或者您无权查看；请从列表重新打开")
        if seen not in (None, found.version):
            raise Conflict(STALE)
        return found

    def exists(self, id: UUID) -> bool:
        return self.table.has_stream(id)

    def commit(self, *things: Aggregate, command: Command, beside: Sequence[SideRow] = ()) -> Receipt:
        """Record what the things decided, with the rows beside, all of it or nothing. Raises a Refusal."""
        append = self._append(things, command, beside)
        return self.placed(append, lambda: self.table.record(append))

    def submit(self, *things: Aggregate, command: Command, beside: Sequence[SideRow] = ()) -> Pending:
        """The same without waiting: many may be on their way at once (importers)."""
        return Pending(self.table.submit(self._append(things, command, beside)), self)

    def placed(self, append: Append, wait: Callable[[], Appended]) -> Receipt:
        """The receipt of what `wait` gets recorded. Raises a Refusal if it was turned down."""
        try:
            return self.receipt(append, wait())
        except IntegrityError:
            raise Conflict(STALE) from None

    def _append(self, things: Sequence[Aggregate], command: Command, beside: Sequence[SideRow]) -> Append:
        """What these decided, signed for by whoever commands it. Raises a Refusal."""
        drafts = [as_draft(cast(DomainEvent, fact)) for thing in things for fact in thing.collect_events()]
        if not drafts:
            raise ValueError(f"{type(command).__name__} decided nothing")
        for draft in drafts:
            refuse_unseen(draft.data)
        actor = command.actor
        refuse_early(actor, [draft.topic for draft in drafts])
        author = Author(
            actor.id,
            actor.role,
            actor.unit,
            self._signer(actor),
            command.occurred_on.isoformat() if command.occurred_on else None,
            vars(command.backfilled) if command.backfilled else None,
        )
        return Append(drafts, command.id, actor.id, command.digest, author, beside)

    def _signer(self, actor: Actor) -> Signer:
        """The service signs for jobs and the public, everybody else by themselves."""
        if actor.role in ("system", "public"):
            return self.keys.service
        return actor.signer() if actor.signer else self.keys.signer(actor.id)

    def receipt(self, append: Append, placed: Appended) -> Receipt:
        """What was recorded before is looked up: it need not be what was asked now."""
        if not placed.repeated:
            stream, leaf, recorded_at = UUID(append.streams[0]), placed.leaf_hash, placed.recorded_at
        else:
            leaf, entry = self.table.leaf(placed.last)
            recorded_at = loads(body_of(entry))["recorded_at"]
            stream = UUID(loads(body_of(self.table.leaf(placed.first)[1]))["stream"])
        return Receipt(append.command, stream, placed.first, placed.last, leaf.hex(), recorded_at, placed.repeated)

    def authority(self) -> Authority:
        """Who holds which roles and keys, as the log says now."""
        authority = Authority()
        for _, entry in self.table.of_topics(sorted(TOPICS)):
            authority.learn(loads(body_of(entry)))
        return authority

    def key_in_force(self, official: UUID) -> str | None:
        """The id of the key that signs for them now."""
        return self.authority().keys_in_force.get(str(official))

    @property
    def is_frozen(self) -> bool:
        return bool(self.table.of_topics(["log.frozen"]))

    def read(self, *, after: int, limit: int) -> Iterator[Recorded]:
        """What is recorded, in the order of the log."""
        with self.table.database.cursor() as cursor:
            cursor.execute(
                "SELECT position, entry, leaf_hash FROM log.event WHERE position > %s ORDER BY position LIMIT %s",
                (after, limit),
            )
            rows = cursor.fetchall()
        for position, entry, leaf in rows:
            yield recorded(position, loads(body_of(bytes(entry))), bytes(leaf).hex())
