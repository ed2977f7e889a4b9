"""A natural person: known to the log by a random id and a commitment of the name. 人员"""

from __future__ import annotations

from typing import Self
from uuid import UUID

from domain.base import Aggregate, DomainEvent
from domain.officials.events import PersonNamed
from domain.values import Actor


class Person(Aggregate):
    TOPIC = "person"
    Event, Created = DomainEvent, PersonNamed

    @classmethod
    def name_(cls, *, id: UUID, name_commit: str, actor: Actor) -> Self:
        return cls._create(PersonNamed, id=id, name_commit=name_commit, actor=actor.id)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case PersonNamed():
                self.name_commit = fact.name_commit
            case _:
                super().evolve(fact)
