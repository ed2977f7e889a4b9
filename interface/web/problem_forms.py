"""问题: the forms of its acts, and which of them are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application import problem_commands as problems
from application.command import Command
from domain.problems.problem import METHODS, specific
from interface.web.fields import Choice, Day, Radio, Several, Text
from interface.web.forms import ActForm
from interface.web.locales import N_
from interface.web.photo_field import Photos
from interface.web.security import may_write
from interface.web.tip_forms import is_offered

HANDLED = {"problem.step_recorded", "problem.completion_reported"}


class ProblemForm(ActForm):
    becomes: ClassVar[str] = ""  # the state that a weighty act leads to

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
    title = _("交办经办人")
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
    title = _("记录整改步骤")
    note = Text(_("整改情况"), limit=5000)
    evidence = Photos(_("整改照片"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；照片中已有的请勾选"))


class ReportForm(Shown):
    title = _("申报整改完成")
    note = Text(_("完成情况"), limit=5000)
    completed_on = Day(_("完成日期"))
    evidence = Photos(_("整改后照片"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；本次或本轮已上传的请勾选"))


class VerifyForm(ProblemForm):
    title = _("核查通过")
    method = Radio(_("核查方式"))
    note = Text(_("核查情况"), limit=5000)
    evidence = Photos(_("核查照片"))

    def offer(self, unit: str, demands: list[str]) -> None:
        self.method.choices = [(value, gettext(words)) for value, words in METHODS.items()]


class RefuseForm(ProblemForm):
    title, grave = _("核查退回"), True
    reason = Text(_("补充要求"), description=_("写明还缺什么，经办人照此补充"), limit=5000)
    evidence = Photos(_("核查照片"))


class CloseForm(ProblemForm):
    title, weighty, becomes = _("销号"), True, "closed"
    note = Text(_("销号意见"), needed=False)


class ReopenForm(ProblemForm):
    title, grave = _("重新整改"), True
    reason = Text(_("理由"), description=_("问题反弹或复查不合格；原销号记录不变"), limit=5000)
    due_on = Day(_("新的完成时限"))


class RevokeForm(ProblemForm):
    title, grave, weighty, becomes = _("撤销销号"), True, True, "reopened"
    reason = Text(_("理由"), description=_("当初就不应销号；已公布的数字按更正处理"), limit=5000)
    due_on = Day(_("新的完成时限"))


class Act(NamedTuple):
    """One verb: its form, its command, the type it writes, the states it starts from, and whose doers may not do it."""

    form: type[ProblemForm]
    command: Callable[..., Command]
    topic: str
    states: tuple[str, ...]
    others: frozenset[str] = frozenset()


UNDER_WAY = ("assigned", "rectifying", "refused", "reopened")
ACTS = {
    "assign": Act(AssignForm, problems.AssignProblem, "problem.assigned", ("opened", *UNDER_WAY)),
    "step": Act(StepForm, problems.RecordStep, "problem.step_recorded", UNDER_WAY),
    "report": Act(ReportForm, problems.ReportCompletion, "problem.completion_reported", UNDER_WAY),
    "verify": Act(
        VerifyForm,
        problems.VerifyRectification,
        "problem.rectification_verified",
        ("reported",),
        frozenset(HANDLED),
    ),
    "refuse": Act(
        RefuseForm,
        problems.RefuseRectification,
        "problem.rectification_refused",
        ("reported",),
        frozenset(HANDLED),
    ),
    "close": Act(
        CloseForm,
        problems.CloseProblem,
        "problem.closed",
        ("verified",),
        frozenset({*HANDLED, "problem.rectification_verified"}),
    ),
    "reopen": Act(ReopenForm, problems.ReopenProblem, "problem.reopened", ("closed",)),
    "revoke": Act(
        RevokeForm, problems.RevokeClosure, "problem.closure_revoked", ("closed",), frozenset({"problem.closed"})
    ),
}
ROUND = {"problem.opened", "problem.reopened", "problem.closure_revoked"}


DID, CLOSED, ANSWERS = (
    N_("经办、核查、销号须由三位不同的人办理：您已办理过本轮的一个环节，下一环节请由另一位同事办理。"),
    N_("本问题由您销号：如需撤销销号，请由另一位同事办理。"),
    N_("您是本问题的责任人：核查和销号请由另一位同事办理。"),
)


def next_acts(problem: Any, told: list[Any], id: str) -> tuple[list[str], str]:
    """The acts that the actor may do next, the likeliest first; and why some are kept from them ("": none is)."""
    done = _done_this_round(told, id)
    offered = [
        name
        for name, act in ACTS.items()
        if problem.state in act.states and is_offered(act.topic, problem.unit, g.actor)
    ]
    free = [name for name in offered if not any(done.get(topic) for topic in ACTS[name].others)]
    why = "" if free == offered else CLOSED if problem.state == "closed" else DID
    if g.people.person(g.actor.id) == problem.owner:  # 责任人 neither verifies nor closes
        others = [name for name in free if not ACTS[name].others.issuperset(HANDLED)]
        free, why = others, why if others == free else ANSWERS
    return (free if problem.state == "opened" else sorted(free, key=lambda name: name == "assign")), why


def may_correct(unit: str) -> bool:
    return may_write() and is_offered("problem.corrected", unit, g.actor)


def _done_this_round(told: list[Any], id: str) -> dict[str, bool]:
    """Which types the actor's person has written to this problem since it was last begun."""
    done: dict[str, bool] = {}
    for one in told:
        if one.stream == id and one.topic in ROUND:
            done.clear()
        if one.stream == id and g.actor.is_same_person_as(one.actor):
            done[one.topic] = True
    return done
