"""问题: in the ledger with 责任单位, 责任人, 措施 and 完成时限, until three different people have struck it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from domain.actions import Matter
from domain.base import DomainEvent, public_id
from domain.errors import NotAllowed, RuleBroken
from domain.problems.actions import ACTIONS, STATES
from domain.problems.events import (
    ProblemAssigned,
    ProblemClosed,
    ProblemClosureRevoked,
    ProblemCompletionReported,
    ProblemCorrected,
    ProblemOpened,
    ProblemOwnerChanged,
    ProblemRectificationRefused,
    ProblemRectificationVerified,
    ProblemReopened,
    ProblemStepRecorded,
    company_after,
)
from domain.text import TITLE, official, optional
from domain.values import Actor

KINDS = {"at_once": "立行立改", "by_deadline": "限期整改", "by_plan": "整改计划"}
METHODS = {"on_site": "现场核查", "on_paper": "书面核查"}
STATED = ("title", "item", "description", "found_on", "kind", "responsible", "owner", "measures")
ANY_EVIDENCE = "整改照片或材料"  # of the catalogue: any evidence answers this demand
Evidence = list[dict[str, Any]]


class Problem(Matter):
    TOPIC, ACTIONS = "problem", ACTIONS
    Event, Created = DomainEvent, ProblemOpened

    @classmethod
    def open(
        cls, *, origin: str, number: str, found_on: date, due_on: date, today: date, actor: Actor, **members: Any
    ) -> Self:
        """`members` are the other fields of ProblemOpened. Raises RuleBroken."""
        if due_on < max(found_on, today):
            raise RuleBroken("完成时限不能早于发现日期和今天")
        if not members["estate"]:
            raise RuleBroken("请选择小区")
        return cls._create(
            ProblemOpened,
            id=public_id(origin, "problem", number),
            number=number,
            due_on=due_on.isoformat(),
            actor=actor.id,
            **members | _checked({"found_on": found_on} | members, today),
        )

    def correct(self, *, reason: str, today: date, actor: Actor, **stated: Any) -> None:
        """更正登记: `stated` is all that can be corrected, as it ought to stand (STATED). In any state: a false entry stays
        false when the problem is closed. Raises RuleBroken, also if nothing differs.
        """
        self._must_be_open_to("correct", actor)
        stated = _checked(stated, today)
        changed = {name: value for name, value in stated.items() if value != self.stated[name]}
        if not changed:
            raise RuleBroken("登记内容没有改动，不需要更正")
        self.trigger_event(ProblemCorrected, reason=official("更正理由", reason), actor=actor.id, **changed)

    def assign(self, *, handler: str, note: str | None = None, actor: Actor) -> None:
        self._must_be_open_to("assign", actor)
        self.trigger_event(ProblemAssigned, handler=handler, note=optional("说明", note), actor=actor.id)

    def change_owner(self, *, owner: str, reason: str, actor: Actor) -> None:
        """变更责任人: `owner` is a person's id. Whoever answered for it in this round still verifies nothing of it."""
        self._must_be_open_to("change_owner", actor)
        if owner == self.stated["owner"]:
            raise RuleBroken("此人已是责任人，请另选一人")
        self.trigger_event(ProblemOwnerChanged, owner=owner, reason=official("交接原因", reason), actor=actor.id)

    def record_step(
        self,
        *,
        note: str,
        evidence: Evidence,
        actor: Actor,
        shows: Sequence[str] = (),
        demanded: Sequence[str] = (),
    ) -> None:
        """`shows`: which of the kinds that the item demands are among this evidence."""
        self._must_be_open_to("step", actor)
        self._must_be_new(evidence)
        if shows and not evidence:
            raise RuleBroken("勾选了材料种类，请同时上传这些照片或材料")
        self.trigger_event(
            ProblemStepRecorded,
            note=official("整改情况", note),
            evidence=evidence or None,
            shows=_kinds(shows, demanded),
            actor=actor.id,
        )

    def report_completion(
        self,
        *,
        note: str,
        completed_on: date,
        today: date,
        evidence: Evidence,
        actor: Actor,
        shows: Sequence[str] = (),
        demanded: Sequence[str] = (),
    ) -> None:
        """申报完成: needs evidence of this round, and of each kind that the item demands; after a refusal, newer than it."""
        self._must_be_open_to("report", actor)
        if completed_on > today:
            raise RuleBroken(f"完成日期不能晚于今天（{today.isoformat()}）")
        self._must_be_new(evidence)
        again = "核查退回后新的" if self.asked_by == "refused" else ""
        if not self.handed and not evidence:
            raise RuleBroken(f"请上传{again}整改照片或材料后再申报完成")
        kinds = _kinds(shows, demanded)
        missing = [kind for kind in specific(demanded) if kind not in self.shown.union(shows)]
        if missing:
            raise RuleBroken(f"此条目申报完成还须有{again}材料：{'、'.join(missing)}；请上传，并勾选材料种类")
        self.trigger_event(
            ProblemCompletionReported,
            note=official("完成情况", note),
            completed_on=completed_on.isoformat(),
            evidence=evidence or None,
            shows=kinds,
            actor=actor.id,
        )

    def verify(self, *, method: str, note: str, evidence: Evidence, person: str, actor: Actor) -> None:
        """`person` is the actor's: whoever answers for the problem (责任人) neither verifies nor closes it."""
        self._must_be_open_to("verify", actor, person)
        if method not in METHODS:
            raise RuleBroken("请选择核查方式")
        self.trigger_event(
            ProblemRectificationVerified,
            method=method,
            note=official("核查情况", note),
            evidence=evidence or None,
            actor=actor.id,
        )

    def refuse(self, *, reason: str, evidence: Evidence, person: str, actor: Actor) -> None:
        self._must_be_open_to("refuse", actor, person)
        self.trigger_event(
            ProblemRectificationRefused,
            reason=official("补充要求", reason),
            evidence=evidence or None,
            actor=actor.id,
        )

    def close(self, *, person: str, note: str | None = None, actor: Actor) -> None:
        """销号, by a third person."""
        self._must_be_open_to("close", actor, person)
        self.trigger_event(ProblemClosed, note=optional("销号意见", note), actor=actor.id)

    def reopen(self, *, reason: str, due_on: date, today: date, actor: Actor) -> None:
        self._must_be_open_to("reopen", actor)
        self._begin_again(ProblemReopened, reason, due_on, today, actor)

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

    def _must_be_open_to(self, act: str, actor: Actor, person: str | None = None) -> None:
        """The state allows it, four eyes are two, and `person`, where given, does not answer for the problem. Raises a Refusal."""
        action = self.ACTIONS[act]
        if not action.starts_in(self.state):
            raise RuleBroken(f"此问题现为“{STATES[self.asked_by]}”，不能{action.verb_or_words}；请刷新页面查看最新进展")
        self._must_be_another(action, actor)
        if action.answerable and person in self.answerable:
            raise NotAllowed(action.answerable)

    def _must_be_new(self, evidence: Evidence) -> None:
        """What was found wanting once proves nothing new."""
        if any(file["sha256"] in self.spent for file in evidence):
            raise RuleBroken(
                "其中有照片或材料此前已经上传过（整改前、核查时，或退回、重新整改之前），请去掉这些，换成之后新拍摄、新取得的"
            )

    def evolve(self, fact: DomainEvent) -> None:  # noqa: C901 (one case for each event)
        self._follow(fact)
        if self.state != "rectifying":
            self.asked_by = self.state  # what a step answers to, and what a refusal calls the state
        match fact:
            case ProblemOpened():
                self.unit, self.company, self.item, self.number = fact.unit, fact.company, fact.item, fact.number
                self.due_on, self.handler, self.tip = fact.due_on, None, fact.tip
                self.catalogue, self.stated = fact.catalogue, {name: getattr(fact, name) for name in STATED}
                self.handed, self.spent = set[str](), _files(fact)
                self._new_round()
            case ProblemAssigned():
                self.handler = fact.handler
            case ProblemCorrected():
                self.company = company_after(self.company, self.stated["responsible"], fact.data)
                self.answerable.discard(self.stated["owner"])
                self.stated |= {name: fact.data[name] for name in STATED if name in fact.data}
                self.item = self.stated["item"]
                self.answerable.add(self.stated["owner"])
            case ProblemOwnerChanged():
                self.stated["owner"] = fact.owner
                self.answerable.add(fact.owner)
            case ProblemStepRecorded() | ProblemCompletionReported():
                self._hand_in(fact)
            case ProblemRectificationVerified():
                self.spent = self.spent | _files(fact)
            case ProblemRectificationRefused():
                self.spent = self.spent | _files(fact)
                self._spend()
            case ProblemClosed():
                self.closed_at = fact.originator_version
            case ProblemReopened() | ProblemClosureRevoked():
                self.due_on = fact.due_on
                self._new_round()
            case _:
                super().evolve(fact)

    def _new_round(self) -> None:
        """The persons who answer for it and the evidence begin anew, as four eyes do (Actions.doers_after)."""
        self.closed_at = 0
        self.answerable: set[str] = {self.stated["owner"]}
        self._spend()

    def _hand_in(self, fact: ProblemStepRecorded | ProblemCompletionReported) -> None:
        """`handed` are the files that count; `spent` those that can't: found wanting, taken before, or whoever verified took them."""
        self.handed |= _files(fact)
        self.shown |= set(fact.shows or ())

    def _spend(self) -> None:
        self.spent |= self.handed
        self.handed, self.shown = set[str](), set[str]()


