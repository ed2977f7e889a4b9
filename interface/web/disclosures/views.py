"""身份打开: the list, a request from a tip, its decision, and each opening, which is shown once."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, send_file, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.command import Command
from application.core.permissions import may
from application.disclosures.disclosures import (
    ApproveDisclosure,
    DeclineDisclosure,
    OpenDisclosure,
    RequestDisclosure,
    opened,
    opening_file,
)
from domain.disclosures.actions import ACTIONS
from domain.errors import NotAllowed, NotFound, Refusal, RuleBroken
from interface.i18n.locales import N_
from interface.kit import timeline_text
from interface.kit.confirm import Confirmation, check
from interface.kit.errors import status_of
from interface.kit.fields import Radio, Several, Text
from interface.kit.forms import ActForm
from interface.kit.labels import choices, word
from interface.kit.offers import may_ask
from interface.kit.request_context import own_accounts, page_number, reading
from interface.kit.security import sign_in_required
from interface.kit.submit import submit
from interface.web.tips.forms import find_tip
from projections import disclosures as queries
from projections import timeline
from projections.disclosures import DisclosureFilter, DisclosureItem
from projections.tips import TipItem

bp = Blueprint("disclosures", __name__, url_prefix="/disclosures")
bp.before_request(sign_in_required)
NO_SUCH = N_("没有这项申请，或者您无权查看；请从列表重新打开")
ONCE = N_("这次打开的内容已经显示过一次，不再显示；如仍需要，请重新打开")


class RequestForm(ActForm):
    action = ACTIONS["request"]
    wanted = Several(_("要打开的内容"))
    reason = Text(_("申请理由"), description=_("写明为什么不打开就不能办理；用自己的话概括，不写姓名和电话"))


class ApproveForm(ActForm):
    action = ACTIONS["approve"]
    note = Text(_("批准意见"), needed=False)


class DeclineForm(ActForm):
    action, grave = ACTIONS["decline"], True
    reason = Text(_("不批准的理由"))


class OpenForm(ActForm):
    action = ACTIONS["open"]
    wanted = Several(_("要打开的内容"))


class OpeningForm(ActForm):
    """An opening too: one field as a file that proves itself against the log."""

    title, weighty = _("下载核验文件"), ACTIONS["open"].weighty
    field = Radio(_("哪一项"))


DECISIONS: dict[str, tuple[type[ActForm], Callable[..., Command]]] = {
    "approve": (ApproveForm, ApproveDisclosure),
    "decline": (DeclineForm, DeclineDisclosure),
}


def may_decide(item: DisclosureItem) -> bool:
    action, found = ACTIONS["approve"], item.disclosure
    another = not action.refusal(g.actor, {"proposing": [found.requested_by]})
    return g.at is None and action.starts_in(found.state) and another and may(g.actor, action.event)


def may_open(item: DisclosureItem) -> bool:
    found = item.disclosure
    return g.at is None and ACTIONS["open"].starts_in(found.state) and found.requested_by == g.actor.id


@bp.get("")
def index() -> str:
    if not may(g.actor, ACTIONS["request"].event) and g.actor.role != "auditor":
        raise NotAllowed(gettext("您的角色不能查看身份打开的申请"))
    waiting = "waiting" in request.args and may(g.actor, ACTIONS["approve"].event)
    wanted = (
        DisclosureFilter(states=ACTIONS["approve"].starts_from or (), not_by=own_accounts())
        if waiting
        else DisclosureFilter()
    )
    with reading() as cursor:
        page = queries.disclosures(cursor, g.scope, wanted, at=g.at, page=page_number())
    names = g.people.names(sorted({one.disclosure.requested_by for one in page.rows}))
    return render_template("disclosures/index.html", page=page, names=names, waiting=waiting)


@bp.route("/new", methods=["GET", "POST"])
def new() -> Any:
    if not may_ask():
        raise NotAllowed(gettext("您的角色不能申请打开身份"))
    with reading() as cursor:
        item = _tip(cursor)
    form = RequestForm(data={"wanted": ["reporter", "contact"]})
    form.wanted.choices = choices("disclosed")
    answer = submit(
        form,
        lambda: RequestDisclosure(
            id=form.command,
            actor=g.actor,
            tip=UUID(item.id),
            fields=tuple(form.wanted.data or ()),
            reason=form.reason.data,
        ),
        title=str(form.title),
        to=url_for(".index"),
    )
    return answer or (render_template("disclosures/new.html", form=form, item=item), form.status)


def _tip(cursor: Any) -> TipItem:
    try:
        id = UUID(request.args.get("tip", ""))
    except ValueError:
        raise NotFound(gettext("没有这条线索，或者您无权查看；请从列表重新打开")) from None
    item = find_tip(cursor, id)
    if item.tip.shredded_on:
        raise RuleBroken(gettext("此线索的内容已销毁，没有可以打开的身份"))
    return item


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _page(_find(id))


@bp.post("/<uuid:id>/<any(approve, decline):name>")
def decide(id: UUID, name: str) -> Any:
    item = _find(id)
    kind, command = DECISIONS[name]
    form = kind(prefix=f"{name}-")
    answer = submit(
        form,
        lambda: command(id=form.command, actor=g.actor, disclosure=id, seen=form.version, **_typed(form)),
        title=str(form.title),
        to=url_for(".show", id=id),
        review=lambda: _review(item),
    )
    return answer or _page(item, refused=(name, form))


def _typed(form: ActForm) -> dict[str, Any]:
    return {field.short_name: field.data or None for field in form.shown}


@bp.post("/<uuid:id>/open")
def open_(id: UUID) -> Any:
    """Recorded as an event and in the record of readings, then shown on this page and nowhere again."""
    item, form = _find(id), OpenForm(prefix="open-")
    form.wanted.choices = _fields(item)
    if (asked := _asked(form, item)) is not None:
        return asked
    try:
        told = opened(_command(form, id, *(form.wanted.data or ())), g.services.ledger)
    except Refusal as refusal:
        return _refused(item, "open", form, refusal)
    if told is None:
        return _refused(item, "open", form, RuleBroken(gettext(ONCE)))
    return render_template("disclosures/opened.html", item=item, told=told)


@bp.post("/<uuid:id>/opening")
def opening(id: UUID) -> Any:
    """下载核验文件: an opening like any other, of one field."""
    item, form = _find(id), OpeningForm(prefix="opening-")
    form.field.choices = _fields(item)
    if (asked := _asked(form, item)) is not None:
        return asked
    try:
        content = opening_file(_command(form, id, form.field.data), g.services.ledger)
    except Refusal as refusal:
        return _refused(item, "opening", form, refusal)
    name = f"opening-{item.tip_position}-{form.field.data}.json"
    return send_file(BytesIO(content), "application/json", as_attachment=True, download_name=name)


def _command(form: ActForm, id: UUID, *fields: str) -> OpenDisclosure:
    return OpenDisclosure(id=form.command, actor=g.actor, disclosure=id, fields=fields)


def _asked(form: ActForm, item: DisclosureItem) -> Any:
    """The page that has to be answered first: the form with what is wrong, or what will be signed, with the password."""
    if not form.validate_on_submit():
        form.status = 422
        return _page(item, refused=(form._prefix.rstrip("-"), form))
    return check(form, str(form.title), lambda: _review(item))


def _refused(item: DisclosureItem, name: str, form: ActForm, refusal: Refusal) -> Any:
    form.wrong(None, str(refusal))
    form.renew()
    form.status = status_of(refusal)
    return _page(item, refused=(name, form))


def _review(item: DisclosureItem) -> Confirmation:
    """Of an approval, or of an opening, which changes no state."""
    found = item.disclosure
    about = [
        (gettext("线索"), gettext("线索 %(n)s", n=item.tip_position)),
        (gettext("要打开的内容"), "、".join(word(name, "disclosed") for name in found.fields.split())),
        (gettext("申请人"), f"{g.people.name(found.requested_by)} · {g.people.unit(found.unit)}"),
        (gettext("申请理由"), found.reason),
    ]
    return Confirmation(
        about,
        (word(found.state, "disclosure_state"), word(ACTIONS["approve"].leads_to(found.state), "disclosure_state")),
    )


def _fields(item: DisclosureItem) -> list[tuple[str, str]]:
    return [(name, word(name, "disclosed")) for name in item.disclosure.fields.split()]


def _find(id: UUID) -> DisclosureItem:
    with reading() as cursor:
        item = queries.disclosure(cursor, g.scope, str(id), at=g.at)
    if item is None:
        raise NotFound(gettext(NO_SUCH))
    return item


def _page(item: DisclosureItem, *, refused: tuple[str, ActForm] | None = None) -> Any:
    with reading() as cursor:
        told = timeline.of_matter(cursor, g.scope, item.id, linked=False, at=g.at)
    acts = _acts(item)
    open_act, form = refused or (None, None)
    if form is not None:
        form.seen.data = str(item.disclosure.version)
        acts = [(name, form if name == open_act else one) for name, one in acts]
    found = item.disclosure
    names = g.people.names([one for one in (found.requested_by, found.decided_by) if one])
    shown = {
        "item": item,
        "acts": acts,
        "open_act": open_act,
        "form": form,
        "names": names,
        "told": timeline_text.told(told),
    }
    page = render_template("disclosures/show.html", **shown, address=_address(item))
    return page, form.status if form is not None else 200


def _address(item: DisclosureItem) -> Any:
    ends = {"open": ".open_", "opening": ".opening"}
    return lambda name: url_for(ends[name], id=item.id) if name in ends else url_for(".decide", id=item.id, name=name)


def _acts(item: DisclosureItem) -> list[tuple[str, ActForm]]:
    start: dict[str, Any] = {"formdata": None, "data": {"seen": item.disclosure.version}}
    acts: list[tuple[str, ActForm]] = []
    if may_decide(item):
        acts = [(name, kind(prefix=f"{name}-", **start)) for name, (kind, _command) in DECISIONS.items()]
    if may_open(item):
        wanted = item.disclosure.fields.split()
        show = OpenForm(prefix="open-", formdata=None, data={"wanted": wanted})
        file = OpeningForm(prefix="opening-", formdata=None, data={"field": wanted[0]})
        show.wanted.choices = file.field.choices = _fields(item)
        acts = [("open", show), ("opening", file)]
    return acts
