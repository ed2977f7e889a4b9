"""依据文件: what everything is decided by, in every edition; a later one proposed by one person and adopted by another."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, send_file, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.campaign.documents import (
    KINDS,
    AdoptProposal,
    DeclineProposal,
    ProposeDocument,
    in_force,
)
from application.core.command import Command
from application.core.permissions import may
from domain.campaign import sheets
from domain.campaign.actions import ACTIONS
from domain.campaign.contents import difference
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.problems.actions import OPEN
from domain.tips.actions import GOING_ON
from interface.kit.confirm import Confirmation
from interface.kit.fields import Day, Line, Text
from interface.kit.forms import ActForm
from interface.kit.labels import word
from interface.kit.request_context import own_accounts, reading
from interface.kit.security import may_write, sign_in_required
from interface.kit.submit import submit
from projections import documents as queries
from projections import problems as problem_ledger
from projections import tips as tips_desk
from projections.documents import Edition
from projections.problem_filter import ProblemFilter
from projections.tip_filter import TipFilter

bp = Blueprint("documents", __name__, url_prefix="/documents")
bp.before_request(sign_in_required)


class ProposeForm(ActForm):
    action = ACTIONS["propose"]
    sheet = Text(
        _("内容（CSV，一行一条）"), limit=200_000, description=_("已填好现行内容，请直接修改；也可用表格软件编辑后粘贴")
    )
    years = Line(_("年份"), needed=False, limit=200, description=_("各年以空格分开"))
    provisional = Line(_("其中暂定的年份"), needed=False, limit=200, description=_("国务院办公厅的通知尚未发布的年份"))
    basis = Line(_("依据"), needed=False, limit=80)
    effective_on = Day(_("生效日期"), description=_("自该日起办理的按新版，此前的仍按原版"))
    note = Text(_("修改说明"), limit=500)


class AdoptForm(ActForm):
    action = ACTIONS["adopt"]


class DeclineForm(ActForm):
    action, grave = ACTIONS["decline"], True
    reason = Text(_("不予采用的理由"), limit=500)


DECISIONS: dict[str, tuple[type[ActForm], Callable[..., Command]]] = {
    "adopt": (AdoptForm, AdoptProposal),
    "decline": (DeclineForm, DeclineProposal),
}


def _may_decide_on(kind: str) -> bool:
    """The score table is the housing bureau's, the rest the city's."""
    return may_write() and (kind == "score_table") == (g.actor.role == "housing_decider")


def counted() -> dict[str, Any] | None:
    """The card of what waits for this person's decision; None for whoever decides on no document."""
    if not (may_write() and may(g.actor, ACTIONS["adopt"].event)):
        return None
    own = own_accounts()
    with reading() as cursor:
        editions = [one for _key, one in queries.editions(cursor) if one.state == "proposed"]
    waiting = [one for one in editions if _may_decide_on(one.kind) and one.proposed_by not in own]
    return {
        "words": gettext("待采用的依据文件"),
        "tone": "blue",
        "count": len(waiting),
        "href": url_for("documents.index"),
    }


@bp.get("")
def index() -> str:
    with reading() as cursor:
        editions = queries.editions(cursor, at=g.at)
    offered = [kind for kind in KINDS if _may_decide_on(kind) and may(g.actor, ACTIONS["propose"].event)]
    names = g.people.names(sorted({one.proposed_by for _key, one in editions}))
    return render_template("documents/index.html", editions=editions, kinds=list(KINDS), offered=offered, names=names)


@bp.route("/<kind>/new", methods=["GET", "POST"])
def new(kind: str) -> Any:
    if kind not in KINDS:
        raise NotFound(gettext("没有这类依据文件"))
    if not (_may_decide_on(kind) and may(g.actor, ACTIONS["propose"].event)):
        raise NotAllowed(gettext("您的角色不能提请采用这类文件"))
    before = in_force(g.services.ledger, KINDS[kind]).members
    form = ProposeForm(data=_start(kind, before))
    if kind != "calendar":
        for name in ("years", "provisional", "basis"):
            del form[name]
    answer = submit(form, lambda: _proposal(kind, form, before), title=str(form.title), to=url_for(".index"))
    return answer or (render_template("documents/new.html", form=form, kind=kind), form.status)


def _start(kind: str, before: dict[str, Any]) -> dict[str, Any]:
    told = {"sheet": sheets.written(kind, before)}
    if kind == "calendar":
        years = {name: " ".join(map(str, before[name])) for name in ("years", "provisional")}
        return told | years | {"basis": before["basis"]}
    return told


def _proposal(kind: str, form: ProposeForm, before: dict[str, Any]) -> ProposeDocument:
    more: dict[str, Any] = {}
    if kind == "calendar":
        more = {name: _years(form[name].data) for name in ("years", "provisional")} | {
            "basis": form["basis"].data or ""
        }
    return ProposeDocument(
        id=form.command,
        actor=g.actor,
        kind=kind,
        content=sheets.read(kind, form["sheet"].data, before, **more),
        effective_on=form["effective_on"].data,
        note=form["note"].data,
    )


