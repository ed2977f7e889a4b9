"""线索: the forms of its acts, and which of them are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application import recusals, shredding, tip_commands
from application.command import Command
from application.permissions import may
from domain import laws
from domain.errors import NotFound
from domain.rules import TYPES
from domain.tips import receipt
from domain.values import Actor
from interface.web import routing
from interface.web.fields import Choice, Day, Line, Radio, Suggested, Text
from interface.web.forms import ActForm
from interface.web.photo_field import Photos
from interface.web.words import choices
from projections import tips_desk
from projections.registers import EstateItem
from projections.tips_desk import TipItem


class Offers(NamedTuple):
    """What a form of this page may choose from: (value, words)."""

    items: list[tuple[str, str]]
    towns: list[tuple[str, str]]
    estates: list[EstateItem]
    departments: list[str]
    units: list[tuple[str, str]]


class TipForm(ActForm):
    def offer(self, offers: Offers) -> None:
        """Fill the lists; most forms have none."""

    def members(self) -> dict[str, Any]:
        """What the command takes beside id, actor, tip and seen."""
        return {field.short_name: field.data or None for field in self.shown}


class AcceptForm(TipForm):
    title = _("受理")
    item = Choice(_("初判条目"), needed=False, empty=_("暂不判断"))
    note = Text(_("受理理由"), needed=False, description=_("依据按初判条目写入；暂不判断的，依据为整治方案本身"))

    def offer(self, offers: Offers) -> None:
        self.item.choices = offers.items


class Grounded(TipForm):
    """Says no, and names the ground that it rests on."""

    grave = True
    act: ClassVar[str]

    def offer(self, offers: Offers) -> None:
        self._fields["basis"].choices = list(laws.grounds(self.act).items())


class DeclineForm(Grounded):
    title, act = _("不予受理"), "decline"
    reason = Text(_("不予受理的理由"), description=_("举报人可以查看"))
    basis = Choice(_("依据"))


class OutOfScopeForm(Grounded):
    title, act = _("非本办范围（转办）"), "out_of_scope"
    reason = Text(_("不予受理的理由"), description=_("举报人可以查看"))
    basis = Choice(_("依据"))
    turn_to = Suggested(_("转往何处"), limit=80, description=_("举报人可以查看：由哪个部门或机关受理"))

    def offer(self, offers: Offers) -> None:
        super().offer(offers)
        self.turn_to.suggestions = [*offers.departments, *laws.TURN_TO]


class AssignForm(TipForm):
    """交办: the town is proposed by the estate, and chosen by a person."""

    title = _("交办")
    estate = Suggested(
        _("所涉小区"), needed=False, description=_("已知小区的先填，镇（街道）可以不选：系统按小区登记提出建议")
    )
    unit = Choice(_("镇（街道）"), needed=False, empty=_("请选择"))
    due_on = Day(_("办理期限"))
    note = Text(_("说明"), needed=False)

    def offer(self, offers: Offers) -> None:
        self.unit.choices, self.estates = offers.towns, offers.estates
        self.estate.suggestions = [routing.label(one) for one in offers.estates]

    def read(self, text: str) -> None:
        """Propose by what the opened words name: one estate its town, several a choice among them."""
        named = routing.named(text, self.estates)
        if len(named) == 1:
            self.propose(named[0])
        elif named:
            self.estate.description = routing.several(named)

    def propose(self, estate: EstateItem) -> None:
        """Fill in the estate and its town, and say why."""
        self.estate.data, self.unit.data = routing.label(estate), estate.unit
        self.unit.description = routing.why(estate)

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        known = routing.find(self.estate.data, self.estates) if self.estate.data else None
        if self.estate.data and known is None:
            self.wrong("estate", gettext("没有登记过这个小区，或者有同名的；请从列表中选择，或留空"))
        elif not self.unit.data and known is not None:
            self.propose(known)
            self.wrong("unit", gettext("%(why)s。请核对后再次提交", why=routing.why(known)))
        elif not self.unit.data:
            self.wrong("unit", gettext("请选择镇（街道）"))
        return right and not self.wrongs

    def members(self) -> dict[str, Any]:
        known = routing.find(self.estate.data, self.estates) if self.estate.data else None
        return super().members() | {"estate": UUID(known.id) if known else None}


class AcknowledgeForm(TipForm):
    title = _("签收")


class ReturnForm(Grounded):
    title, act = _("退回"), "return"
    reason = Text(_("退回理由"), description=_("交办之日起 %(n)s 个工作日内可以退回", n=receipt.TERM))
    basis = Choice(_("依据"))


class VerifyForm(TipForm):
    title = _("核查")
    result = Radio(_("核查结论"))
    finding = Text(_("核查情况"), description=_("用自己的话概括到场所见，不要照抄线索原文，不写姓名和电话"), limit=5000)
    estate = Choice(_("所在小区"), needed=False, empty=_("请选择（不属实的可不选）"))
    evidence = Photos(_("佐证照片"))

    def offer(self, offers: Offers) -> None:
        self.estate.choices = [(one.id, one.name) for one in offers.estates]
        self.result.choices = choices("result")

    def members(self) -> dict[str, Any]:
        return {**super().members(), "evidence": self.evidence.uploads}


class AnswerForm(TipForm):
    title = _("答复")
    answer = Text(_("答复内容"), description=_("举报人可以查看"), limit=5000)


class RecuseForm(TipForm):
    """回避: the tip complains about a unit."""

    title = _("回避")
    unit = Choice(_("被反映的单位"), description=_("该单位此后看不到此线索，也不会再被交办；已在该单位的退回市专班"))
    reason = Text(_("回避理由"), description=_("用自己的话概括，不写姓名和电话"))

    def offer(self, offers: Offers) -> None:
        self.unit.choices = offers.units


class ProposeShreddingForm(TipForm):
    title, grave = _("提请销毁"), True
    ground = Choice(_("销毁依据"))
    order = Line(_("文书文号"), needed=False, limit=80, description=_("依据为法律文书的必须填写"))

    def offer(self, offers: Offers) -> None:
        self.ground.choices = list(laws.grounds("shred").items())


class ShredForm(TipForm):
    """What it says and who said it are gone for everybody, for ever."""

    title, grave, weighty = _("批准销毁"), True, True


class Act(NamedTuple):
    """One verb: its form, its command, the type it writes and the states it starts from."""

    form: type[TipForm]
    command: Callable[..., Command]
    topic: str
    states: frozenset[str]


def _act(form: type[TipForm], command: Callable[..., Command], topic: str, *states: str) -> Act:
    return Act(form, command, topic, frozenset(states))


ACTS = {
    "acknowledge": _act(AcknowledgeForm, tip_commands.AcknowledgeTip, "tip.acknowledged", "assigned"),
    "accept": _act(AcceptForm, tip_commands.AcceptTip, "tip.accepted", "registered"),
    "assign": _act(AssignForm, tip_commands.AssignTip, "tip.assigned", "accepted", "returned"),
    "verify": _act(VerifyForm, tip_commands.VerifyTip, "tip.verified", "acknowledged"),
    "answer": _act(AnswerForm, tip_commands.AnswerTip, "tip.answered", "verified", "became_problems"),
    "return": _act(ReturnForm, tip_commands.ReturnTip, "tip.returned", "assigned", "acknowledged"),
    "out_of_scope": _act(OutOfScopeForm, tip_commands.DeclineTip, "tip.declined", "registered", "accepted", "returned"),
    "decline": _act(DeclineForm, tip_commands.DeclineTip, "tip.declined", "registered", "accepted", "returned"),
}

# What is done about the vault and about whom the tip is kept from: in any state, and on a card of its own.
KEEPING = {
    "recuse": _act(RecuseForm, recusals.RecuseUnit, "tip.unit_recused"),
    "propose_shredding": _act(ProposeShreddingForm, shredding.ProposeShredding, "tip.shredding_proposed"),
    "shred": _act(ShredForm, shredding.ShredTip, "tip.shredded"),
}
ALL = {**ACTS, **KEEPING}


def find_tip(cursor: Any, id: UUID) -> TipItem:
    """The tip as the page's moment knows it. Raises NotFound, also where it is another's."""
    item = tips_desk.tip(cursor, g.scope, str(id), day=g.day, at=g.at)
    if item is None:
        raise NotFound(gettext("没有这条线索，或者您无权查看；请从列表重新打开"))
    return item


def is_offered(topic: str, unit: str, actor: Actor) -> bool:
    """Whether this role may write such an event about a matter of this unit; the log decides it again."""
    return may(actor, topic) and (TYPES[topic]["unit"] != "own" or unit.startswith(actor.unit))


def next_acts(tip: Any) -> list[str]:
    """The acts that the actor may do next on a tip of the read model, the likeliest first."""
    return [name for name, act in ACTS.items() if tip.state in act.states and is_offered(act.topic, tip.unit, g.actor)]


def keeping_acts(tip: Any) -> list[str]:
    """回避 until it is over, 销毁 until it is done; whoever proposed doesn't approve."""
    offered = {
        "recuse": tip.state not in ("declined", "answered", "withdrawn"),
        "propose_shredding": tip.shredded_on is None,
        "shred": tip.shredded_on is None and tip.shredding and not g.actor.is_same_person_as(tip.shredding_by),
    }
    return [name for name, act in KEEPING.items() if offered[name] and is_offered(act.topic, tip.unit, g.actor)]
