"""整改: steps, completion, what is mended on the spot, and the verification of it, each with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.base import DomainEvent
from domain.errors import RuleBroken
from domain.problems.deadline import WithDeadline
from domain.problems.events import (
    ProblemCompletionReported,
    ProblemRectificationRefused,
    ProblemRectificationVerified,
    ProblemRectifiedAtOnce,
    ProblemStepRecorded,
)
from domain.problems.values import METHODS, kinds_shown, specific
from domain.text import official
from domain.values import Actor

Evidence = list[dict[str, Any]]


class Rectified(WithDeadline):
    """`handed` are the files that count; `spent` those that can't: found wanting, taken before, or whoever verified took them."""

    if TYPE_CHECKING:
        handed: set[str]
        spent: set[str]
        shown: set[str]
        inspectors: set[str]
        stated: dict[str, Any]

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
            shows=kinds_shown(shows, demanded),
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
        if self.pause_ == "paused":
            raise RuleBroken("整改已暂停；请先恢复整改，再申报完成")
        if completed_on > today:
            raise RuleBroken(f"完成日期不能晚于今天（{today.isoformat()}）")
        self._must_be_new(evidence)
        again = "退回后新的" if self.asked_by == "refused" else ""
        if not self.handed and not evidence:
            raise RuleBroken(f"请上传{again}整改照片或材料后再申报完成")
        kinds = kinds_shown(shows, demanded)
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

    def rectify_at_once(self, *, note: str, evidence: Evidence, demanded: Sequence[str] = (), actor: Actor) -> None:
        """当场整改到位: of 立行立改 whose item demands no paper of its own; what is demanded otherwise takes three persons."""
        self._must_be_open_to("at_once", actor)
        if self.stated["kind"] != "at_once":
            raise RuleBroken("只有整改类型为“立行立改”的问题可以当场整改到位；其他问题请按交办、整改、申报、核查办理")
        if kinds := specific(demanded):
            raise RuleBroken(f"此条目须有材料：{'、'.join(kinds)}；请按交办、整改、申报、核查办理")
        if not evidence:
            raise RuleBroken("请上传整改后的照片")
        self._must_be_new(evidence)
        self.trigger_event(ProblemRectifiedAtOnce, note=official("整改情况", note), evidence=evidence, actor=actor.id)

    def verify(
        self, *, method: str, note: str, evidence: Evidence, person: str, actor: Actor, today: date, **inspected: Any
    ) -> None:
        """`person` is the actor's: whoever answers for the problem (责任人) neither verifies nor closes it.

        `inspected`: `inspected_on`, a day, and who was there too: `second` acts for the person `second_person`.
        """
        self._must_be_open_to("verify", actor, person)
        if method not in METHODS:
            raise RuleBroken("请选择核查方式")
        self.trigger_event(
            ProblemRectificationVerified,
            method=method,
            note=official("核查情况", note),
            evidence=evidence or None,
            actor=actor.id,
            **self._inspected(actor, today, **inspected),
        )

    def refuse(
        self, *, reason: str, evidence: Evidence, person: str, actor: Actor, today: date, **inspected: Any
    ) -> None:
        self._must_be_open_to("refuse", actor, person)
        self.trigger_event(
            ProblemRectificationRefused,
            reason=official("补充要求", reason),
            evidence=evidence or None,
            actor=actor.id,
            **self._inspected(actor, today, **inspected),
        )

    def _inspected(
        self,
        actor: Actor,
        today: date,
        *,
        inspected_on: date | None = None,
        second: Actor | None = None,
        second_person: str = "",
    ) -> dict[str, Any]:
        """双人核查: the second inspector is another person, and has as little to do with it as the first. Raises a Refusal."""
        if inspected_on is not None and inspected_on > today:
            raise RuleBroken(f"核查日期不能晚于今天（{today.isoformat()}）")
        if second is not None and second.is_same_person_as(actor.id):
            raise RuleBroken("第二核查人须是另一位工作人员，请另选一人")
        if second is not None and self.ACTIONS["verify"].refusal(second, self.doers):
            raise RuleBroken("第二核查人办理过此问题的整改或销号审核，请另选一人")
        if second is not None and second_person in self.answerable:
            raise RuleBroken("第二核查人是此问题的责任人，请另选一人")
        day = inspected_on.isoformat() if inspected_on else None
        return {"inspected_on": day, "second_inspector": second_person or None}

    def _must_be_new(self, evidence: Evidence) -> None:
        """What was found wanting once proves nothing new."""
        if any(file["sha256"] in self.spent for file in evidence):
            raise RuleBroken(
                "其中有照片或材料此前已经上传过（整改前、核查时，或退回、重新整改之前），请去掉这些，换成之后新拍摄、新取得的"
            )

    def _verified(self, fact: ProblemRectificationVerified | ProblemRectifiedAtOnce) -> None:
        """By one person or two; what they took proves no rectification of others."""
        self.verified_at = fact.originator_version
        self.spent = self.spent | files(fact)
        self.inspectors = self.inspectors | {fact.data[name] for name in ("second_inspector",) if name in fact.data}

    def _hand_in(self, fact: ProblemStepRecorded | ProblemCompletionReported) -> None:
        self.handed |= files(fact)
        self.shown |= set(fact.shows or ())

    def _spend(self) -> None:
        self.spent |= self.handed
        self.handed, self.shown = set[str](), set[str]()


def files(fact: DomainEvent) -> set[str]:
    """The SHA-256 of what was handed in with it."""
    return {file["sha256"] for file in fact.data.get("evidence") or ()}
