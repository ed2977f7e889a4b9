"""身份打开: requested, approved by another person, opened by whoever asked and within seven days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self
from uuid import UUID

from domain.actions import Matter
from domain.base import DomainEvent
from domain.disclosures.actions import ACTIONS, STATES
from domain.disclosures.events import DisclosureApproved, DisclosureDeclined, DisclosureOpened, DisclosureRequested
from domain.errors import NotAllowed, RuleBroken
from domain.recorded import shanghai_day
from domain.text import official, optional
from domain.values import Actor

TERM = 7  # days after the approval
FIELDS = {"reporter": "反映人姓名", "contact": "联系方式", "text": "线索原文", "files": "随附照片"}


class Disclosure(Matter):
    TOPIC, ACTIONS = "disclosure", ACTIONS
    Event, Created = DomainEvent, DisclosureRequested

    @classmethod
    def request(cls, *, id: UUID, tip: UUID, fields: list[str], reason: str, actor: Actor) -> Self:
        wanted = [name for name in FIELDS if name in fields]
        if not wanted or len(wanted) != len(set(fields)):
            raise RuleBroken("请选择要打开的内容")
        return cls._create(
            DisclosureRequested,
            id=id,
            unit=actor.unit,
            tip=str(tip),
            fields=wanted,
            reason=official("申请理由", reason),
            actor=actor.id,
        )

    def approve(self, *, note: str | None = None, actor: Actor) -> None:
        self._must_be_open_to("approve", actor)
        self.trigger_event(DisclosureApproved, note=optional("批准意见", note), actor=actor.id)

    def decline(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("decline", actor)
        self.trigger_event(DisclosureDeclined, reason=official("不批准的理由", reason), actor=actor.id)

    def open(self, *, fields: list[str], today: date, actor: Actor) -> None:
        if actor.id != self.requested_by:
            raise NotAllowed("只有申请人本人可以打开；请由申请人登录后办理")
        if not self.ACTIONS["open"].starts_in(self.state):
            raise RuleBroken(f"此申请现为“{STATES[self.state]}”，不能打开")
        if today > self.until:
            raise RuleBroken(f"批准后 {TERM} 日内可以打开，已于 {self.until.isoformat()} 届满；如仍需要，请重新申请")
        wanted = [name for name in self.fields if name in fields]
        if not wanted:
            raise RuleBroken("请选择要打开的内容")
        self.trigger_event(DisclosureOpened, fields=wanted, actor=actor.id)

    def _must_be_open_to(self, act: str, actor: Actor) -> None:
        if not self.ACTIONS[act].starts_in(self.state):
            raise RuleBroken(f"此申请现为“{STATES[self.state]}”，不能再作决定")
        self._must_be_another(self.ACTIONS[act], actor)

    def evolve(self, fact: DomainEvent) -> None:
        self._follow(fact)
        match fact:
            case DisclosureRequested():
                self.unit, self.requested_by = fact.unit, fact.actor
                self.tip, self.fields = UUID(fact.tip), fact.fields
            case DisclosureApproved():
                self.until = date.fromisoformat(shanghai_day(str(fact.timestamp))) + timedelta(TERM)
            case DisclosureDeclined() | DisclosureOpened():
                pass
            case _:
                super().evolve(fact)
