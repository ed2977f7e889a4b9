"""线索: the forms of its acts, and which of them are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.command import Command
from application.tips import commands as tip_commands
from application.tips import recusals, shredding
from domain import laws
from domain.actions import Action
from domain.errors import NotFound
from domain.tips import acknowledgement_term
from domain.tips.actions import ACTIONS, SHREDDING, SUBSTANTIATED
from interface.kit.evidence_field import Evidence
from interface.kit.fields import Choice, Day, Line, Radio, Suggested, Text
from interface.kit.labels import choices
from interface.kit.offers import is_offered
from interface.web.tips import reroute_forms as rerouting
from interface.web.tips import town_suggestion
from interface.web.tips.tip_form import Offers as Offers
from interface.web.tips.tip_form import TipForm as TipForm
from projections import tips as tips_desk
from projections.registers import EstateItem
from projections.tips import TipItem


class AcceptForm(TipForm):
    action = ACTIONS["accept"]
    item = Choice(_("初判条目"), needed=False, empty=_("暂不判断"))
    note = Text(_("受理理由"), needed=False, description=_("依据按初判条目写入；暂不判断的，依据为整治方案本身"))

    summary = Line(_("摘要"), needed=False, limit=80, description=_("用自己的话写明什么事，清单上显示；不写姓名和电话"))
    estate = Suggested(_("所涉小区"), needed=False)

    def offer(self, offers: Offers) -> None:
        self.item.choices, self.estates = offers.items, offers.estates
        self.estate.suggestions = [town_suggestion.label(one) for one in offers.estates]

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if self.estate.data and town_suggestion.find(self.estate.data, self.estates) is None:
            self.wrong("estate", gettext("没有登记过这个小区，或者有同名的；请从列表中选择，或留空"))
        return right and not self.wrongs

    def members(self) -> dict[str, Any]:
        known = town_suggestion.find(self.estate.data, self.estates) if self.estate.data else None
        return super().members() | {"estate": UUID(known.id) if known else None}


class Grounded(TipForm):
    """Says no, and names the ground that it rests on."""

    grave = True
    act: ClassVar[str]

    def offer(self, offers: Offers) -> None:
        self._fields["basis"].choices = list(laws.grounds(self.act).items())


class DeclineForm(Grounded):
    action, act = ACTIONS["decline"], "decline"
    reason = Text(_("不予受理的理由"), description=_("举报人可以查看"))
    basis = Choice(_("依据"))


class OutOfScopeForm(Grounded):
    action, act = ACTIONS["out_of_scope"], "out_of_scope"
    reason = Text(_("不予受理的理由"), description=_("举报人可以查看"))
    basis = Choice(_("依据"))
    turn_to = Suggested(_("转往何处"), limit=80, description=_("举报人可以查看：由哪个部门或机关受理"))

    def offer(self, offers: Offers) -> None:
        super().offer(offers)
        self.turn_to.suggestions = [*offers.departments, *laws.TURN_TO]


class AssignForm(TipForm):
    """交办: the town is proposed by the estate, and chosen by a person."""

    action = ACTIONS["assign"]
    estate = Suggested(
        _("所涉小区"), needed=False, description=_("已知小区的先填，镇（街道）可以不选：系统按小区登记提出建议")
    )
    unit = Choice(_("镇（街道）"), needed=False, empty=_("请选择"))
    due_on = Day(_("办理期限"))
    note = Text(_("说明"), needed=False)

    def offer(self, offers: Offers) -> None:
        self.unit.choices, self.estates = offers.towns, offers.estates
        self.estate.suggestions = [town_suggestion.label(one) for one in offers.estates]

    def read(self, text: str) -> None:
        """Propose by what the opened words name: one estate its town, several a choice among them."""
        named = town_suggestion.named(text, self.estates)
        if len(named) == 1:
            self.propose(named[0])
        elif named:
            self.estate.description = town_suggestion.several(named)

    def propose(self, estate: EstateItem) -> None:
        """Fill in the estate and its town, and say why."""
        self.estate.data, self.unit.data = town_suggestion.label(estate), estate.unit
        self.unit.description = town_suggestion.why(estate)

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        known = town_suggestion.find(self.estate.data, self.estates) if self.estate.data else None
        if self.estate.data and known is None:
            self.wrong("estate", gettext("没有登记过这个小区，或者有同名的；请从列表中选择，或留空"))
        elif not self.unit.data and known is not None:
            self.propose(known)
            self.wrong("unit", gettext("%(why)s。请核对后再次提交", why=town_suggestion.why(known)))
        elif not self.unit.data:
            self.wrong("unit", gettext("请选择镇（街道）"))
        return right and not self.wrongs

    def members(self) -> dict[str, Any]:
        known = town_suggestion.find(self.estate.data, self.estates) if self.estate.data else None
        return super().members() | {"estate": UUID(known.id) if known else None}


class AcknowledgeForm(TipForm):
    action = ACTIONS["acknowledge"]


class ReturnForm(Grounded):
    action, act = ACTIONS["return"], "return"
    reason = Text(_("退回理由"), description=_("交办之日起 %(n)s 个工作日内可以退回", n=acknowledgement_term.TERM))
    basis = Choice(_("依据"))


class VerifyForm(TipForm):
    action = ACTIONS["verify"]
    result = Radio(_("核查结论"))
    finding = Text(_("核查情况"), description=_("用自己的话概括到场所见，不要照抄线索原文，不写姓名和电话"), limit=5000)
    estate = Choice(_("所在小区"), needed=False, empty=_("请选择（不属实的可不选）"))
    evidence = Evidence(_("佐证照片和材料"))

    def offer(self, offers: Offers) -> None:
        self.estate.choices = [(one.id, one.name) for one in offers.estates]
        self.result.choices = choices("result")

    def members(self) -> dict[str, Any]:
        return {**super().members(), "evidence": self.evidence.uploads}


class VerifyAgainForm(VerifyForm):
    action = ACTIONS["verify_again"]


class AnswerForm(TipForm):
    action = ACTIONS["answer"]
    answer = Text(_("答复内容"), description=_("举报人可以查看"), limit=5000)


class AnswerAgainForm(AnswerForm):
    action = ACTIONS["answer_again"]


class RecuseForm(TipForm):
    """回避: the tip complains about a unit."""

    action = ACTIONS["recuse"]
    unit = Choice(_("被反映的单位"), description=_("该单位此后看不到此线索，也不会再被交办；已在该单位的退回市专班"))
    reason = Text(_("回避理由"), description=_("用自己的话概括，不写姓名和电话"))

    def offer(self, offers: Offers) -> None:
        self.unit.choices = offers.units


class ProposeShreddingForm(TipForm):
    action, grave = SHREDDING["propose_shredding"], True
    ground = Choice(_("销毁依据"))
    order = Line(_("文书文号"), needed=False, limit=80, description=_("依据为法律文书的必须填写"))

    def offer(self, offers: Offers) -> None:
        self.ground.choices = list(laws.grounds("shred").items())


class ShredForm(TipForm):
    """What it says and who said it are gone for everybody, for ever."""

    action, grave = SHREDDING["shred"], True


class Act(NamedTuple):
    """One verb that this page offers: its form, whose row of the table says when and for whom, and its command."""

    form: type[TipForm]
    command: Callable[..., Command]

    @property
    def action(self) -> Action:
        return self.form.action


# The likeliest first.
ACTS = {
    "acknowledge": Act(AcknowledgeForm, tip_commands.AcknowledgeTip),
    "accept": Act(AcceptForm, tip_commands.AcceptTip),
    "assign": Act(AssignForm, tip_commands.AssignTip),
    "verify": Act(VerifyForm, tip_commands.VerifyTip),
    "take_up": Act(rerouting.TakeUpForm, tip_commands.TakeUpTip),
    "answer": Act(AnswerForm, tip_commands.AnswerTip),
    "inform": Act(rerouting.InformForm, tip_commands.InformReporter),
    "verify_again": Act(VerifyAgainForm, tip_commands.VerifyTip),
    "join": Act(rerouting.JoinForm, tip_commands.JoinProblem),
    "answer_again": Act(AnswerAgainForm, tip_commands.AnswerTip),
    "reassign": Act(rerouting.ReassignForm, tip_commands.ReassignTip),
    "recall": Act(rerouting.RecallForm, tip_commands.RecallTip),
    "mark_urgent": Act(rerouting.UrgentForm, tip_commands.MarkTipUrgent),
    "reopen": Act(rerouting.ReopenForm, tip_commands.ReopenTip),
    "return": Act(ReturnForm, tip_commands.ReturnTip),
    "out_of_scope": Act(OutOfScopeForm, tip_commands.DeclineTip),
    "decline": Act(DeclineForm, tip_commands.DeclineTip),
}

# What is done about the vault and about whom the tip is kept from: on a card of its own.
KEEPING = {
    "recuse": Act(RecuseForm, recusals.RecuseUnit),
    "propose_shredding": Act(ProposeShreddingForm, shredding.ProposeShredding),
    "shred": Act(ShredForm, shredding.ShredTip),
}
ALL = {**ACTS, **KEEPING}


def find_tip(cursor: Any, id: UUID) -> TipItem:
    """The tip as the page's moment knows it. Raises NotFound, also where it is another's."""
    item = tips_desk.tip(cursor, g.scope, str(id), day=g.day, at=g.at)
    if item is None:
        raise NotFound(gettext("没有这条线索，或者您无权查看；请从列表重新打开"))
    return item


def next_acts(tip: Any) -> list[str]:
    """The acts that the actor may do next on a tip of the read model, the likeliest first."""
    return [name for name, act in ACTS.items() if act.action.is_offered_in(tip.state) and _is_offered(act.action, tip)]


def keeping_acts(tip: Any) -> list[str]:
    """回避 until it is over, 销毁 until it is done; whoever proposed doesn't approve."""
    content = "shredded" if tip.shredded_on else "proposed" if tip.shredding else "kept"
    doers = {"proposing": [tip.shredding_by]}
    offered = {
        name: act.action.starts_in(content) and not act.action.refusal(g.actor, doers) for name, act in KEEPING.items()
    }
    offered["recuse"] = ACTIONS["recuse"].is_offered_in(tip.state)
    return [name for name, act in KEEPING.items() if offered[name] and _is_offered(act.action, tip)]


def may_convert(tip: Any) -> bool:
    """Whether the actor may make problems of it: it was found true, or partly."""
    action = ACTIONS["convert"]
    return action.starts_in(tip.state) and tip.result in SUBSTANTIATED and _is_offered(action, tip)


def _is_offered(action: Action, tip: Any) -> bool:
    return is_offered(action.event, tip.unit, g.actor)
