"""问题线索: received, weighed, handed to a town, verified; then problems in the ledger, or an answer."""

from __future__ import annotations

from datetime import date
from typing import Any, Self
from uuid import UUID

from domain.base import DomainEvent
from domain.calendar import WorkingDays
from domain.errors import RuleBroken
from domain.recorded import shanghai_day
from domain.text import TITLE, official, optional
from domain.tips import acknowledgement_term
from domain.tips.actions import CONTENT, SHREDDING, SUBSTANTIATED
from domain.tips.events import (
    TipAccepted,
    TipAcknowledged,
    TipAnswered,
    TipAssigned,
    TipBecameProblems,
    TipDeclined,
    TipJoinedProblem,
    TipReassigned,
    TipRecalled,
    TipRegistered,
    TipReopened,
    TipReporterInformed,
    TipReturned,
    TipShredded,
    TipShreddingProposed,
    TipSupplemented,
    TipTakenUp,
    TipUnitRecused,
    TipUrgentMarked,
    TipVerified,
    TipWithdrawn,
)
from domain.tips.screening import Screened, must_not_be_past
from domain.values import CITY, Actor

CHANNELS = {
    "hotline": "举报电话",
    "mail": "电子信箱",
    "12345": "12345热线",
    "petition": "信访举报",
    "opinion": "网络舆情监测",
    "inspection": "监督检查",
    "web": "网上举报",
}
EARLIEST = date(2000, 1, 1)  # received before is a slip of the pen, or Excel's own 1900
INFORMATION = {"accepted": "受理告知", "interim": "阶段答复"}
REOPENED_FOR = {"complaint": "举报人不服或再次反映", "recheck": "复查发现", "order": "上级交办", "relapse": "问题反弹"}
RESULTS = {"true": "属实", "partly": "部分属实", "false": "不属实"}


