"""延期、暂停与催办: the forms of what happens to a problem's deadline."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from domain.problems.actions import ACTIONS, EXTENSION, PAUSE
from domain.problems.terms import LONGEST_PAUSE, TOWN_EXTENDS
from interface.kit.fields import Day, Text
from interface.web.problems.problem_form import ProblemForm
from projections.problem_fold import Problem


class RequestExtensionForm(ProblemForm):
    action = EXTENSION["request_extension"]
    due_on = Day(
        _("申请延期至"),
        description=_(
            "须在完成时限届满前申请；累计延长 %(n)s 日以内由镇（街道）审批，超过的由市专班审批", n=TOWN_EXTENDS
        ),
    )
    reason = Text(_("延期理由"), limit=5000)
    measures = Text(_("过渡期措施"), limit=5000, description=_("延期期间如何防止问题扩大、如何告知业主"))


class GrantExtensionForm(ProblemForm):
    action = EXTENSION["grant_extension"]
    due_on = Day(_("批准延期至"), description=_("可以早于所申请的时限，不能晚于"))
    note = Text(_("审批意见"), needed=False)

    def offer(self, problem: Problem, demands: list[str]) -> None:
        if self.due_on.data is None and self.due_on.raw_data is None:
            self.due_on.data = problem.asked_due_on


class RefuseExtensionForm(ProblemForm):
    action, grave = EXTENSION["refuse_extension"], True
    reason = Text(_("不予延期的理由"), limit=5000)


class PauseForm(ProblemForm):
    action, grave = PAUSE["pause"], True
    reason = Text(_("暂停理由"), limit=5000, description=_("客观上无法施工、须等待司法或审批结果等；暂停期间仍为在办"))
    until = Day(
        _("暂停至"), description=_("本轮整改累计最多暂停 %(n)s 日；恢复后完成时限按实际暂停日数顺延", n=LONGEST_PAUSE)
    )


class ResumeForm(ProblemForm):
    action = PAUSE["resume"]
    note = Text(_("说明"), needed=False)


class UrgeForm(ProblemForm):
    action = ACTIONS["urge"]
    note = Text(_("催办意见"), needed=False, limit=500)
