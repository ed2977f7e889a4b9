"""小区: what the ledger is keyed by."""

from __future__ import annotations

from datetime import date
from typing import Self

from domain.base import Aggregate, DomainEvent, public_id
from domain.errors import RuleBroken
from domain.estates.events import EstateCompanyChanged, EstateRegistered
from domain.text import TITLE, official
from domain.values import Actor

KINDS = {"commercial": "商品房", "relocation": "动迁安置", "old": "老旧", "other": "其他"}


class Estate(Aggregate):
    TOPIC = "estate"
    Event, Created = DomainEvent, EstateRegistered

    @classmethod
    def register(
        cls,
        *,
        origin: str,
        actor: Actor,
        name: str,
        unit: str,
        kind: str,
        community: str | None = None,
        aliases: list[str] | None = None,
        households: int | None = None,
        company: str | None = None,
    ) -> Self:
        name = official("小区名称", name, limit=TITLE)
        if kind not in KINDS:
            raise RuleBroken("请选择小区类型")
        return cls._create(
            EstateRegistered,
            id=public_id(origin, "estate", f"{unit}/{name}"),
            name=name,
            unit=unit,
            kind=kind,
            community=community,
            aliases=aliases,
            households=households,
            company=company,
            actor=actor.id,
        )

    def change_company(self, *, since_on: date, company: str | None, manager: str | None, actor: Actor) -> None:
        if company == self.company:
            raise RuleBroken("该小区已由这家企业服务，无需变更")
        self.trigger_event(
            EstateCompanyChanged, since_on=since_on.isoformat(), company=company, manager=manager, actor=actor.id
        )

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case EstateRegistered():
                self.name, self.unit, self.kind, self.company = fact.name, fact.unit, fact.kind, fact.company
            case EstateCompanyChanged():
                self.company = fact.company
            case _:
                super().evolve(fact)
