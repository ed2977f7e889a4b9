"""A later edition of a document: proposed by one person, adopted by another, in effect from a day on. 依据文件新版"""

from __future__ import annotations

from datetime import date
from typing import Self

from domain.actions import Matter
from domain.base import DomainEvent, public_id
from domain.campaign.actions import ACTIONS, STATES
from domain.campaign.contents import Content, checked, difference
from domain.campaign.events import DocumentAdopted, DocumentDeclined, DocumentProposed
from domain.errors import RuleBroken
from domain.text import official
from domain.values import Actor


class Proposal(Matter):
    """依据文件新版"""

    TOPIC, ACTIONS = "document", ACTIONS
    Event, Created = DomainEvent, DocumentProposed

    @classmethod
    def propose(
        cls,
        *,
        origin: str,
        kind: str,
        version: int,
        before: Content,
        content: Content,
        effective_on: date,
        today: date,
        note: str,
        actor: Actor,
    ) -> Self:
        """`before` is the content in force. Raises RuleBroken, naming the row; also where nothing differs."""
        if effective_on < today:
            raise RuleBroken(f"生效日期不能早于今天（{today.isoformat()}）：已经办理的按当时的版本，不再改动")
        content = checked(kind, content, before)
        if not difference(kind, before, content):
            raise RuleBroken("内容与现行版本完全相同，不需要提请")
        return cls._create(
            DocumentProposed,
            id=public_id(origin, "document", f"{kind}/{version}"),
            kind=kind,
            version=version,
            effective_on=effective_on.isoformat(),
            content=content,
            note=official("修改说明", note, limit=500),
            actor=actor.id,
        )

    def adopt(self, *, today: date, actor: Actor) -> None:
        self._must_be_open_to("adopt", actor)
        if date.fromisoformat(self.effective_on) < today:
            raise RuleBroken(f"所定生效日期 {self.effective_on} 已过；请不予采用，改定生效日期后重新提请")
        self.trigger_event(DocumentAdopted, actor=actor.id)

    def decline(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("decline", actor)
        self.trigger_event(DocumentDeclined, reason=official("理由", reason, limit=500), actor=actor.id)

    def _must_be_open_to(self, act: str, actor: Actor) -> None:
        action = self.ACTIONS[act]
        if not action.starts_in(self.state):
            raise RuleBroken(f"此文件现为“{STATES[self.state]}”，不能{action.verb_or_words}；请刷新页面查看")
        self._must_be_another(action, actor)

    def evolve(self, fact: DomainEvent) -> None:
        self._follow(fact)
        match fact:
            case DocumentProposed():
                self.kind, self.edition, self.content = fact.kind, fact.version, fact.content
                self.effective_on = fact.effective_on
            case DocumentAdopted() | DocumentDeclined():
                pass
            case _:
                super().evolve(fact)
