"""Given-when-then on events: what an aggregate decides, told from what happened before. No log, no vault, no database.

given(OPENED, ASSIGNED).when(lambda problem: problem.record_step(…)).then("rectifying", ProblemStepRecorded)
given(OPENED).when(…).refused("不能销号")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from domain.base import DomainEvent
from domain.errors import Refusal
from domain.values import Actor

TOWN, ID = "320581003", UUID(int=7)


class Happened(NamedTuple):
    """An event that is already in the log: its type, who wrote it for which unit, what it says."""

    kind: type[DomainEvent]
    actor: str
    unit: str
    data: dict[str, Any]


def happened(kind: type[DomainEvent], actor: str = "somebody", /, *, acting_unit: str = TOWN, **data: Any) -> Happened:
    return Happened(kind, actor, acting_unit, data)


def actor(id: str = "another", role: str = "town_handler", *, accounts: tuple[str, ...] = ()) -> Actor:
    return Actor(id, role, TOWN, frozenset({id, *accounts}))


class Given:
    def __init__(self, *history: Happened) -> None:
        self.matter: Any = None
        for version, (kind, who, unit, data) in enumerate(history, 1):
            fact = object.__new__(kind)
            noun = {"originator_topic": kind.TOPIC.partition(".")[0]} if version == 1 else {}
            envelope = {"originator_id": ID, "originator_version": version, "timestamp": "2026-03-02T01:00:00.000000Z"}
            fact.__dict__.update(data | noun | envelope, actor=who, acting_unit=unit)
            self.matter = fact.mutate(self.matter)
        self.refusal: Refusal | None = None

    def when(self, act: Callable[[Any], None]) -> Given:
        try:
            act(self.matter)
        except Refusal as refusal:
            self.refusal = refusal
        return self

    def then(self, state: str, *kinds: type[DomainEvent], of: str = "state", **data: Any) -> None:
        """These events and no other, the last of them saying this, and the state that they lead to."""
        assert self.refusal is None, self.refusal
        written = self.matter.collect_events()
        assert [type(one) for one in written] == list(kinds)
        assert {name: written[-1].data.get(name) for name in data} == data
        assert getattr(self.matter, of) == state

    def refused(self, sentence: str, kind: type[Refusal] = Refusal) -> None:
        """Nothing was decided, and whoever asked is told so."""
        assert isinstance(self.refusal, kind), self.refusal
        assert sentence in str(self.refusal)
        assert self.matter.collect_events() == []


given = Given
