"""单位: the city's task force, towns, departments, the commission."""

from __future__ import annotations

from typing import Self

from domain.base import Aggregate, DomainEvent, public_id
from domain.units.events import UnitRegistered
from domain.values import Actor


class Unit(Aggregate):
    TOPIC = "unit"
    Event, Created = DomainEvent, UnitRegistered

    @classmethod
    def register(cls, *, origin: str, actor: Actor, code: str, name: str, kind: str, short_name: str) -> Self:
        id = public_id(origin, "unit", code)
        return cls._create(
            UnitRegistered, id=id, code=code, name=name, kind=kind, short_name=short_name, actor=actor.id
        )

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case UnitRegistered():
                self.code, self.name, self.kind, self.short_name = fact.code, fact.name, fact.kind, fact.short_name
            case _:
                super().evolve(fact)
