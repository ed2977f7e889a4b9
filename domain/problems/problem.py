"""问题: in the ledger with 责任单位, 责任人, 措施 and 完成时限, until three different people have struck it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from domain.base import Fact, Thing, public_id
from domain.errors import NotAllowed, RuleBroken
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
STATES = {
    "opened": "待交办",
    "assigned": "整改中",
    "reported": "待核查",
    "refused": "退回整改",
    "verified": "待销号",
    "closed": "已销号",
    "reopened": "重新整改",
}
STATED = ("title", "item", "description", "found_on", "kind", "responsible", "owner", "measures")
ANY_EVIDENCE = "整改照片或材料"  # of the catalogue: any evidence answers this demand
UNDER_WAY = ("assigned", "refused", "reopened")
OPEN = tuple(state for state in STATES if state != "closed")
Evidence = list[dict[str, Any]]


class Problem(Thing):
    TOPIC = "problem"
    Event, Created = Fact, ProblemOpened

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
        stated = _checked(stated, today)
        changed = {name: value for name, value in stated.items() if value != self.stated[name]}
        if not changed:
            raise RuleBroken("登记内容没有改动，不需要更正")
        self.trigger_event(ProblemCorrected, reason=official("更正理由", reason), actor=actor.id, **changed)

    def assign(self, *, handler: str, note: str | None = None, actor: Actor) -> None:
        self._must_be("交办", *OPEN)
        self.trigger_event(ProblemAssigned, handler=handler, note=optional("说明", note), actor=actor.id)

    def change_owner(self, *, owner: str, reason: str, actor: Actor) -> None:
        """变更责任人: `owner` is a person's id. Whoever answered for it in this round still verifies nothing of it."""
        self._must_be("变更责任人", *OPEN)
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
        self._must_be("记录整改步骤", *UNDER_WAY)
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
        self._must_be("申报完成", *UNDER_WAY)
        if completed_on > today:
            raise RuleBroken(f"完成日期不能晚于今天（{today.isoformat()}）")
        self._must_be_new(evidence)
        again = "核查退回后新的" if self.state == "refused" else ""
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
        self._must_be("核查", "reported")
        self._must_be_another(actor, self.handlers, "您办理过此问题的整改，请由另一位同事核查")
        self._must_not_answer_for_it(person, "您是此问题的责任人，请由另一位同事核查")
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
        self._must_be("退回", "reported")
        self._must_be_another(actor, self.handlers, "您办理过此问题的整改，请由另一位同事核查")
        self._must_not_answer_for_it(person, "您是此问题的责任人，请由另一位同事核查")
        self.trigger_event(
            ProblemRectificationRefused,
            reason=official("补充要求", reason),
            evidence=evidence or None,
            actor=actor.id,
        )

    def close(self, *, person: str, note: str | None = None, actor: Actor) -> None:
        """销号, by a third person."""
        self._must_be("销号", "verified")
        self._must_be_another(actor, self.handlers, "您办理过此问题的整改，请由未参与的第三位同事销号")
        self._must_be_another(actor, self.verifiers, "此问题由您核查，请由未参与的第三位同事销号")
        self._must_not_answer_for_it(person, "您是此问题的责任人，请由另一位同事销号")
        self.trigger_event(ProblemClosed, note=optional("销号意见", note), actor=actor.id)

    def reopen(self, *, reason: str, due_on: date, today: date, actor: Actor) -> None:
        self._begin_again(ProblemReopened, reason, due_on, today, actor, "重新整改")

    def revoke_closure(self, *, reason: str, due_on: date, today: date, actor: Actor) -> None:
        """撤销销号: it was false from the start."""
        self._must_be_another(actor, self.closers, "此问题由您销号，请由另一位同事撤销")
        self._begin_again(ProblemClosureRevoked, reason, due_on, today, actor, "撤销销号", closed=self.closed_at)

    def _begin_again(
        self, event: type[Fact], reason: str, due_on: date, today: date, actor: Actor, act: str, **members: Any
    ) -> None:
        self._must_be(act, "closed")
        if due_on < today:
            raise RuleBroken(f"新的完成时限不能早于今天（{today.isoformat()}）")
        reason = official("理由", reason)
        self.trigger_event(event, reason=reason, due_on=due_on.isoformat(), actor=actor.id, **members)

    def _must_be(self, act: str, *states: str) -> None:
        if self.state not in states:
            raise RuleBroken(f"此问题现为“{STATES[self.state]}”，不能{act}；请刷新页面查看最新进展")

    def _must_not_answer_for_it(self, person: str, sentence: str) -> None:
        if person in self.answerable:
            raise NotAllowed(sentence)

    def _must_be_new(self, evidence: Evidence) -> None:
        """What was found wanting once proves nothing new."""
        if any(file["sha256"] in self.spent for file in evidence):
            raise RuleBroken(
                "其中有照片或材料此前已经上传过（整改前、核查时，或退回、重新整改之前），请去掉这些，换成之后新拍摄、新取得的"
            )

    @staticmethod
    def _must_be_another(actor: Actor, doers: set[str], sentence: str) -> None:
        if any(actor.is_same_person_as(doer) for doer in doers):
            raise NotAllowed(sentence)

    def evolve(self, fact: Fact) -> None:  # noqa: C901 (one case for each event)
        match fact:
            case ProblemOpened():
                self.unit, self.company, self.item, self.number = fact.unit, fact.company, fact.item, fact.number
                self.state, self.due_on, self.handler, self.tip = "opened", fact.due_on, None, fact.tip
                self.catalogue, self.stated = fact.catalogue, {name: getattr(fact, name) for name in STATED}
                self.handed, self.spent = set[str](), _files(fact)
                self._new_round()
            case ProblemAssigned():
                self.handler, self.state = fact.handler, "assigned" if self.state == "opened" else self.state
            case ProblemCorrected():
                self.company = company_after(self.company, self.stated["responsible"], fact.data)
                self.answerable.discard(self.stated["owner"])
                self.stated |= {name: fact.data[name] for name in STATED if name in fact.data}
                self.item = self.stated["item"]
                self.answerable.add(self.stated["owner"])
            case ProblemOwnerChanged():
                self.stated["owner"] = fact.owner
                self.answerable.add(fact.owner)
            case ProblemStepRecorded():
                self._hand_in(fact)
            case ProblemCompletionReported():
                self._hand_in(fact)
                self.state = "reported"
            case ProblemRectificationVerified():
                self.verifiers.add(fact.actor)
                self.state, self.spent = "verified", self.spent | _files(fact)
            case ProblemRectificationRefused():
                self.state, self.spent = "refused", self.spent | _files(fact)
                self._spend()
            case ProblemClosed():
                self.closers.add(fact.actor)
                self.state, self.closed_at = "closed", fact.originator_version
            case ProblemReopened() | ProblemClosureRevoked():
                self.state, self.due_on = "reopened", fact.due_on
                self._new_round()
            case _:
                super().evolve(fact)

    def _new_round(self) -> None:
        """Four eyes and evidence begin anew (rules.py, starts_round)."""
        self.handlers, self.verifiers, self.closers = set[str](), set[str](), set[str]()
        self.closed_at, self.answerable = 0, {self.stated["owner"]}
        self._spend()

    def _hand_in(self, fact: ProblemStepRecorded | ProblemCompletionReported) -> None:
        """`handed` are the files that count; `spent` those that can't: found wanting, taken before, or whoever verified took them."""
        self.handlers.add(fact.actor)
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
