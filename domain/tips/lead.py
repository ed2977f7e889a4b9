"""检举线索: what accuses a public official goes to the commission, sealed; the log knows the day."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from domain.base import Aggregate, DomainEvent
from domain.tips.events import LeadReferred
from domain.values import Actor


class Lead(Aggregate):
    """检举线索: it accuses a public official, so all that is known here is the day it was passed on."""

    TOPIC = "lead"
    Event, Created = DomainEvent, LeadReferred

    @classmethod
    def refer(cls, *, id: UUID, day: date, actor: Actor) -> Self:
        return cls._create(LeadReferred, id=id, day=day.isoformat(), actor=actor.id)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case LeadReferred():
                self.day = fact.day
            case _:
                super().evolve(fact)