def _files(fact: Any) -> set[str]:
    return {file["sha256"] for file in fact.evidence or ()}


def specific(demanded: Sequence[str]) -> list[str]:
    """The kinds that have to be named: whatever is handed in answers a demand for photos or papers of any kind."""
    return [kind for kind in demanded if kind != ANY_EVIDENCE]


def _kinds(shows: Sequence[str], demanded: Sequence[str]) -> list[str] | None:
    """As they are recorded: each once, in the order of the catalogue. Raises RuleBroken."""
    if not set(shows) <= set(demanded):
        raise RuleBroken("材料种类已有变化，请刷新页面后重新勾选")
    return [kind for kind in demanded if kind in shows] or None


def _checked(stated: dict[str, Any], today: date) -> dict[str, Any]:
    """What is said of a problem, as it is recorded. Raises RuleBroken."""
    if stated["kind"] not in KINDS:
        raise RuleBroken("请选择整改类型")
    if stated["found_on"] > today:
        raise RuleBroken(f"发现日期不能晚于今天（{today.isoformat()}）")
    for name, label in (("responsible", "责任单位"), ("owner", "责任人")):
        if not stated[name]:
            raise RuleBroken(f"请选择{label}")
    return {name: stated[name] for name in STATED} | {
        "found_on": stated["found_on"].isoformat(),
        "title": official("问题标题", stated["title"], limit=TITLE),
        "description": official("问题描述", stated["description"]),
        "measures": official("整改措施", stated["measures"]),
    }
