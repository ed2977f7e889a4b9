"""线索: forms of what leaves the straight way: 自办, 收回, 改派, 并入, 告知, 重新办理, 紧急."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from domain.tips.actions import ACTIONS
from interface.kit.fields import Choice, Day, Line, Radio, Text
from interface.kit.labels import choices
from interface.web.tips.tip_form import Offers, TipForm


class TakeUpForm(TipForm):
    action = ACTIONS["take_up"]
    due_on = Day(_("办理期限"))
    note = Text(_("说明"), needed=False)


class RecallForm(TipForm):
    action, grave = ACTIONS["recall"], True
    reason = Text(_("收回理由"), description=_("收回后由市专班重新交办；已超过签收或核查期限的也可以收回"))


class ReassignForm(TipForm):
    action = ACTIONS["reassign"]
    unit = Choice(_("改派给"))
    due_on = Day(_("办理期限"))
    reason = Text(_("改派理由"))

    def offer(self, offers: Offers) -> None:
        self.unit.choices = offers.towns


class JoinForm(TipForm):
    action = ACTIONS["join"]
    number = Line(
        _("问题编号"), limit=80, description=_("台账中的编号，如“常物整〔2026〕琴川-00004”；须是本单位的问题")
    )


class InformForm(TipForm):
    action = ACTIONS["inform"]
    kind = Radio(_("种类"))
    answer = Text(_("告知内容"), description=_("举报人可以查看"), limit=5000)

    def offer(self, offers: Offers) -> None:
        self.kind.choices = choices("information")


class ReopenForm(TipForm):
    action, grave = ACTIONS["reopen"], True
    cause = Radio(_("原因"))
    reason = Text(_("理由"), description=_("原办理记录不变；不予受理的重新研判，已答复的重新核查"))
    ordered_by = Line(_("决定人或文号"), needed=False, limit=80)
    due_on = Day(_("办理期限"), needed=False, description=_("已答复的必须填写"))

    def offer(self, offers: Offers) -> None:
        self.cause.choices = choices("reopened_for")


class UrgentForm(TipForm):
    action = ACTIONS["mark_urgent"]
    reason = Text(_("紧急情形"), description=_("危及人身、财产安全的；此后在各清单中排在最前"))
