"""问题线索, its first half: weighed, given to a town, taken back or given to another; and who is kept out of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from domain.actions import Matter
from domain.errors import RuleBroken
from domain.text import TITLE, official, optional
from domain.tips.actions import ACTIONS, STATES
from domain.tips.events import (
    TipAccepted,
    TipAssigned,
    TipDeclined,
    TipReassigned,
    TipRecalled,
    TipTakenUp,
    TipUnitRecused,
    TipUrgentMarked,
    TipWithdrawn,
)
from domain.values import CITY, Actor


class Screened(Matter):
    """What is decided of a tip before anybody goes there; `Tip` has the rest, and remembers."""

    ACTIONS = ACTIONS
    if TYPE_CHECKING:  # the library would make constructor arguments of them
        unit: str
        result: str | None
        estate: str | None
        recused: set[str]
        is_urgent: bool

    def accept(
        self,
        *,
        item: str | None = None,
        note: str | None = None,
        basis: str,
        summary: str | None = None,
        estate: str | None = None,
        actor: Actor,
    ) -> None:
        """`summary` and `estate` say what it is about, as far as that is known before anybody went there."""
        self._must_be_open_to("accept")
        self.trigger_event(
            TipAccepted,
            item=item,
            note=optional("说明", note),
            basis=basis,
            summary=optional("摘要", summary, limit=TITLE),
            estate=estate,
            actor=actor.id,
        )

    def take_up(self, *, due_on: date, today: date, note: str | None = None, actor: Actor) -> None:
        """自办: by the town that received it."""
        self._must_be_open_to("take_up")
        if self.unit == CITY:
            raise RuleBroken("此线索由市专班登记，请等市专班交办；本镇（街道）自己收到的，由本镇（街道）登记后自办")
        must_not_be_past(due_on, today)
        self.trigger_event(TipTakenUp, due_on=due_on.isoformat(), note=optional("说明", note), actor=actor.id)

    def recall(self, *, reason: str, actor: Actor) -> None:
        """收回: whatever term has run out meanwhile."""
        self._must_be_open_to("recall")
        self.trigger_event(TipRecalled, reason=official("收回理由", reason), unit=CITY, actor=actor.id)

    def reassign(self, *, unit: str, due_on: date, today: date, reason: str, actor: Actor) -> None:
        self._must_be_open_to("reassign")
        if unit == self.unit:
            raise RuleBroken("此线索已在该镇（街道）；请改选另一个，或请该单位继续办理")
        self._must_not_be_recused(unit)
        must_not_be_past(due_on, today)
        self.trigger_event(
            TipReassigned, unit=unit, due_on=due_on.isoformat(), reason=official("改派理由", reason), actor=actor.id
        )

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
        self._must_not_be_recused(unit)
        must_not_be_past(due_on, today)
        self.trigger_event(
            TipAssigned, unit=unit, due_on=due_on.isoformat(), note=optional("说明", note), basis=basis, actor=actor.id
        )

    def recuse(self, *, unit: str, reason: str, actor: Actor) -> None:
        """回避: whatever the state; what the unit holds goes back to the city."""
        self._must_be_open_to("recuse")
        if unit == CITY:
            raise RuleBroken("市专班不能回避；反映市专班或其人员的，请作为检举线索转送市纪委监委")
        if unit in self.recused:
            raise RuleBroken("该单位已回避此线索")
        self.trigger_event(TipUnitRecused, recused=unit, reason=official("回避理由", reason), actor=actor.id)

    def mark_urgent(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("mark_urgent")
        if self.is_urgent:
            raise RuleBroken("此线索已列为紧急，无需重复办理")
        self.trigger_event(TipUrgentMarked, reason=official("紧急情形", reason), actor=actor.id)

    def _must_be_open_to(self, act: str) -> None:
        action = self.ACTIONS[act]
        if not action.starts_in(self.state):
            raise RuleBroken(f"此线索现为“{STATES[self.state]}”，不能{action.verb_or_words}；请刷新页面查看最新进展")

    def _must_not_be_recused(self, unit: str) -> None:
        if unit in self.recused:
            raise RuleBroken("此线索反映该单位自身的问题，该单位已回避；请交办给其他镇（街道）")


def must_not_be_past(due_on: date, today: date) -> None:
    if due_on < today:
        raise RuleBroken(f"办理期限不能早于今天（{today.isoformat()}）")
