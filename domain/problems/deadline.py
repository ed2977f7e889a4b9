"""完成时限 of a problem: asked to be longer, granted or refused one level up; stopped for a while and set going again.

Three days are kept: the deadline that it was entered with, the present one, and when it was done.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.actions import Action, Matter
from domain.base import DomainEvent
from domain.errors import NotAllowed, RuleBroken
from domain.problems.actions import EXTENSION, EXTENSIONS, OPEN_TO, PAUSE, PAUSES, STATES
from domain.problems.events import (
    ProblemExtensionGranted,
    ProblemExtensionRefused,
    ProblemExtensionRequested,
    ProblemPaused,
    ProblemResumed,
)
from domain.problems.terms import LONGEST_PAUSE, TOWN_EXTENDS
from domain.text import official, optional
from domain.values import Actor


class WithDeadline(Matter):
    """`due_on` is the present deadline, `round_due_on` the one that the present round began with."""

    if TYPE_CHECKING:  # else the library makes them arguments of a constructor
        extension: str
        pause_: str
        due_on: str
        round_due_on: str
        due_moved: bool
        answerable: set[str]
        asked_by: str
        duplicate_of: str | None

    def request_extension(self, *, due_on: date, reason: str, measures: str, today: date, actor: Actor) -> None:
        """申请延期: while the deadline has not passed, and the clock is going."""
        self._must_be_timely("request_extension", actor)
        if self.pause_ == "paused":
            raise RuleBroken("整改已暂停，时限不在走；请先恢复整改，再申请延期")
        if today.isoformat() > self.due_on:
            raise RuleBroken(
                f"完成时限已于 {self.due_on} 届满，不能再申请延期；请尽快完成整改并申报，确有困难的请向市专班书面说明"
            )
        self._must_be_later(due_on)
        self.trigger_event(
            ProblemExtensionRequested,
            due_on=due_on.isoformat(),
            reason=official("延期理由", reason),
            measures=official("过渡期措施", measures),
            actor=actor.id,
        )

    def grant_extension(self, *, due_on: date, note: str | None = None, person: str, today: date, actor: Actor) -> None:
        """批准延期, for as long as was asked or less: a town for so many days beyond the round's own deadline, the city for more."""
        self._must_be_timely("grant_extension", actor, person)
        if due_on < today:
            raise RuleBroken(f"新的完成时限不能早于今天（{today.isoformat()}）")
        self._must_be_later(due_on)
        if due_on > date.fromisoformat(self.asked_due_on):
            raise RuleBroken(f"批准的时限不能晚于所申请的时限（{self.asked_due_on}）；请改早，或退回重新申请")
        longer = (due_on - date.fromisoformat(self.round_due_on)).days
        if actor.role == "town_closer" and longer > TOWN_EXTENDS:
            raise NotAllowed(
                f"累计延长 {longer} 日，超过镇（街道）可批准的 {TOWN_EXTENDS} 日；请改为较早的时限，或由市专班负责人批准"
            )
        self.trigger_event(
            ProblemExtensionGranted, due_on=due_on.isoformat(), note=optional("审批意见", note), actor=actor.id
        )

    def refuse_extension(self, *, reason: str, person: str, actor: Actor) -> None:
        self._must_be_timely("refuse_extension", actor, person)
        self.trigger_event(ProblemExtensionRefused, reason=official("不予延期的理由", reason), actor=actor.id)

    def pause(self, *, reason: str, until: date, person: str, today: date, actor: Actor) -> None:
        """暂停整改: the clock stands, for so many days of a round at most; the problem is still 在办."""
        self._must_be_timely("pause", actor, person)
        if today.isoformat() > self.due_on:
            raise RuleBroken(f"完成时限已于 {self.due_on} 届满，不能暂停；请尽快完成整改并申报")
        if until <= today:
            raise RuleBroken(f"暂停至何日须晚于今天（{today.isoformat()}）")
        left = LONGEST_PAUSE - self.paused_days
        if left <= 0:
            raise RuleBroken(f"本轮整改最多暂停 {LONGEST_PAUSE} 日，已经用完，不能再暂停")
        if (until - today).days > left:
            last = (today + timedelta(left)).isoformat()
            raise RuleBroken(f"本轮整改最多暂停 {LONGEST_PAUSE} 日，还可暂停 {left} 日；请改为不晚于 {last}")
        self.trigger_event(
            ProblemPaused,
            reason=official("暂停理由", reason),
            since=today.isoformat(),
            until=until.isoformat(),
            actor=actor.id,
        )

    def resume(self, *, note: str | None = None, today: date, actor: Actor) -> None:
        """恢复整改: the deadline is later by the days for which the clock stood."""
        self._must_be_timely("resume", actor)
        due_on = date.fromisoformat(self.due_on) + timedelta(self._stood(today))
        self.trigger_event(ProblemResumed, due_on=due_on.isoformat(), note=optional("说明", note), actor=actor.id)

    def _stood(self, today: date) -> int:
        """Days that count as paused, had it ended on that day."""
        ended = min(today, date.fromisoformat(self.paused_until))
        return max((ended - date.fromisoformat(self.paused_since)).days, 0)

    def _must_be_later(self, due_on: date) -> None:
        if due_on.isoformat() <= self.due_on:
            raise RuleBroken(f"延期后的时限须晚于现在的完成时限（{self.due_on}）")

    def _must_be_timely(self, act: str, actor: Actor, person: str | None = None) -> None:
        """Both lives allow it, four eyes are two, and `person`, where given, does not answer for the problem. Raises a Refusal."""
        life, state, words = (PAUSE, self.pause_, PAUSES) if act in PAUSE else (EXTENSION, self.extension, EXTENSIONS)
        action: Action = life[act]
        if self.state not in OPEN_TO[act]:
            self._refuse_state(action)
        if not action.starts_in(state):
            raise RuleBroken(f"此问题{words[state]}，不能{action.verb_or_words}；请刷新页面查看最新进展")
        self._must_be_another(action, actor)
        if action.answerable and person in self.answerable:
            raise NotAllowed(action.answerable)

    def _must_be_open_to(self, act: str, actor: Actor, person: str | None = None) -> None:
        """The state allows it, four eyes are two, and `person`, where given, does not answer for the problem. Raises a Refusal."""
        action = self.ACTIONS[act]
        if not action.starts_in(self.state):
            self._refuse_state(action)
        self._must_be_another(action, actor)
        if action.answerable and person in self.answerable:
            raise NotAllowed(action.answerable)

    def _refuse_state(self, action: Action) -> None:
        if self.state == "voided":
            where = "请到原问题的页面办理" if self.duplicate_of else "确需整改的，请重新登记"
            raise RuleBroken(f"此问题已作废，不能{action.verb_or_words}；{where}")
        raise RuleBroken(f"此问题现为“{STATES[self.asked_by]}”，不能{action.verb_or_words}；请刷新页面查看最新进展")

    def _keep_time(self, fact: DomainEvent) -> bool:
        """Remember it, and say whether it was of the deadline."""
        self.extension = EXTENSION.after(getattr(self, "extension", next(iter(EXTENSIONS))), fact.TOPIC)
        self.pause_ = PAUSE.after(getattr(self, "pause_", next(iter(PAUSES))), fact.TOPIC)
        self.doers = EXTENSION.doers_after(self.doers, fact.TOPIC, fact.actor)
        match fact:
            case ProblemExtensionRequested():
                self.asked_due_on = fact.due_on
            case ProblemExtensionGranted():
                self.due_on, self.due_moved = fact.due_on, True
            case ProblemExtensionRefused():
                pass
            case ProblemPaused():
                self.paused_since, self.paused_until = fact.since, fact.until
            case ProblemResumed():
                self.paused_days += (date.fromisoformat(fact.due_on) - date.fromisoformat(self.due_on)).days
                self.due_on, self.due_moved = fact.due_on, True
            case _:
                return False
        return True

    def _new_deadline(self, due_on: str) -> None:
        """A round begins: with a deadline of its own, and no day of it paused."""
        self.due_on = self.round_due_on = due_on
        self.paused_days = 0
