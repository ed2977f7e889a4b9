"""问题线索: received, weighed, handed to a town, verified; then problems in the ledger, or an answer."""

from __future__ import annotations

from datetime import date
from typing import Any, Self
from uuid import UUID

from domain.actions import Matter
from domain.base import Aggregate, DomainEvent
from domain.calendar import WorkingDays
from domain.errors import RuleBroken
from domain.recorded import shanghai_day
from domain.text import TITLE, official, optional
from domain.tips import acknowledgement_term
from domain.tips.actions import ACTIONS, CONTENT, SHREDDING, STATES, SUBSTANTIATED
from domain.tips.events import (
    LeadReferred,
    TipAccepted,
    TipAcknowledged,
    TipAnswered,
    TipAssigned,
    TipBecameProblems,
    TipDeclined,
    TipRegistered,
    TipReturned,
    TipShredded,
    TipShreddingProposed,
    TipSupplemented,
    TipUnitRecused,
    TipVerified,
    TipWithdrawn,
)
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
RESULTS = {"true": "属实", "partly": "部分属实", "false": "不属实"}


class Tip(Matter):
    TOPIC, ACTIONS = "tip", ACTIONS
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
            actor=actor.id,
        )

    def accept(self, *, item: str | None = None, note: str | None = None, basis: str, actor: Actor) -> None:
        self._must_be_open_to("accept")
        self.trigger_event(TipAccepted, item=item, note=optional("说明", note), basis=basis, actor=actor.id)

    def decline(self, *, reason: str, basis: str, turn_to: str | None = None, actor: Actor) -> None:
        """不予受理, or 非本办范围 where `turn_to` says who is responsible."""
        self._must_be_open_to("decline")
        self.trigger_event(
            TipDeclined,
            reason=official("不予受理的理由", reason),
            basis=basis,
            turn_to=optional("建议去处", turn_to, limit=TITLE),
            actor=actor.id,
        )

    def withdraw(self, *, reason: str, actor: Actor) -> None:
        """撤回登记: only while nobody has begun to work on it."""
        self._must_be_open_to("withdraw")
        self.trigger_event(TipWithdrawn, reason=official("撤回理由", reason), actor=actor.id)

    def assign(
        self, *, unit: str, due_on: date, today: date, note: str | None = None, basis: str, actor: Actor
    ) -> None:
        self._must_be_open_to("assign")
        if unit in self.recused:
            raise RuleBroken("此线索反映该单位自身的问题，该单位已回避；请交办给其他镇（街道）")
        if due_on < today:
            raise RuleBroken(f"办理期限不能早于今天（{today.isoformat()}）")
        self.trigger_event(
            TipAssigned, unit=unit, due_on=due_on.isoformat(), note=optional("说明", note), basis=basis, actor=actor.id
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
            actor=actor.id,
        )

    def become_problems(self, *, problems: list[str], actor: Actor) -> None:
        self._must_be_open_to("convert")
        if self.result not in SUBSTANTIATED:
            raise RuleBroken("核查结论为不属实，不能转为问题；请答复举报人")
        if not problems:
            raise RuleBroken("请至少填写一个问题")
        self.trigger_event(TipBecameProblems, problems=problems, actor=actor.id)

    def answer(self, *, answer: str, actor: Actor) -> None:
        self._must_be_open_to("answer")
        self.trigger_event(TipAnswered, answer=official("答复内容", answer), actor=actor.id)

    def recuse(self, *, unit: str, reason: str, actor: Actor) -> None:
        """回避: whatever the state; what the unit holds goes back to the city."""
        self._must_be_open_to("recuse")
        if unit == CITY:
            raise RuleBroken("市专班不能回避；反映市专班或其人员的，请作为检举线索转送市纪委监委")
        if unit in self.recused:
            raise RuleBroken("该单位已回避此线索")
        self.trigger_event(TipUnitRecused, recused=unit, reason=official("回避理由", reason), actor=actor.id)

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

    def _must_be_open_to(self, act: str) -> None:
        action = self.ACTIONS[act]
        if not action.starts_in(self.state):
            raise RuleBroken(f"此线索现为“{STATES[self.state]}”，不能{action.verb_or_words}；请刷新页面查看最新进展")

    @property
    def shredded(self) -> bool:
        return self.content == "shredded"

    def evolve(self, fact: DomainEvent) -> None:  # noqa: C901 (one case for each event)
        self._follow(fact)
        self.content = SHREDDING.after(getattr(self, "content", next(iter(CONTENT))), fact.TOPIC)
        self.doers = SHREDDING.doers_after(self.doers, fact.TOPIC, fact.actor)
        match fact:
            case TipRegistered():
                self.unit, self.result, self.estate = fact.acting_unit, None, None
                self.recused = set[str]()
                self.proposal: tuple[str, str | None] = ("", None)
            case TipAssigned():
                self.unit = fact.unit
                self.assigned_on = date.fromisoformat(shanghai_day(str(fact.timestamp)))
            case TipReturned():
                self.unit = fact.unit
            case TipVerified():
                self.result, self.estate = fact.result, fact.estate
            case TipUnitRecused():
                self._recused(fact.recused)
            case TipShreddingProposed():
                self.proposal = (fact.ground, fact.order)
            case (
                TipAccepted() | TipDeclined() | TipAcknowledged() | TipBecameProblems() | TipAnswered() | TipWithdrawn()
            ):
                pass
            case TipShredded() | TipSupplemented():
                pass
            case _:
                super().evolve(fact)

    def _recused(self, unit: str) -> None:
        self.recused.add(unit)
        if self.unit == unit:
            self.unit = CITY


class Lead(Aggregate):
    """检举线索: it accuses a public official, so all that is known here is the day it was passed on."""

    TOPIC = "lead"
    Event, Created = DomainEvent, LeadReferred

    @classmethod
    def refer(cls, *, id: UUID, day: date, actor: Actor) -> Self:
        return cls._create(LeadReferred, id=id, day=day.isoformat(), actor=actor.id)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case LeadReferred():
                self.day = fact.day
            case _:
                super().evolve(fact)
