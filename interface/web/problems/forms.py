"""问题: the forms of its acts, and which of them are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.command import Command
from application.problems import commands as problems
from domain.actions import Action, Doers
from domain.problems.actions import ACTIONS
from domain.problems.problem import METHODS, specific
from interface.i18n.locales import N_
from interface.kit.fields import Choice, Day, Radio, Several, Text
from interface.kit.forms import ActForm
from interface.kit.offers import is_offered
from interface.kit.photo_field import Photos
from interface.kit.security import may_write


class ProblemForm(ActForm):
    def offer(self, unit: str, demands: list[str]) -> None:
        """Fill the lists; most forms have none. `demands`: the kinds of evidence that the problem's item asks for."""

    def members(self) -> dict[str, Any]:
        """What the command takes beside id, actor, problem and seen."""
        members = {field.short_name: field.data or None for field in self.shown}
        if "shows" in members:
            members["shows"] = tuple(members["shows"] or ())
        if "evidence" in members:
            members["evidence"] = self._fields["evidence"].uploads
        return members


class AssignForm(ProblemForm):
    action = ACTIONS["assign"]
    handler = Choice(_("经办人"))
    note = Text(_("说明"), needed=False)

    def offer(self, unit: str, demands: list[str]) -> None:
        officials = g.people.officials(unit, "town_handler")
        names = g.people.names(officials)
        self.handler.choices = [(one, names[one]) for one in officials]

    def members(self) -> dict[str, Any]:
        return super().members() | {"handler": UUID(self.handler.data)}


class Shown(ProblemForm):
    """Says which of the demanded kinds the photos show; not asked where any photo or paper will do."""

    def offer(self, unit: str, demands: list[str]) -> None:
        if named := specific(demands):
            self._fields["shows"].choices = [(kind, kind) for kind in named]
        else:
            del self.shows


class StepForm(Shown):
    action = ACTIONS["step"]
    note = Text(_("整改情况"), limit=5000)
    evidence = Photos(_("整改照片"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；照片中已有的请勾选"))


class ReportForm(Shown):
    action = ACTIONS["report"]
    note = Text(_("完成情况"), limit=5000)
    completed_on = Day(_("完成日期"))
    evidence = Photos(_("整改后照片"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；本次或本轮已上传的请勾选"))


class VerifyForm(ProblemForm):
    action = ACTIONS["verify"]
    method = Radio(_("核查方式"))
    note = Text(_("核查情况"), limit=5000)
    evidence = Photos(_("核查照片"))

    def offer(self, unit: str, demands: list[str]) -> None:
        self.method.choices = [(value, gettext(words)) for value, words in METHODS.items()]


class RefuseForm(ProblemForm):
    action, grave = ACTIONS["refuse"], True
    reason = Text(_("补充要求"), description=_("写明还缺什么，经办人照此补充"), limit=5000)
    evidence = Photos(_("核查照片"))


class CloseForm(ProblemForm):
    action = ACTIONS["close"]
    note = Text(_("销号意见"), needed=False)


class ReopenForm(ProblemForm):
    action, grave = ACTIONS["reopen"], True
    reason = Text(_("理由"), description=_("问题反弹或复查不合格；原销号记录不变"), limit=5000)
    due_on = Day(_("新的完成时限"))


class RevokeForm(ProblemForm):
    action, grave = ACTIONS["revoke"], True
    reason = Text(_("理由"), description=_("当初就不应销号；已公布的数字按更正处理"), limit=5000)
    due_on = Day(_("新的完成时限"))


class Act(NamedTuple):
    """One verb that this page offers: its form, whose row of the table says when and for whom, and its command."""

    form: type[ProblemForm]
    command: Callable[..., Command]

    @property
    def action(self) -> Action:
        return self.form.action


# The likeliest first.
ACTS = {
    "assign": Act(AssignForm, problems.AssignProblem),
    "step": Act(StepForm, problems.RecordStep),
    "report": Act(ReportForm, problems.ReportCompletion),
    "verify": Act(VerifyForm, problems.VerifyRectification),
    "refuse": Act(RefuseForm, problems.RefuseRectification),
    "close": Act(CloseForm, problems.CloseProblem),
    "reopen": Act(ReopenForm, problems.ReopenProblem),
    "revoke": Act(RevokeForm, problems.RevokeClosure),
}


DID, CLOSED, ANSWERS = (
    N_("经办、核查、销号须由三位不同的人办理：您已办理过本轮的一个环节，下一环节请由另一位同事办理。"),
    N_("本问题由您销号：如需撤销销号，请由另一位同事办理。"),
    N_("您是本问题的责任人：核查和销号请由另一位同事办理。"),
)


def next_acts(problem: Any, told: list[Any], id: str) -> tuple[list[str], str]:
    """The acts that the actor may do next, the likeliest first; and why some are kept from them ("": none is)."""
    doers = _doers(told, id)
    offered = [
        name
        for name, act in ACTS.items()
        if act.action.is_offered_in(problem.state) and is_offered(act.action.event, problem.unit, g.actor)
    ]
    free = [name for name in offered if not ACTS[name].action.refusal(g.actor, doers)]
    why = "" if free == offered else CLOSED if problem.state == "closed" else DID
    if g.people.person(g.actor.id) == problem.owner:
        others = [name for name in free if not ACTS[name].action.answerable]
        free, why = others, why if others == free else ANSWERS
    return (free if problem.state == "opened" else sorted(free, key=lambda name: name == "assign")), why


def may_correct(unit: str) -> bool:
    return may_write() and is_offered(ACTIONS["correct"].event, unit, g.actor)


def _doers(told: list[Any], id: str) -> Doers:
    """Who has written what to this problem since it was last begun."""
    doers: Doers = {}
    for one in told:
        if one.stream == id:
            doers = ACTIONS.doers_after(doers, one.topic, one.actor)
    return doers
