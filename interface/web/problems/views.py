"""工作台账: the ledger of problems, and one problem with its timeline and next acts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may, refuse_early
from domain.actions import Action
from domain.errors import NotFound
from domain.problems.problem import Problem as Matter
from interface.i18n.locales import N_
from interface.kit import timeline_text
from interface.kit.confirm import Confirmation
from interface.kit.deadlines import problem_deadline, soon
from interface.kit.fields import Choice, Day, Line
from interface.kit.filters import FilterForm
from interface.kit.formatting import along
from interface.kit.labels import alike, choices, item_label, word
from interface.kit.offers import is_offered
from interface.kit.request_context import own_accounts, page_number, reading
from interface.kit.security import may_write, sign_in_required
from interface.kit.submit import submit
from interface.web.problems.before_after import compared
from interface.web.problems.before_after import demands as demanded
from interface.web.problems.entering import may_open
from interface.web.problems.forms import ACTS, may_correct, next_acts
from interface.web.problems.problem_form import ProblemForm, after
from interface.web.problems.urging import may_urge
from projections import documents as adopted
from projections import problems as problem_ledger
from projections import registers, timeline
from projections.documents import CatalogueItem
from projections.problem_fold import Problem
from projections.problems import ProblemFilter, ProblemItem, ProblemPage

bp = Blueprint("problems", __name__, url_prefix="/problems")
bp.before_request(sign_in_required)
NO_SUCH = N_("没有这个问题，或者您无权查看；请从列表重新打开")


class Filters(FilterForm):
    """Search and filters; they travel in the address."""

    text = Line(_("编号或标题"), needed=False)
    mine = Choice(
        _("范围"), needed=False, empty=_("全部"), choices=[("handled", _("我经办")), ("touched", _("我相关"))]
    )
    state = Choice(_("状态"), needed=False, empty=_("全部"))
    due = Choice(
        _("期限"),
        needed=False,
        empty=_("全部"),
        choices=[
            ("overdue", _("已逾期")),
            ("soon", _("三个工作日内到期")),
            ("urged", _("已催办未办")),
            ("asked", _("延期待批")),
            ("extended", _("已延期")),
            ("paused", _("已暂停")),
        ],
    )
    item = Choice(_("整治条目"), needed=False, empty=_("全部"))
    unit = Choice(_("镇（街道）"), needed=False, empty=_("全部"))
    opened_from = Day(_("入账日期从"), needed=False)
    opened_to = Day(_("入账日期至"), needed=False)

    def wanted(self, soon: date) -> ProblemFilter:
        """`soon` is the last day that counts as 即将到期. The address may name several states, the form shows one."""
        unit, given = self._fields.get("unit"), request.args
        return ProblemFilter(
            states=alike(given.getlist("state"), "problem_state"),
            unit=unit.data or None if unit else None,
            item=self.item.data or None,
            text=self.text.data or None,
            handled=(str(g.people.person(g.actor.id)), *own_accounts()) if self.mine.data == "handled" else (),
            touched=own_accounts() if self.mine.data == "touched" else (),
            upto=g.at,
            company=given.get("company") or None,
            estate=given.get("estate") or None,
            opened_from=self.opened_from.data,
            opened_to=self.opened_to.data,
            revoked="revoked" in given,
            overdue=self.due.data == "overdue",
            urged=self.due.data == "urged",
            asked=self.due.data == "asked",
            extended=self.due.data == "extended",
            paused=self.due.data == "paused",
            due_by=soon if self.due.data == "soon" else None,
        )


def filters(cursor: Any) -> Filters:
    """The form as the address fills it; towns are only offered to whoever sees several."""
    form = Filters(formdata=request.args)
    form.state.choices = choices("problem_state")
    form.item.choices = [(one.code, item_label(one)) for one in adopted.catalogue(cursor, day=g.day, at=g.at)]
    form.unit.choices = [(one.code, one.short_name) for one in registers.units(cursor, g.scope, kind="town", at=g.at)]
    if len(form.unit.choices) < 2:
        del form.unit
    return form


@bp.get("")
def index() -> Any:
    with reading() as cursor:
        form = filters(cursor)
        wanted = _wanted(cursor, form)
        page = problem_ledger.problems(cursor, g.scope, wanted, day=g.day, at=g.at, page=page_number())
        lights = {one.id: light_of(cursor, one) for one in page.rows}
    owners = names_of(one.problem.owner for one in page.rows)
    shown = {"form": form, "page": page, "lights": lights, "owners": owners, "offered": may_open()}
    shown["may_urge"] = may_urge() and g.at is None
    shown["may_hand_over"] = may_write() and may(g.actor, "problem.owner_changed")
    return render_template("problems/index.html", **shown), 422 if form.errors else 200


def _wanted(cursor: Any, form: Filters) -> ProblemFilter:
    """What the address asks for; everything where it asks for nonsense."""
    return form.wanted(soon(cursor)) if form.validate() else ProblemFilter()


def light_of(cursor: Any, item: ProblemItem) -> Any:
    return problem_deadline(cursor, item.problem)


def names_of(persons: Any) -> dict[str, str]:
    """Names from the vault by person."""
    names = g.services.vault.people.names({UUID(person) for person in persons})
    return {str(person): name for person, name in names.items()}


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _page(id)


@bp.post("/<uuid:id>/<name>")
def act(id: UUID, name: str) -> Any:
    """One of the next acts; what is refused is shown on the problem's page with what was typed."""
    if name not in ACTS:
        raise NotFound(gettext("没有这个办理事项"))
    refuse_early(g.actor, [ACTS[name].action.event])  # before its photos are looked at; the log judges it again
    with reading() as cursor:
        found = find(cursor, id)
        demands = _demands(cursor, found.item)
    form = _form(name, found.item.problem, demands, submitted=True)
    answer = submit(
        form,
        lambda: ACTS[name].command(id=form.command, actor=g.actor, problem=id, seen=form.version, **form.members()),
        title=str(form.title),
        to=along(".show", id=id),
        review=lambda: _review(found.item, form.action),
    )
    return answer or _page(id, refused=(name, form))


