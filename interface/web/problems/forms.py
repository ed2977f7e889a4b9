"""问题: the forms of its acts, and which of them are offered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.problems import commands as problems
from domain.problems.actions import ACTIONS
from domain.problems.values import METHODS, specific
from interface.i18n.locales import N_
from interface.kit.evidence_field import Evidence
from interface.kit.fields import Choice, Day, Line, Radio, Several, Text
from interface.kit.labels import choices
from interface.kit.offers import is_offered
from interface.kit.security import may_write
from interface.web.problems.extension_forms import (
    GrantExtensionForm,
    PauseForm,
    RefuseExtensionForm,
    RequestExtensionForm,
    ResumeForm,
    UrgeForm,
)
from interface.web.problems.problem_form import Act, ProblemForm, as_id, doers, is_open
from projections.problem_fold import Problem


class AssignForm(ProblemForm):
    action = ACTIONS["assign"]
    handler = Choice(_("经办人"))
    note = Text(_("说明"), needed=False)

    def offer(self, problem: Problem, demands: list[str]) -> None:
        officials = g.people.officials(problem.unit, "town_handler")
        names = g.people.names(officials)
        self.handler.choices = [(one, names[one]) for one in officials]

    def members(self) -> dict[str, Any]:
        return super().members() | {"handler": UUID(self.handler.data)}


class Shown(ProblemForm):
    """Says which of the demanded kinds the photos show; not asked where any photo or paper will do."""

    def offer(self, problem: Problem, demands: list[str]) -> None:
        if named := specific(demands):
            self._fields["shows"].choices = [(kind, kind) for kind in named]
        else:
            del self.shows


class StepForm(Shown):
    action = ACTIONS["step"]
    note = Text(_("整改情况"), limit=5000)
    evidence = Evidence(_("整改照片和材料"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；照片中已有的请勾选"))


class ReportForm(Shown):
    action = ACTIONS["report"]
    note = Text(_("完成情况"), limit=5000)
    completed_on = Day(_("完成日期"))
    evidence = Evidence(_("整改后照片和材料"))
    shows = Several(_("材料种类"), description=_("此条目申报完成须有以下材料；本次或本轮已上传的请勾选"))


class InspectionForm(ProblemForm):
    """双人核查: the second inspector is named where two were there."""

    def offer(self, problem: Problem, demands: list[str]) -> None:
        own = g.people.person(g.actor.id)
        self._fields["second_inspector"].choices = [one for one in g.people.persons(problem.unit) if one[0] != own]

    def members(self) -> dict[str, Any]:
        return super().members() | {"second_inspector": as_id(self._fields["second_inspector"].data)}


class VerifyForm(InspectionForm):
    action = ACTIONS["verify"]
    method = Radio(_("核查方式"))
    note = Text(_("核查情况"), limit=5000)
    inspected_on = Day(_("核查日期"), needed=False, description=_("不填视为今天"))
    second_inspector = Choice(_("第二核查人"), needed=False)
    evidence = Evidence(_("核查照片和材料"))

    def offer(self, problem: Problem, demands: list[str]) -> None:
        super().offer(problem, demands)
        self.method.choices = [(value, gettext(words)) for value, words in METHODS.items()]


class RefuseForm(InspectionForm):
    action, grave = ACTIONS["refuse"], True
    reason = Text(_("补充要求"), description=_("写明还缺什么，经办人照此补充"), limit=5000)
    inspected_on = Day(_("核查日期"), needed=False, description=_("不填视为今天"))
    second_inspector = Choice(_("第二核查人"), needed=False)
    evidence = Evidence(_("核查照片和材料"))


class CloseForm(ProblemForm):
    action = ACTIONS["close"]
    note = Text(_("销号意见"), needed=False)


class ReopenForm(ProblemForm):
    action, grave = ACTIONS["reopen"], True
    cause = Choice(_("原因"))
    reason = Text(_("理由"), description=_("问题反弹或复查不合格；原销号记录不变"), limit=5000)
    due_on = Day(_("新的完成时限"))

    def offer(self, problem: Problem, demands: list[str]) -> None:
        self.cause.choices = choices("cause")


class RevokeForm(ProblemForm):
    action, grave = ACTIONS["revoke"], True
    reason = Text(_("理由"), description=_("当初就不应销号；已公布的数字按更正处理"), limit=5000)
    due_on = Day(_("新的完成时限"))


class AtOnceForm(ProblemForm):
    action = ACTIONS["at_once"]
    note = Text(
        _("整改情况"), limit=5000, description=_("立行立改的问题现场已整改到位的，由此直接转入待销号，由另一人销号")
    )
    evidence = Evidence(_("整改后照片和材料"))


class RefuseClosureForm(ProblemForm):
    action, grave = ACTIONS["refuse_closure"], True
    reason = Text(_("补充要求"), description=_("写明还缺什么；退回后重新整改、申报和核查"), limit=5000)


class VoidForm(ProblemForm):
    action, grave = ACTIONS["void"], True
    reason = Text(_("作废理由"), description=_("登记有误或重复登记的；作废后不计入各项统计，不能再办理"), limit=5000)
    duplicate_of = Line(_("重复于（原问题台账编号）"), needed=False, code=True, limit=40)


# The likeliest first.
ACTS = {
    "grant_extension": Act(GrantExtensionForm, problems.GrantExtension),
    "refuse_extension": Act(RefuseExtensionForm, problems.RefuseExtension),
    "assign": Act(AssignForm, problems.AssignProblem),
    "at_once": Act(AtOnceForm, problems.RectifyAtOnce),
    "step": Act(StepForm, problems.RecordStep),
    "report": Act(ReportForm, problems.ReportCompletion),
    "verify": Act(VerifyForm, problems.VerifyRectification),
    "refuse": Act(RefuseForm, problems.RefuseRectification),
    "close": Act(CloseForm, problems.CloseProblem),
    "refuse_closure": Act(RefuseClosureForm, problems.RefuseClosure),
    "reopen": Act(ReopenForm, problems.ReopenProblem),
    "revoke": Act(RevokeForm, problems.RevokeClosure),
    "resume": Act(ResumeForm, problems.ResumeProblem),
    "request_extension": Act(RequestExtensionForm, problems.RequestExtension),
    "urge": Act(UrgeForm, problems.UrgeProblem),
    "pause": Act(PauseForm, problems.PauseProblem),
    "void": Act(VoidForm, problems.VoidProblem),
}
LAST = (
    "assign",
    "resume",
    "request_extension",
    "urge",
    "pause",
    "void",
)  # whatever else is offered stands before these


DID, CLOSED, ANSWERS = (
    N_("经办、核查、销号须由三位不同的人办理：您已办理过本轮的一个环节，下一环节请由另一位同事办理。"),
    N_("本问题由您销号：如需撤销销号，请由另一位同事办理。"),
    N_("您是本问题的责任人：核查和销号请由另一位同事办理。"),
)
ASIDE = ("void", "grant_extension", "refuse_extension", "pause")  # nobody expects to be told why these are another's


def next_acts(problem: Any, told: list[Any], id: str, demands: list[str]) -> tuple[list[str], str]:
    """The acts that the actor may do next, the likeliest first; and why some are kept from them ("": none is)."""
    known = doers(told, id)
    offered = [
        name
        for name, act in ACTS.items()
        if is_open(act.action, problem, demands) and is_offered(act.action.event, problem.unit, g.actor)
    ]
    free = [name for name in offered if not ACTS[name].action.refusal(g.actor, known)]
    kept = set(offered) - set(free) - set(ASIDE)
    why = "" if not kept else CLOSED if problem.state == "closed" else DID
    if g.people.person(g.actor.id) == problem.owner:
        others = [name for name in free if not ACTS[name].action.answerable]
        free, why = others, ANSWERS if set(free) - set(others) - set(ASIDE) else why
    return sorted(
        free, key=lambda name: LAST.index(name) + 1 if name in LAST and not _likely(name, problem) else 0
    ), why


def _likely(name: str, problem: Any) -> bool:
    return (name == "assign" and problem.state == "opened") or name == "resume"


def may_correct(unit: str, state: str) -> bool:
    return may_write() and ACTIONS["correct"].starts_in(state) and is_offered(ACTIONS["correct"].event, unit, g.actor)
