"""The log and the rules of who may write to it."""

from __future__ import annotations

from typing import Any, Self

from domain.base import Fact, Thing, public_id
from domain.log.events import LogOpened, RulesAdopted
from domain.values import Actor


class Log(Thing):
    """日志: opened once, by the first administrator."""

    TOPIC = "log"
    Event, Created = Fact, LogOpened

    @classmethod
    def open(cls, *, origin: str, mode: str, actor: Actor, **members: Any) -> Self:
        return cls._create(
            LogOpened, id=public_id(origin, "log", ""), origin=origin, mode=mode, actor=actor.id, **members
        )

    def evolve(self, fact: Fact) -> None:
        match fact:
            case LogOpened():
                self.mode = fact.mode
            case _:
                super().evolve(fact)


class Rules(Thing):
    """权限规则: one stream for each version."""

    TOPIC = "rules"
    Event, Created = Fact, RulesAdopted

    @classmethod
    def adopt(cls, *, origin: str, version: int, types: dict, exclusive_roles: list, actor: Actor) -> Self:
        id = public_id(origin, "rules", str(version))
        return cls._create(
            RulesAdopted, id=id, version=version, types=types, exclusive_roles=exclusive_roles, actor=actor.id
        )

    def evolve(self, fact: Fact) -> None:
        match fact:
            case RulesAdopted():
                self.number, self.types = fact.version, fact.types
            case _:
                super().evolve(fact)
