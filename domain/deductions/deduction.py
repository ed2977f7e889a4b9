"""信用扣分: a town proposes, the housing bureau decides; never without a problem in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from domain.actions import Matter
from domain.base import DomainEvent
from domain.deductions.actions import ACTIONS, COUNTING, STATES
from domain.deductions.events import DeductionDecided, DeductionDeclined, DeductionProposed, DeductionServed
from domain.errors import RuleBroken
from domain.text import TITLE, official, optional
from domain.values import Actor

WAYS = {"in_person": "直接送达", "by_post": "邮寄送达", "left": "留置送达", "by_notice": "公告送达"}


class Deduction(Matter):
    TOPIC, ACTIONS = "deduction", ACTIONS
    Event, Created = DomainEvent, DeductionProposed

    @classmethod
    def propose(
        cls, *, id: UUID, row: dict[str, Any], points_x10: int, reason: str, actor: Actor, **members: Any
    ) -> Self:
        """`row` is the row of the score table; `members` are the other fields of DeductionProposed."""
        _check_points(points_x10, row["points_x10"])
        return cls._create(
            DeductionProposed,
            id=id,
            score_code=row["code"],
            points_x10=points_x10,
            reason=official("扣分理由", reason),
            actor=actor.id,
            **members,
        )

    def decide(
        self, *, points_x10: int, document: str, decided_on: date, today: date, note: str | None, actor: Actor
    ) -> None:
        """`points_x10` may be less than proposed, never more."""
        self._must_be_open_to("decide", actor)
        _check_points(points_x10, self.points_x10)
        if decided_on > today:
            raise RuleBroken(f"决定日期不能晚于今天（{today.isoformat()}）")
        self.trigger_event(
            DeductionDecided,
            points_x10=points_x10,
            document=official("告知单文号", document, limit=TITLE),
            decided_on=decided_on.isoformat(),
            note=optional("说明", note),
            actor=actor.id,
        )

    def serve(self, *, served_on: date, way: str, today: date, note: str | None, actor: Actor) -> None:
        """The company has the 告知单."""
        if not self.ACTIONS["serve"].starts_in(self.state):
            raise RuleBroken(f"此扣分现为“{STATES[self.state]}”，没有可送达的告知单")
        if self.served_on is not None:
            raise RuleBroken(f"此告知单已登记于 {self.served_on} 送达")
        if way not in WAYS:
            raise RuleBroken(f"送达方式应为{'、'.join(WAYS.values())}之一")
        if not self.decided_on <= served_on.isoformat() <= today.isoformat():
            raise RuleBroken(f"送达日期应在决定日期（{self.decided_on}）与今天（{today.isoformat()}）之间")
        self.trigger_event(
            DeductionServed,
            served_on=served_on.isoformat(),
            way=way,
            note=optional("说明", note),
            actor=actor.id,
        )

    def decline(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("decline", actor)
        self.trigger_event(DeductionDeclined, reason=official("不予扣分的理由", reason), actor=actor.id)

    def _must_be_open_to(self, act: str, actor: Actor) -> None:
        if not self.ACTIONS[act].starts_in(self.state):
            raise RuleBroken(f"此扣分现为“{STATES[self.state]}”，不能再作决定")
        self._must_be_another(self.ACTIONS[act], actor)

    def evolve(self, fact: DomainEvent) -> None:
        self._follow(fact)
        match fact:
            case DeductionProposed():
                self.points_x10, self.score_code = fact.points_x10, fact.score_code
                self.decided_on, self.served_on = "", None
                self.company, self.problem, self.unit = fact.company, fact.problem, fact.unit
            case DeductionDecided():
                self.points_x10, self.decided_on = fact.points_x10, fact.decided_on
            case DeductionServed():
                self.served_on = fact.served_on
            case DeductionDeclined():
                pass
            case _:
                super().evolve(fact)


class Proposed(Protocol):
    """What was proposed before: an aggregate, or a row of the read model."""

    @property
    def score_code(self) -> str: ...

    @property
    def state(self) -> str: ...


Earlier = TypeVar("Earlier", bound=Proposed)


def repeated(score_code: str, earlier: Iterable[Earlier], *, again: bool) -> Earlier | None:
    """What would be proposed a second time: the last of `earlier`, in the log's order, for this conduct on the same problem that
    counts or may come to count; None if there is none, or it is said that the conduct happened `again`.
    """
    counting = [one for one in earlier if one.score_code == score_code and one.state in COUNTING]
    return counting[-1] if counting and not again else None


def _check_points(points_x10: int, most: int) -> None:
    if not 0 < points_x10 <= most:
        raise RuleBroken(f"分值应大于 0 且不超过 {most / 10:g} 分")