def _review(item: ProblemItem, action: Action) -> Confirmation:
    problem = item.problem
    about = [
        (gettext("台账编号"), problem.number),
        (gettext("问题"), problem.title),
        (gettext("小区"), item.estate_name),
        (gettext("责任单位"), item.responsible_name),
    ]
    states = (word(problem.state, "problem_state"), word(after(action, problem), "problem_state"))
    return Confirmation(about, states, {"due_on": problem.due(g.day)}, problem.version)


def _page(id: UUID, *, refused: tuple[str, ProblemForm] | None = None) -> Any:
    with reading() as cursor:
        found = find(cursor, id)
        problem = found.item.problem
        items = timeline.of_matter(cursor, g.scope, str(id), at=g.at)
        light = light_of(cursor, found.item)
        item = _catalogue_item(cursor, found.item)
        wanted = _wanted(cursor, filters(cursor))
        before, after = problem_ledger.neighbours(cursor, g.scope, wanted, problem.position, day=g.day, at=g.at)
    told, demands = timeline_text.told(items, str(id)), item.demands if item else []
    acts, kept_from = _acts(problem, items, str(id), demands) if may_write() else ([], "")
    open_act, form = refused or (request.args.get("act"), None)
    if refused is not None:
        refused[1].seen.data = str(problem.version)
        acts = [refused if name == open_act else (name, one) for name, one in acts]
    offered = open_act in [name for name, _form in acts]
    shown: dict[str, Any] = {
        "found": found,
        "problem": problem,
        "owners": names_of(one for one in (problem.owner, problem.supervisor, problem.case_leader) if one),
        "item": item,
        "compared": compared(items, told, str(id)),
        "demands": demanded(demands, items, told, str(id)),
        "light": light,
        "before": before,
        "after": after,
        "acts": acts,
        "kept_from": kept_from,
        "told": told,
        "draft": None if offered else form,
        "action": lambda name: along(".act", id=id, name=name),
        "may_correct": may_correct(problem.unit, problem.state),
        "original": _original(problem),
        "may_propose": may_write()
        and problem.company is not None
        and problem.voided_on is None
        and is_offered("deduction.proposed", problem.unit, g.actor),
    }
    page = render_template("problems/show.html", **shown, form=form, open_act=open_act if offered else None)
    return page, form.status if form is not None else 200


def _acts(problem: Problem, items: list[Any], id: str, demands: list[str]) -> tuple[list[Any], str]:
    """The next acts with their forms; and why some are kept from this person."""
    names, kept_from = next_acts(problem, items, id, demands)
    return [(name, _form(name, problem, demands, seen=problem.version)) for name in names], kept_from


def _catalogue_item(cursor: Any, item: ProblemItem) -> CatalogueItem | None:
    """The item by the catalogue that the problem was entered by."""
    catalogue = adopted.catalogue(cursor, day=g.day, version=item.problem.catalogue, at=g.at)
    return next((one for one in catalogue if one.code == item.problem.item), None)


def _demands(cursor: Any, item: ProblemItem) -> list[str]:
    found = _catalogue_item(cursor, item)
    return found.demands if found else []


def _original(problem: Problem) -> str | None:
    """Where the problem is that this one was entered twice with, and its number."""
    if problem.duplicate_of is None:
        return None
    return g.services.ledger.fetch(Matter, UUID(problem.duplicate_of)).number


def find(cursor: Any, id: UUID) -> ProblemPage:
    found = problem_ledger.problem(cursor, g.scope, str(id), day=g.day, at=g.at)
    if found is None:
        raise NotFound(gettext(NO_SUCH))
    return found


def _form(
    name: str, problem: Problem, demands: list[str], *, submitted: bool = False, seen: int | None = None
) -> ProblemForm:
    sent = {} if submitted else {"formdata": None}
    form = ACTS[name].form(prefix=f"{name}-", data={"seen": seen}, **sent)
    form.offer(problem, demands)
    return form