def _years(typed: str | None) -> list[int]:
    told = (typed or "").replace("、", " ").split()
    if wrong := next((one for one in told if not (one.isascii() and one.isdigit() and len(one) == 4)), None):
        raise RuleBroken(gettext("“%(year)s”不是年份，请写四位数字，各年以空格分开", year=wrong))
    return [int(one) for one in told]


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _page(str(id))


@bp.post("/<uuid:id>/<any(adopt, decline):name>")
def decide(id: UUID, name: str) -> Any:
    kind, command = DECISIONS[name]
    form = kind(prefix=f"{name}-")
    edition = _find(str(id))
    answer = submit(
        form,
        lambda: command(
            id=form.command, actor=g.actor, proposal=id, seen=form.version, **{f.short_name: f.data for f in form.shown}
        ),
        title=str(form.title),
        to=url_for(".show", id=id),
        review=lambda: _review(edition),
    )
    return answer or _page(str(id), refused=(name, form))


def _review(edition: Edition) -> Confirmation:
    about = [
        (gettext("文件"), f"{word(edition.kind, 'document')} · {gettext('第 %(n)s 版', n=edition.version)}"),
        (gettext("生效日期"), edition.effective_on.isoformat()),
        (gettext("修改说明"), edition.note),
        (gettext("改动"), gettext("%(n)s 处", n=len(_changes(edition)))),
    ]
    return Confirmation(about, (word("proposed", "document_state"), word("adopted", "document_state")))


@bp.get("/<uuid:id>.csv")
def sheet(id: UUID) -> Any:
    edition = _find(str(id))
    text = sheets.written(edition.kind, _content(edition))
    name = f"{edition.kind}-{edition.version}.csv"
    return send_file(BytesIO(text.encode("utf-8-sig")), "text/csv", as_attachment=True, download_name=name)


def _find(id: str) -> Edition:
    with reading() as cursor:
        found = dict(queries.editions(cursor, at=g.at)).get(id)
    if found is None:
        raise NotFound(gettext("没有这份文件；请从列表重新打开"))
    return found


def _content(edition: Edition) -> dict[str, Any]:
    if edition.content:
        told: dict[str, Any] = json.loads(edition.content)
        return told
    ledger = g.services.ledger
    return dict(ledger.fetch(KINDS[edition.kind], KINDS[edition.kind].first(ledger.origin)).members)


def _changes(edition: Edition) -> list[tuple[str, str, str]]:
    """Against what counts on the day before it would."""
    if not edition.content:
        return []
    with reading() as cursor:
        earlier = [
            one for _key, one in queries.editions(cursor, at=g.at)
            if one.kind == edition.kind and one.state == "adopted" and one.version < edition.version
        ]  # fmt: skip
    return difference(edition.kind, _content(earlier[0]), _content(edition))


def _touched() -> list[tuple[str, int, str]]:
    """(what, how many, where they are listed) of what is open, and may come to be decided by it."""
    with reading() as cursor:
        open_tips = TipFilter(states=GOING_ON)
        tips = tips_desk.count(cursor, g.scope, open_tips, day=g.day, at=g.at)
        problems = problem_ledger.count(cursor, g.scope, ProblemFilter(states=OPEN), day=g.day, at=g.at)
    told = [(gettext("在办问题"), problems, url_for("problems.index", state=list(OPEN)))]
    return [(gettext("在办线索"), tips, url_for("tips.index", state=list(GOING_ON))), *told]


def _page(id: str, *, refused: tuple[str, ActForm] | None = None) -> Any:
    edition = _find(id)
    offered = [
        name for name in DECISIONS
        if ACTIONS[name].starts_in(edition.state) and _may_decide_on(edition.kind) and may(g.actor, ACTIONS[name].event)
        and not ACTIONS[name].refusal(g.actor, {"proposing": [edition.proposed_by]})
    ]  # fmt: skip
    acts: list[tuple[str, ActForm]] = [
        (name, DECISIONS[name][0](prefix=f"{name}-", formdata=None, data={"seen": edition.seen})) for name in offered
    ]
    open_act, form = refused or (None, None)
    if form is not None:
        form.seen.data = str(edition.seen)
        acts = [(name, form if name == open_act else one) for name, one in acts]
    names = g.people.names([one for one in (edition.proposed_by, edition.decided_by) if one])
    shown = {"id": id, "edition": edition, "acts": acts, "open_act": open_act, "form": form, "names": names}
    shown |= {"changes": _changes(edition), "touched": _touched() if edition.state == "proposed" else []}
    page = render_template(
        "documents/show.html", **shown, sheet=sheets.written(edition.kind, _content(edition)).splitlines(),
        address=lambda name: url_for(".decide", id=id, name=name),
    )  # fmt: skip
    return page, form.status if form is not None else 200