class Tip(Screened):
    TOPIC = "tip"
    Event, Created = DomainEvent, TipRegistered

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        channel: str,
        received_on: date,
        today: date,
        commits: dict[str, str],
        import_: dict[str, Any] | None = None,
        answer_due_on: date | None = None,
        actor: Actor,
    ) -> Self:
        """It is the registering unit's until it is assigned."""
        if channel not in CHANNELS:
            raise RuleBroken("请选择线索来源")
        if received_on > today:
            raise RuleBroken(f"收到日期不能晚于今天（{today.isoformat()}）")
        if received_on < EARLIEST:
            raise RuleBroken(f"收到日期 {received_on.isoformat()} 早于 {EARLIEST.year} 年，请核对")
        return cls._create(
            TipRegistered,
            id=id,
            channel=channel,
            received_on=received_on.isoformat(),
            commits=commits,
            import_=import_,
            answer_due_on=answer_due_on.isoformat() if answer_due_on else None,
            actor=actor.id,
        )

    def acknowledge(self, *, actor: Actor) -> None:
        self._must_be_open_to("acknowledge")
        self.trigger_event(TipAcknowledged, actor=actor.id)

    def return_(
        self, *, reason: str, basis: str, unit: str, today: date, working_days: WorkingDays, actor: Actor
    ) -> None:
        """退回 to the city's desk, which has to answer for it again; only within the term for signing (acknowledgement_term.py)."""
        self._must_be_open_to("return")
        if today > (last := acknowledgement_term.due(self.assigned_on, working_days)):
            raise RuleBroken(
                f"退回期限为交办之日起 {acknowledgement_term.TERM} 个工作日（{acknowledgement_term.SOURCE}），已于 {last.isoformat()} 届满，不能退回；"
                "请签收后核查，或请市专班研究"
            )
        self.trigger_event(TipReturned, reason=official("退回理由", reason), basis=basis, unit=unit, actor=actor.id)

    def verify(
        self, *, result: str, finding: str, estate: str | None, evidence: list[dict[str, Any]], actor: Actor
    ) -> None:
        self._must_be_open_to("verify")
        if result not in RESULTS:
            raise RuleBroken("请选择核查结论：属实、部分属实或不属实")
        if result in SUBSTANTIATED and estate is None:
            raise RuleBroken("属实或部分属实的，请选择所在小区")
        self.trigger_event(
            TipVerified,
            result=result,
            finding=official("核查情况", finding),
            estate=estate,
            evidence=evidence or None,
            replaces=self.ended_at if self.state == "verified" else None,
            actor=actor.id,
        )

    def become_problems(self, *, problems: list[str], actor: Actor) -> None:
        self._must_be_open_to("convert")
        if self.result not in SUBSTANTIATED:
            raise RuleBroken("核查结论为不属实，不能转为问题；请答复举报人")
        if not problems:
            raise RuleBroken("请至少填写一个问题")
        self.trigger_event(TipBecameProblems, problems=problems, actor=actor.id)

    def join_problem(self, *, problem: str, unit: str, actor: Actor) -> None:
        """并入: `unit` is the problem's; a town joins what is its own."""
        self._must_be_open_to("join")
        if unit != self.unit:
            raise RuleBroken("该问题不属于此线索的承办单位；请核对问题编号，或请市专班改派线索")
        self.trigger_event(TipJoinedProblem, problem=problem, actor=actor.id)

    def inform(self, *, kind: str, answer: str, actor: Actor) -> None:
        self._must_be_open_to("inform")
        if kind not in INFORMATION:
            raise RuleBroken("请选择告知的种类：受理告知或阶段答复")
        self.trigger_event(TipReporterInformed, kind=kind, answer=official("告知内容", answer), actor=actor.id)

    def reopen(
        self,
        *,
        cause: str,
        reason: str,
        ordered_by: str | None = None,
        due_on: date | None = None,
        today: date,
        actor: Actor,
    ) -> None:
        """重新办理: what was declined is weighed again, what was answered is verified again until `due_on`."""
        self._must_be_open_to("reopen")
        if cause not in REOPENED_FOR:
            raise RuleBroken("请选择重新办理的原因")
        if self.state == "answered" and due_on is None:
            raise RuleBroken("请填写重新核查的办理期限")
        if due_on is not None:
            must_not_be_past(due_on, today)
        self.trigger_event(
            TipReopened,
            of=self.ended_at,
            cause=cause,
            reason=official("重新办理的理由", reason),
            ordered_by=optional("决定人或文号", ordered_by, limit=TITLE),
            due_on=due_on.isoformat() if due_on and self.state == "answered" else None,
            actor=actor.id,
        )

    def answer(self, *, answer: str, actor: Actor) -> None:
        self._must_be_open_to("answer")
        self.trigger_event(TipAnswered, answer=official("答复内容", answer), actor=actor.id)

    def propose_shredding(self, *, ground: str, order: str | None = None, actor: Actor) -> None:
        """提请销毁; a later proposal takes the place of the one before."""
        self._must_be_kept("propose_shredding", actor)
        number = optional("文号", order, limit=TITLE)
        self.trigger_event(TipShreddingProposed, ground=ground, order=number, actor=actor.id)

    def shred(self, *, actor: Actor) -> None:
        """On the ground that was proposed, by another person."""
        self._must_be_kept("shred", actor)
        ground, order = self.proposal
        self.trigger_event(TipShredded, ground=ground, order=order, actor=actor.id)

    def _must_be_kept(self, act: str, actor: Actor) -> None:
        """The content is not destroyed yet, and in the state that this act on it starts from. Raises a Refusal."""
        action = SHREDDING[act]
        if self.shredded:
            raise RuleBroken("此线索的内容已销毁，无需再次办理")
        if not action.starts_in(self.content):
            raise RuleBroken("尚未有人提请销毁此线索；请先由经办提请")
        self._must_be_another(action, actor)

    def supplement(self, *, received_on: date, commits: dict[str, str], actor: Actor) -> None:
        """What the reporter added stands in the log however far the tip has come: it was received."""
        self._must_be_open_to("supplement")
        self.trigger_event(TipSupplemented, received_on=received_on.isoformat(), commits=commits, actor=actor.id)

    @property
    def shredded(self) -> bool:
        return self.content == "shredded"

    def evolve(self, fact: DomainEvent) -> None:  # noqa: C901 (one case for each event)
        self._follow(fact)
        if isinstance(fact, TipVerified | TipDeclined | TipAnswered):
            self.ended_at = fact.originator_version
        self.content = SHREDDING.after(getattr(self, "content", next(iter(CONTENT))), fact.TOPIC)
        self.doers = SHREDDING.doers_after(self.doers, fact.TOPIC, fact.actor)
        match fact:
            case TipRegistered():
                self.unit, self.result, self.estate = str(fact.acting_unit), None, None
                self.is_urgent = False
                self.recused = set[str]()
                self.proposal: tuple[str, str | None] = ("", None)
            case TipAssigned() | TipReassigned():
                self.unit = fact.unit
                self.assigned_on = date.fromisoformat(shanghai_day(str(fact.timestamp)))
            case TipReturned() | TipRecalled():
                self.unit = fact.unit
            case TipUrgentMarked():
                self.is_urgent = True
            case TipVerified():
                self.result, self.estate = fact.result, fact.estate
            case TipUnitRecused():
                self._recused(fact.recused)
            case TipShreddingProposed():
                self.proposal = (fact.ground, fact.order)
            case _ if type(fact) in ONLY_MOVE:
                pass
            case _:
                super().evolve(fact)

    def _recused(self, unit: str) -> None:
        self.recused.add(unit)
        if self.unit == unit:
            self.unit = CITY


# What changes the state, as the table says, and nothing else.
ONLY_MOVE = {
    *(TipAccepted, TipDeclined, TipTakenUp, TipAcknowledged, TipBecameProblems, TipJoinedProblem, TipReporterInformed),
    *(TipAnswered, TipReopened, TipWithdrawn, TipShredded, TipSupplemented),
}
