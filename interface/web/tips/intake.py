"""登记线索 and 转问题: first whom it complains about, then what it says; and a verified tip into problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.tips.commands import RegisterTip, TurnTipIntoProblems
from domain.errors import RuleBroken
from domain.tips.actions import ACTIONS
from interface.kit.fields import Choice, Day, Line, Radio, Text
from interface.kit.forms import ActForm, Form
from interface.kit.labels import choices, word
from interface.kit.offers import is_offered
from interface.kit.photo_field import Photos
from interface.kit.request_context import reading
from interface.kit.security import must_be_offered, sign_in_required
from interface.kit.submit import submit
from interface.web.problems.findings_form import FoundForm, offer_findings
from interface.web.tips import search as tip_vault
from interface.web.tips import town_suggestion
from interface.web.tips.forms import find_tip
from projections.tips import TipItem

bp = Blueprint("tip_new", __name__, url_prefix="/tips")
bp.before_request(sign_in_required)


class AccusesForm(Form):
    class Meta:
        csrf = False

    accuses = Radio(
        _("线索反映的是谁？"),
        choices=[
            ("no", _("物业服务企业或小区里的问题")),
            ("unit", _("镇（街道）、部门等单位自身的问题")),
            ("yes", _("公职人员违纪违法（检举）")),
        ],
        description=_(
            "反映单位的，该单位从登记起就看不到；检举公职人员的，直接密封转送市纪委监委，镇（街道）和市专班都看不到"
        ),
    )


class RegisterForm(ActForm):
    title = _("登记线索")
    against = Choice(
        _("被反映的单位"),
        description=_("该单位从登记起看不到此线索，也不会被交办；反映市专班自身的，请返回选“公职人员违纪违法”"),
    )
    channel = Choice(_("来源"))
    received_on = Day(_("收到日期"))
    number = Line(_("来源编号"), needed=False, description=_("例如 12345 工单号；同一编号只登记一次"))
    text = Text(_("线索内容"), limit=50_000, description=_("按来件原文填写；加密存放，查看会留下记录"))
    files = Photos(_("随附照片"))
    reporter = Line(_("反映人姓名"), needed=False, description=_("匿名的不填；与线索内容分开加密存放"))
    contact = Line(_("联系方式"), needed=False)


@bp.get("/new")
def new() -> Any:
    must_be_offered(is_offered("tip.registered", g.actor.unit, g.actor))
    answer = AccusesForm(formdata=request.args)
    if "accuses" in request.args and answer.validate():
        return _register_page(_form(answer.accuses.data, data={"received_on": g.day}), answer.accuses.data)
    asked = "accuses" in request.args
    if not asked:
        answer = AccusesForm(formdata=None)
    return render_template("tips/accuses.html", form=answer), 422 if asked else 200


@bp.post("/new")
def register() -> Any:
    must_be_offered(is_offered("tip.registered", g.actor.unit, g.actor))
    accuses = request.args.get("accuses", "")
    if accuses not in ("yes", "unit"):
        accuses = "no"
    form = _form(accuses)
    if accuses != "yes" and form.validate() and (near := _unseen(form)):
        return _register_page(form, accuses, near)
    answer = submit(
        form, lambda: _command(form, accuses), title=str(form.title), to=lambda receipt: _after(receipt, accuses, form)
    )
    return answer or _register_page(form, accuses)


def _unseen(form: RegisterForm) -> list[TipItem]:
    """Tips that seem to say the same and were not looked at yet; none once the form is registered."""
    if g.services.ledger.table.known(form.command) is not None:
        return []
    seen = request.form.get("distinct", "").split()
    found = tip_vault.like(form.text.data)
    return found if any(str(one.tip.position) not in seen for one in found) else []


def _form(accuses: str, **start: Any) -> RegisterForm:
    form = RegisterForm(**start)
    form.channel.choices = choices("channel")
    if accuses == "unit":
        with reading() as cursor:
            form.against.choices = town_suggestion.offices(cursor)
    else:
        del form.against
    return form


def _command(form: RegisterForm, accuses: str) -> RegisterTip:
    return RegisterTip(
        id=form.command,
        actor=g.actor,
        channel=form.channel.data,
        received_on=form.received_on.data,
        text=form.text.data,
        reporter=form.reporter.data or "",
        contact=form.contact.data or "",
        files=form.files.uploads,
        accuses_official=accuses == "yes",
        against=form.against.data if accuses == "unit" else "",
        source=form.channel.data if form.number.data else "",
        number=form.number.data or "",
    )


def _after(receipt: Any, accuses: str, form: RegisterForm) -> str:
    """The tip's page; nothing is to be seen of a lead, nor of what one's own unit is accused of."""
    if accuses == "unit" and form.against.data == g.actor.unit:
        return url_for("tips.index")
    return url_for("desk.index") if accuses == "yes" else url_for("tips.show", id=receipt.stream)


def _register_page(form: RegisterForm, accuses: str, near: Sequence[TipItem] = ()) -> Any:
    return render_template("tips/new.html", form=form, accuses=accuses, near=near), form.status


class ConvertForm(ActForm):
    """转问题: as many findings as the tip holds; 再加一个问题 shows one more."""

    title = _("转为问题")


MOST_PROBLEMS = 10


@bp.route("/<uuid:id>/problems", methods=["GET", "POST"])
def convert(id: UUID) -> Any:
    with reading() as cursor:
        item = find_tip(cursor, id)
        must_be_offered(is_offered(ACTIONS["convert"].event, item.tip.unit, g.actor))
        form, findings = _convert_forms(cursor, item)
    if request.method == "GET":
        _must_be_convertible(item)
    if request.method == "POST" and not {"more", "fewer"} & request.form.keys():
        right = [each.validate() for each in findings]
        if not all(right):
            form.status = 422
        elif answer := submit(form, lambda: _conversion(id, form, findings), title=str(form.title), to=_back(id)):
            return answer
        form.seen.data = str(item.tip.version)
    return render_template("tips/convert.html", item=item, form=form, findings=findings), form.status


def _must_be_convertible(item: TipItem) -> None:
    """Before a long form is filled in; the tip itself says so again when it is sent."""
    if not ACTIONS["convert"].starts_in(item.tip.state):
        state = word(item.tip.state, "tip_state")
        raise RuleBroken(gettext("此线索现为“%(state)s”，不能转为问题；请返回线索页面查看最新进展", state=state))


def _convert_forms(cursor: Any, item: Any) -> tuple[ConvertForm, list[FoundForm]]:
    sent = request.form.get("count", "1")
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 3 else 1
    count = min(max(count + ("more" in request.form) - ("fewer" in request.form), 1), MOST_PROBLEMS)
    form = ConvertForm(data={"seen": item.tip.version})
    start = {"estate": item.tip.estate, "item": item.tip.item, "found_on": item.tip.verified_on}
    findings = []
    for number in range(1, count + 1):
        typed = {} if f"problem{number}-title" in request.form else {"formdata": None}
        each = FoundForm(prefix=f"problem{number}-", data=start, **typed)
        offer_findings(cursor, each, item.tip.unit)
        findings.append(each)
    return form, findings


def _conversion(id: UUID, form: ConvertForm, findings: list[FoundForm]) -> TurnTipIntoProblems:
    problems = tuple(each.findings() for each in findings)
    return TurnTipIntoProblems(id=form.command, actor=g.actor, tip=id, seen=form.version, problems=problems)


def _back(id: UUID) -> str:
    return url_for("tips.show", id=id)
