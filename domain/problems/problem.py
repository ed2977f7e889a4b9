"""问题: in the ledger with 责任单位, 责任人, 措施 and 完成时限, until three different people have struck it off."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from domain.base import DomainEvent, public_id
from domain.errors import NotAllowed, RuleBroken
from domain.problems.actions import ACTIONS
from domain.problems.events import (
    ProblemAssigned,
    ProblemClosed,
    ProblemClosureRefused,
    ProblemClosureRevoked,
    ProblemCompletionReported,
    ProblemCorrected,
    ProblemOpened,
    ProblemOwnerChanged,
    ProblemRectificationRefused,
    ProblemRectificationVerified,
    ProblemRectifiedAtOnce,
    ProblemReopened,
    ProblemStepRecorded,
    ProblemUrged,
    ProblemVoided,
)
from domain.problems.rectification import Rectified, files
from domain.problems.values import CAUSES, STATED, checked, company_after
from domain.text import official, optional
from domain.values import Actor


class Problem(Rectified):
    TOPIC, ACTIONS = "problem", ACTIONS
    Event, Created = DomainEvent, ProblemOpened

    @classmethod
    def open(
        cls, *, origin: str, number: str, found_on: date, due_on: date, today: date, actor: Actor, **members: Any
    ) -> Self:
        """`members` are the other fields of ProblemOpened. Raises RuleBroken."""
        if due_on < max(found_on, today):
            raise RuleBroken("完成时限不能早于发现日期和今天")
        said = checked({"found_on": found_on, "due_on": due_on} | members, today)
        return cls._create(
            ProblemOpened, id=public_id(origin, "problem", number), number=number, actor=actor.id, **members | said
        )

    def correct(self, *, reason: str, today: date, actor: Actor, **stated: Any) -> None:
        """更正登记: `stated` is all that can be corrected, as it ought to stand (STATED). In any state: a false entry stays
        false when the problem is closed. Raises RuleBroken, also if nothing differs.
        """
        self._must_be_open_to("correct", actor)
        if stated["due_on"] < stated["found_on"]:
            raise RuleBroken("完成时限不能早于发现日期")
        now = checked(stated, today)
        now["company"] = company_after(self.stated, now)
        changed = {name: value for name, value in now.items() if value != self.stated[name]}
        if not changed:
            raise RuleBroken("登记内容没有改动，不需要更正")
        if "due_on" in changed and self.due_moved:
            raise RuleBroken("完成时限已经延期、暂停或重新确定，登记时的时限不能再更正；需要延长的请申请延期")
        told = {name: value for name, value in changed.items() if value is not None}
        cleared = [name for name, value in changed.items() if value is None]
        self.trigger_event(
            ProblemCorrected, reason=official("更正理由", reason), cleared=cleared or None, actor=actor.id, **told
        )

    def void(self, *, reason: str, duplicate_of: str | None = None, actor: Actor) -> None:
        """作废登记, by another person than whoever entered it, in any round; `duplicate_of` is another problem's id."""
        self._must_be_open_to("void", actor)
        if actor.is_same_person_as(self.opened_by):
            raise NotAllowed(self.ACTIONS["void"].apart_from[0].sentence)
        if duplicate_of == str(self.id):
            raise RuleBroken("不能与自身重复，请填写原问题的台账编号")
        self.trigger_event(
            ProblemVoided, reason=official("作废理由", reason), duplicate_of=duplicate_of, actor=actor.id
        )

    def urge(self, *, note: str | None = None, actor: Actor) -> None:
        """催办: as often as it is needed; each is counted."""
        self._must_be_open_to("urge", actor)
        self.trigger_event(ProblemUrged, note=optional("催办意见", note), actor=actor.id)

    def assign(self, *, handler: str, note: str | None = None, actor: Actor) -> None:
        self._must_be_open_to("assign", actor)
        self.trigger_event(ProblemAssigned, handler=handler, note=optional("说明", note), actor=actor.id)

    def change_owner(self, *, owner: str, reason: str, actor: Actor) -> None:
        """变更责任人: `owner` is a person's id. Whoever answered for it in this round still verifies nothing of it."""
        self._must_be_open_to("change_owner", actor)
        if owner == self.stated["owner"]:
            raise RuleBroken("此人已是责任人，请另选一人")
        self.trigger_event(ProblemOwnerChanged, owner=owner, reason=official("交接原因", reason), actor=actor.id)

    def close(self, *, person: str, note: str | None = None, actor: Actor) -> None:
        """销号, by a third person."""
        self._must_judge("close", actor, person)
        self.trigger_event(ProblemClosed, verified=self.verified_at, note=optional("销号意见", note), actor=actor.id)

    def refuse_closure(self, *, reason: str, person: str, actor: Actor) -> None:
        """销号审核退回, by whoever might have closed it."""
        self._must_judge("refuse_closure", actor, person)
        self.trigger_event(ProblemClosureRefused, reason=official("补充要求", reason), actor=actor.id)

    def _must_judge(self, act: str, actor: Actor, person: str) -> None:
        self._must_be_open_to(act, actor, person)
        if person in self.inspectors:
            raise NotAllowed("您是此问题的第二核查人，请由未参与的第三位同事销号")

    def reopen(self, *, cause: str, reason: str, due_on: date, today: date, actor: Actor) -> None:
        self._must_be_open_to("reopen", actor)
        if cause not in CAUSES:
            raise RuleBroken("请选择重新整改的原因")
        self._begin_again(ProblemReopened, reason, due_on, today, actor, cause=cause)

    def revoke_closure(self, *, reason: str, due_on: date, today: date, actor: Actor) -> None:
        """撤销销号: it was false from the start."""
        self._must_be_open_to("revoke", actor)
        self._begin_again(ProblemClosureRevoked, reason, due_on, today, actor, closed=self.closed_at)

    def _begin_again(
        self, event: type[DomainEvent], reason: str, due_on: date, today: date, actor: Actor, **members: Any
    ) -> None:
        if due_on < today:
            raise RuleBroken(f"新的完成时限不能早于今天（{today.isoformat()}）")
        reason = official("理由", reason)
        self.trigger_event(event, reason=reason, due_on=due_on.isoformat(), actor=actor.id, **members)

    def evolve(self, fact: DomainEvent) -> None:  # noqa: C901 (one case for each event)
        self._follow(fact)
        if self.state != "rectifying":
            self.asked_by = self.state  # what a step answers to, and what a refusal calls the state
        if self._keep_time(fact):
            return
        match fact:
            case ProblemOpened():
                self.unit, self.number, self.tip, self.catalogue = fact.unit, fact.number, fact.tip, fact.catalogue
                self.opened_by, self.handler, self.duplicate_of = fact.actor, None, None
                self.stated, self.due_moved = {name: getattr(fact, name, None) for name in STATED}, False
                self.handed, self.spent = set[str](), files(fact)
                self._new_round(fact.due_on)
            case ProblemAssigned():
                self.handler = fact.handler
            case ProblemCorrected():
                self._correct(fact)
            case ProblemVoided():
                self.duplicate_of = fact.duplicate_of
            case ProblemOwnerChanged():
                self.stated["owner"] = fact.owner
                self.answerable.add(fact.owner)
            case ProblemStepRecorded() | ProblemCompletionReported():
                self._hand_in(fact)
            case ProblemRectificationVerified() | ProblemRectifiedAtOnce():
                self._verified(fact)
            case ProblemRectificationRefused():
                self.spent = self.spent | files(fact)
                self._spend()
            case ProblemClosureRefused():
                self._spend()
            case ProblemUrged():
                pass
            case ProblemClosed():
                self.closed_at = fact.originator_version
            case ProblemReopened() | ProblemClosureRevoked():
                self.due_moved = True
                self._new_round(fact.due_on)
            case _:
                super().evolve(fact)

    @property
    def item(self) -> str:
        return str(self.stated["item"])

    @property
    def company(self) -> str | None:
        company: str | None = self.stated["company"]
        return company

    def _correct(self, fact: ProblemCorrected) -> None:
        self.answerable.discard(self.stated["owner"])
        self.stated |= {name: fact.data[name] for name in STATED if name in fact.data}
        self.stated |= dict.fromkeys(fact.data.get("cleared", ()))
        self.answerable.add(self.stated["owner"])
        if "due_on" in fact.data:
            self._new_deadline(fact.data["due_on"])

    def _new_round(self, due_on: str) -> None:
        """The persons who answer for it and the evidence begin anew, as four eyes do (Actions.doers_after)."""
        self._new_deadline(due_on)
        self.closed_at = self.verified_at = 0
        self.inspectors = set[str]()
        self.answerable: set[str] = {self.stated["owner"]}
        self._spend()
