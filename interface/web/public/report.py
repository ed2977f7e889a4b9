"""我要举报: anybody, without an account, one decision on each page; what was typed travels in the form, not here. 网上举报"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from application.tips.public_tips import LONGEST, Files, Gate, hand_in, hand_in_lead, refusal_to_promise
from application.vault.tips import TipFile
from domain.errors import RuleBroken
from interface.kit.fields import Choice, Line, Radio, Suggested, Text
from interface.kit.forms import Form
from interface.kit.photo_field import Photos
from interface.kit.photos import PhotoRefused
from interface.kit.request_context import reading
from interface.web.public.throttle import Asked, TooFast, admit, let_in, new_token, question, workshop
from interface.web.tips import town_suggestion
from projections import registers
from projections.query.scope import Scope

bp = Blueprint("public_tip", __name__, url_prefix="/tip")
STEPS = {
    "accuses": ["accuses"],
    "what": ["against", "text", "place"],
    "who": ["reporter", "contact"],
    "check": ["photos"],
}
ORDER = list(STEPS)


@bp.after_request
def _no_trace(response: Response) -> Response:
    """Nothing of it stays in the browser's store, and no other page learns where the reader came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


class PublicForm(Form):
    """The signed token is what ties pages together; there is no sign-in that a foreign page could misuse."""

    class Meta:
        csrf = False

    token = HiddenField()
    website = Line(_("此栏请留空"), needed=False)  # a lure: people don't see it, machines fill it in
    answer = Line(_("小问题"), needed=False, description=_("请填数字，如 12"), render_kw={"inputmode": "numeric"})

    status = 429  # what the page with this form is answered with, where it was not taken

    def taken(self, act: Callable[[str, Gate], Any]) -> Any:
        """What `act` answers, given the form's name and the gate; None with the reason among the wrongs.

        Token, lure and pace are judged first; the gate stands before pictures, which `act` asks for last.
        """
        try:
            name = admit(self.token.data or "", self.website.data or "")
            self.answer.label.text = question(name)
            with workshop().at_work(name):
                return act(name, partial(let_in, name, self.answer.data or ""))
        except Asked as asked:
            self.wrong("answer", str(asked))
        except TooFast as slower:
            self.wrong(None, str(slower))
        except PhotoRefused as refused:
            self.wrong("photos", str(refused))
            self.status = 422
        return None

    @property
    def files(self) -> Files:
        photos: Photos = self["photos"]
        return Files(photos.digests, lambda: [TipFile(photo.media_type, photo.body) for photo in photos.photos])


class TipForm(PublicForm):
    accuses = Radio(
        _("您要反映的是谁"),
        choices=[
            ("no", _("物业服务企业或小区里的问题")),
            ("unit", _("镇（街道）、社区或政府部门自身的问题")),
            ("yes", _("公职人员违纪违法（检举）")),
        ],
        description=_(
            "反映单位的，该单位看不到，由市专班处理；检举公职人员的，只加密转送市纪委监委，镇（街道）、市专班和系统管理员都打不开"
        ),
    )
    against = Choice(
        _("反映哪个单位"), needed=False, empty=_("请选择"), description=_("反映社区的，请选它所在的镇（街道）")
    )
    text = Text(_("发生了什么"), limit=LONGEST, description=_("什么时间、什么地方、什么情况；最多 %(n)s 字", n=LONGEST))
    place = Suggested(_("在哪里"), needed=False, limit=80, description=_("小区名称或镇（街道）；不清楚可以不填"))
    reporter = Line(_("称呼"), needed=False, description=_("可以不填，不填就是匿名"))
    contact = Line(_("联系方式"), needed=False, description=_("可以不填；需要向您核实时使用"))
    photos = Photos(_("照片"), public=True)

    def takes(self, step: str) -> bool:
        """Whether what this page asks is answered; every field says itself what is wrong."""
        right = all([self[name].validate(self) for name in STEPS[step]])
        if step == "what" and self.accuses.data == "unit" and not self.against.data:
            self.wrong("against", gettext("请选择反映哪个单位"))
            return False
        return right

    def asks(self, step: str) -> list[str]:
        """The names of the fields of this page, as far as the answers before need them."""
        idle = {"no": {"against"}, "yes": {"against", "photos"}}.get(self.accuses.data, set())
        return [name for name in STEPS[step] if name not in idle]

    @property
    def leads(self) -> bool:
        return self.accuses.data == "yes"

    @property
    def words(self) -> str:
        """What lies sealed: also the unit, which whoever opens the words has to know."""
        told = (("反映单位", self.unit_name), ("地点", self.place.data))
        return "\n".join([*(f"{label}：{said}" for label, said in told if said), self.text.data or ""])

    @property
    def who(self) -> tuple[str, str]:
        return self.reporter.data or "", self.contact.data or ""

    @property
    def unit(self) -> str:
        """The code of the unit that it complains about; empty for none."""
        return self.against.data if self.accuses.data == "unit" else ""

    @property
    def unit_name(self) -> str:
        return next((str(option.label) for option in self.against.choices if option.value == self.unit), "")


@bp.get("")
def begin() -> Any:
    return _page(_form(formdata=None, data={"token": new_token()}), "accuses")


def _form(**start: Any) -> TipForm:
    """With what it offers."""
    form = TipForm(**start)
    with reading() as cursor:
        form.place.suggestions = [town.short_name for town in registers.units(cursor, Scope.all(), kind="town")]
        form.against.choices = town_suggestion.offices(cursor)
    return form


@bp.post("")
def go_on() -> Any:
    form = _form()
    step = request.form.get("step", "accuses")
    if step not in STEPS:
        step = "accuses"
    if "back" in request.form:
        return _page(form, ORDER[max(ORDER.index(step) - 1, 0)])
    for each in ORDER[: ORDER.index(step) + 1]:
        if not form.takes(each):
            return _page(form, each, 422)
    if step != "check":
        return _page(form, ORDER[ORDER.index(step) + 1])
    return _hand_in(form)


def _hand_in(form: TipForm) -> Any:
    if form.leads and form.files.digests:
        raise RuleBroken(gettext("检举公职人员的内容不能附照片；请删去照片后再提交"))
    return form.taken(partial(_lead if form.leads else _tip, form)) or _page(form, "check", form.status)


def _lead(form: TipForm, name: str, gate: Gate) -> Any:
    hand_in_lead(g.services.ledger, name, form.words, form.who, gate)
    return render_template("public/lead.html")


def _tip(form: TipForm, name: str, gate: Gate) -> Any:
    handed = hand_in(g.services.ledger, name, form.words, form.who, form.files, against=form.unit, gate=gate)
    return render_template("public/receipt.html", code=str(handed.code))


def _page(form: TipForm, step: str, status: int = 200) -> Any:
    shown = [form[name] for name in form.asks(step)]
    carried = [form[name] for names in STEPS.values() for name in names if name not in (*STEPS[step], "photos")]
    number, trouble = ORDER.index(step) + 1, refusal_to_promise(g.services.ledger)
    return (
        render_template(
            "public/tip.html", form=form, step=step, number=number, shown=shown, carried=carried, trouble=trouble
        ),
        status,
    )
