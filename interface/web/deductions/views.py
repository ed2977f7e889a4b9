"""信用扣分: the list, one deduction with its decision, and a proposal on a problem."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext

from application.deductions import deductions as commands
from domain.deductions.actions import ACTIONS, COUNTING
from domain.errors import NotFound
from interface.kit import timeline_text
from interface.kit.confirm import Confirmation
from interface.kit.forms import ActForm
from interface.kit.labels import choices, word
from interface.kit.offers import is_offered
from interface.kit.request_context import page_number, reading
from interface.kit.security import may_write, must_be_offered, sign_in_required
from interface.kit.submit import submit
from interface.web.deductions.forms import DecideForm, DeclineForm, Filters, ProposeForm, ServeForm
from projections import deductions as credit
from projections import documents as adopted
from projections import problems as problem_ledger
from projections import timeline
from projections.deductions import Deduction, DeductionFilter, DeductionItem
from projections.query.page import SIZE, Page

bp = Blueprint("deductions", __name__, url_prefix="/deductions")
bp.before_request(sign_in_required)


SHAKEN = {"problem.corrected", "problem.closure_revoked", "problem.reopened"}
MANY = 100
COPIES = ("开具单位留存", "企业留存", "注册地主管部门留存")  # of a 中文 paper, in whatever language the page is


def filters() -> Filters:
    form = Filters(formdata=request.args)
    form.state.choices = choices("deduction_state")
    return form


def standing_on(cursor: Any, problem: str, at: int | None = None) -> list[DeductionItem]:
    """Deductions on a problem that count, or may come to count."""
    wanted = DeductionFilter(states=COUNTING, problem=problem)
    return credit.deductions(cursor, g.scope, wanted, at=at, size=MANY).rows


def listed(cursor: Any, right: bool, number: int, size: int = SIZE) -> Page[DeductionItem]:
    """What the address asks for; everything where it asks for nonsense."""
    states = tuple(one for one in request.args.getlist("state") if right and one)
    unserved = request.args.get("unserved") == "1"
    wanted = DeductionFilter(states=states, company=request.args.get("company") or None, unserved=unserved)
    return credit.deductions(cursor, g.scope, wanted, at=g.at, page=number, size=size)


@bp.get("")
def index() -> Any:
    form = filters()
    right = form.validate()
    with reading() as cursor:
        page = listed(cursor, right, page_number())
    return render_template("deductions/index.html", form=form, page=page), 200 if right else 422


@bp.get("/standard")
def standard() -> Any:
    """扣分标准: the score table in force, or the version that a decision was made by."""
    asked = request.args.get("version", "")
    with reading() as cursor:
        version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None
        rows = adopted.score_table(cursor, day=g.day, version=version, at=g.at)
    if not rows:
        raise NotFound(gettext("没有这一版扣分标准"))
    return render_template("deductions/standard.html", rows=rows, version=rows[0].version, note=rows[0].note)


@bp.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """On the problem that the address names."""
    try:
        id = UUID(request.args.get("problem", ""))
    except ValueError:
        raise NotFound(gettext("请从问题页面提请扣分")) from None
    with reading() as cursor:
        found = problem_ledger.problem(cursor, g.scope, str(id), day=g.day)
        if found is None:
            raise NotFound(gettext("没有这个问题，或者您无权查看；请从列表重新打开"))
        rows, standing = adopted.score_table(cursor, day=g.day), standing_on(cursor, str(id))
    problem = found.item.problem
    must_be_offered(may_write() and is_offered(ACTIONS["propose"].event, problem.unit, g.actor))
    form = ProposeForm(data={"seen": problem.version})
    form.score_code.choices = [
        (one.code, gettext("%(conduct)s（%(points)s 分）", conduct=one.conduct, points=f"{one.points_x10 / 10:g}"))
        for one in sorted(rows, key=lambda one: one.item != problem.item)
    ]
    form.know(list(reversed(standing)))  # the newest are first on the page
    answer = submit(
        form,
        lambda: commands.ProposeDeduction(
            id=form.command,
            actor=g.actor,
            problem=id,
            seen=form.version,
            score_code=form.score_code.data,
            points_x10=form.points.tenths,
            reason=form.reason.data,
            again=bool(form.again and form.again.data),
        ),
        title=str(form.title),
        to=_proposed,
    )
    form.seen.data = str(problem.version)
    shown = {"form": form, "found": found, "standing": standing}
    return answer or (render_template("deductions/new.html", **shown), form.status)


def _proposed(receipt: Any) -> str:
    return url_for(".show", id=receipt.stream)


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _page(id)


@bp.post("/<uuid:id>/decide")
def decide(id: UUID) -> Any:
    form = DecideForm(prefix="decide-")
    answer = submit(
        form,
        lambda: commands.DecideDeduction(
            id=form.command,
            actor=g.actor,
            deduction=id,
            seen=form.version,
            points_x10=form.points.tenths,
            document=form.document.data,
            decided_on=form.decided_on.data,
            note=form.note.data or None,
        ),
        title=str(form.title),
        to=url_for(".show", id=id),
        review=lambda: _review(id),
    )
    return answer or _page(id, refused=("decide", form))


def _review(id: UUID) -> Confirmation:
    with reading() as cursor:
        item = _find(cursor, id)
    about = [(gettext("物业服务企业"), item.company_name), (gettext("台账编号"), item.problem_number)]
    states = (
        word(item.deduction.state, "deduction_state"),
        word(ACTIONS["decide"].leads_to(item.deduction.state), "deduction_state"),
    )
    return Confirmation(about, states, {"points": f"{item.deduction.proposed_x10 / 10:g}"}, item.deduction.version)


@bp.post("/<uuid:id>/serve")
def serve(id: UUID) -> Any:
    form = ServeForm(prefix="serve-")
    form.way.choices = choices("served_way")
    answer = submit(
        form,
        lambda: commands.ServeDeduction(
            id=form.command,
            actor=g.actor,
            deduction=id,
            seen=form.version,
            served_on=form.served_on.data,
            way=form.way.data,
            note=form.note.data or None,
        ),
        title=str(form.title),
        to=url_for(".show", id=id),
    )
    return answer or _page(id, refused=("serve", form))


@bp.post("/<uuid:id>/decline")
def decline(id: UUID) -> Any:
    form = DeclineForm(prefix="decline-")
    answer = submit(
        form,
        lambda: commands.DeclineDeduction(
            id=form.command, actor=g.actor, deduction=id, seen=form.version, reason=form.reason.data
        ),
        title=str(form.title),
        to=url_for(".show", id=id),
    )
    return answer or _page(id, refused=("decline", form))


def _find(cursor: Any, id: UUID) -> DeductionItem:
    item = credit.deduction(cursor, g.scope, str(id), at=g.at)
    if item is None:
        raise NotFound(gettext("没有这条扣分记录，或者您无权查看"))
    return item


@bp.get("/<uuid:id>/notice")
def notice(id: UUID) -> Any:
    """告知单: the paper for the company, in three copies. Its form is still to be confirmed by the housing bureau (待市住建局确认)."""
    with reading() as cursor:
        item = _find(cursor, id)
        deduction = item.deduction
        if deduction.state != "decided":
            raise NotFound(gettext("此扣分尚未决定或未采纳，没有告知单"))
        items = timeline.of_matter(cursor, g.scope, str(id), linked=False, at=g.at)
        rows = adopted.score_table(cursor, day=g.day, version=deduction.score_table, at=g.at)
        found = problem_ledger.problem(cursor, g.scope, deduction.problem, day=g.day, at=g.at)
        company = credit.balance(cursor, g.scope, deduction.company, day=g.day, at=g.at)
    [decided] = [one for one in items if one.topic == "deduction.decided"]
    return render_template(
        "deductions/notice.html",
        item=item,
        deduction=deduction,
        decided=decided,
        row=next((one for one in rows if one.code == deduction.score_code), None),
        found=found,
        company=company,
        copies=COPIES,
    )


def _page(id: UUID, *, refused: tuple[str, ActForm] | None = None) -> Any:
    with reading() as cursor:
        item = _find(cursor, id)
        items = timeline.of_matter(cursor, g.scope, str(id), at=g.at)
        others = [one for one in standing_on(cursor, item.deduction.problem, g.at) if _twice(one, item)]
    acts = _acts(item)
    open_act, form = refused or (None, None)
    if refused is not None:
        refused[1].seen.data = str(item.deduction.version)
        acts = [refused if name == open_act else (name, one) for name, one in acts]
    offered = open_act in [name for name, _form in acts]
    page = render_template(
        "deductions/show.html",
        item=item,
        deduction=item.deduction,
        told=timeline_text.told([one for one in items if one.stream == str(id)], str(id)),
        since=timeline_text.told(_changes(item, items)),
        others=others,
        acts=acts,
        action=lambda name: url_for(f".{name}", id=id),
        open_act=open_act if offered else None,
        draft=None if offered else form,
        form=form,
    )
    return page, form.status if form is not None else 200


def _twice(other: DeductionItem, item: DeductionItem) -> bool:
    """Two deductions for one conduct on one problem."""
    return other.id != item.id and other.deduction.score_code == item.deduction.score_code


def _changes(item: DeductionItem, items: list[Any]) -> list[Any]:
    """What shook the problem that the deduction cites, after it was cited."""
    cited = item.deduction.problem, item.deduction.problem_version
    return [one for one in items if one.stream == cited[0] and one.version > cited[1] and one.topic in SHAKEN]


def _acts(item: DeductionItem) -> list[tuple[str, ActForm]]:
    deduction = item.deduction
    if not may_write():
        return []
    if _is_offered("serve", deduction) and deduction.served_on is None:
        return _serving(deduction)
    if not _is_offered("decide", deduction):
        return []
    start = {"seen": deduction.version, "points": deduction.proposed_x10 / 10, "decided_on": g.day}
    return [
        ("decide", DecideForm(prefix="decide-", data=start, formdata=None)),
        ("decline", DeclineForm(prefix="decline-", data={"seen": deduction.version}, formdata=None)),
    ]


def _is_offered(name: str, deduction: Deduction) -> bool:
    action = ACTIONS[name]
    return action.starts_in(deduction.state) and is_offered(action.event, deduction.unit, g.actor)


def _serving(deduction: Deduction) -> list[tuple[str, ActForm]]:
    form = ServeForm(prefix="serve-", data={"seen": deduction.version, "served_on": g.day}, formdata=None)
    form.way.choices = choices("served_way")
    return [("serve", form)]
