"""The log and the rules of who may write to it."""

from __future__ import annotations

from typing import Any, Self

from domain.base import Aggregate, DomainEvent, public_id
from domain.errors import RuleBroken
from domain.log.events import AccessSealed, LogFrozen, LogKeyRotated, LogOpened, RulesAdopted
from domain.text import official as text
from domain.values import Actor

FORMAT = 1  # of the entries: docs/format.md; application/verifier/rules/event_schema.py refuses any other


class Log(Aggregate):
    """日志: opened once, by the first administrator."""

    TOPIC = "log"
    Event, Created = DomainEvent, LogOpened

    @classmethod
    def open(cls, *, origin: str, mode: str, actor: Actor, **members: Any) -> Self:
        id = public_id(origin, "log", "")
        return cls._create(LogOpened, id=id, format=FORMAT, origin=origin, mode=mode, actor=actor.id, **members)

    def rotate_key(self, *, old: str, new: str, proof: str, actor: Actor) -> None:
        """`old` and `new` are vkeys; the proof was verified by the caller."""
        if old not in self.keys:
            raise RuleBroken("要更换的日志密钥不是现行密钥")
        if new in self.keys:
            raise RuleBroken("新日志密钥已在使用")
        self.trigger_event(LogKeyRotated, old=old, new=new, proof=proof, actor=actor.id)

    def freeze(self, *, reason: str, actor: Actor) -> None:
        """For ever."""
        self.trigger_event(LogFrozen, reason=text("理由", reason), actor=actor.id)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case LogOpened():
                self.mode, self.keys = fact.mode, list(fact.log_keys)
            case LogKeyRotated():
                self.keys[self.keys.index(fact.old)] = fact.new
            case LogFrozen():
                pass
            case _:
                super().evolve(fact)


class Rules(Aggregate):
    """权限规则: one stream for each version."""

    TOPIC = "rules"
    Event, Created = DomainEvent, RulesAdopted

    @classmethod
    def adopt(cls, *, origin: str, version: int, actor: Actor, **members: Any) -> Self:
        """`members` are those of RulesAdopted (domain/rules.py)."""
        id = public_id(origin, "rules", str(version))
        return cls._create(RulesAdopted, id=id, version=version, actor=actor.id, **members)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case RulesAdopted():
                self.number, self.types = fact.version, fact.types
            case _:
                super().evolve(fact)


class AccessSeal(Aggregate):
    """查阅记录封存: one stream for each range of readings, so that none is sealed twice."""

    TOPIC = "access"
    Event, Created = DomainEvent, AccessSealed

    @classmethod
    def seal(cls, *, origin: str, first: int, last: int, count: int, root: str, actor: Actor) -> Self:
        """The rows `first`..`last` of the table of readings, `count` of them."""
        id = public_id(origin, "access", str(first))
        return cls._create(AccessSealed, id=id, from_=first, to=last, count=count, root=root, actor=actor.id)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case AccessSealed():
                self.last, self.root = fact.to, fact.root
            case _:
                super().evolve(fact)
