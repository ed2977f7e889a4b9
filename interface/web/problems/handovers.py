"""工作交接: whose names open problems of a unit stand under, and one act that gives them to a successor."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may
from application.problems.handovers import MOST, HandOver
from domain.errors import NotAllowed, NotFound
from domain.problems.actions import ACTIONS
from interface.i18n.locales import N_
from interface.kit.confirm import Confirmation
from interface.kit.fields import Choice, Several, Text
from interface.kit.forms import ActForm
from interface.kit.labels import word
from interface.kit.request_context import reading
from interface.kit.security import may_write, sign_in_required
from interface.kit.submit import submit
from projections import handovers as queries
from projections import problems as problem_ledger
from projections.problems import ProblemFilter, ProblemItem
from projections.query.scope import Scope

bp = Blueprint("handovers", __name__, url_prefix="/hand-over")
bp.before_request(sign_in_required)
TOPIC = ACTIONS["change_owner"].event
ROLE = "town_handler"
NOBODY = N_("此人名下没有您可以交接的问题，请从列表重新打开")


class HandOverForm(ActForm):
    """The successors that are needed, and which problems; all are ticked at first."""

    title, weighty = _("工作交接"), ACTIONS["change_owner"].weighty
    owner = Choice(_("新的责任人"))
    handler = Choice(_("新的经办人"))
    problems = Several(_("要交接的问题"))
    reason = Text(_("交接原因"), description=_("例如调离、退休；写入每件问题的办理经过"), limit=200)
    lacks_handler: bool  # nobody else in the unit handles problems

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if right and not self.problems.data:
            self.wrong("problems", gettext("请选择要交接的问题"))
        return not self.wrongs


class Row(NamedTuple):
    """So many open problems of a unit under a person's name, as 责任人, as 经办人, and either; `left`: not in office there."""

    unit: str
    person: str
    name: str
    owned: int
    handled: int
    either: int
    left: bool


def may_hand_over() -> bool:
    return may_write() and may(g.actor, TOPIC)


@bp.get("")
def index() -> str:
    _must_be_allowed()
    with reading() as cursor:
        found = rows(cursor, g.scope)
    return render_template("handovers/index.html", rows=sorted(found, key=lambda one: not one.left), most=MOST)


def rows(cursor: Any, scope: Scope) -> list[Row]:
    """By unit and person; who has no account never was in office, and has not left it."""
    owned, handled, either = (Counter[tuple[str, str]]() for _ in range(3))
    for one in queries.names(cursor, scope):
        handler = g.people.person(one.handler) if one.handler else None
        owned[one.unit, one.owner] += one.count
        if handler:
            handled[one.unit, handler] += one.count
        for person in {one.owner, handler or one.owner}:
            either[one.unit, person] += one.count
    found = sorted(either)
    names = g.services.vault.people.names({UUID(person) for _unit, person in found})
    return [
        Row(unit, person, names.get(UUID(person), "—"), owned[unit, person], handled[unit, person],
            either[unit, person], g.people.has_left(person, unit))
        for unit, person in found
    ]  # fmt: skip


def counted() -> dict[str, Any] | None:
    """For the desk: under how many names of people who left something is still open; None where nothing is."""
    if not may_hand_over():
        return None
    with reading() as cursor:
        left = [one for one in rows(cursor, g.scope) if one.left]
    if not left:
        return None
    return {
        "words": gettext("离岗人员名下有未办结问题"),
        "tone": "amber",
        "count": len(left),
        "unit": gettext("人"),
        "href": url_for("handovers.index"),
    }


def open_under(person: str, accounts: list[str]) -> tuple[list[Row], queries.Proposed]:
    """What is open under a person's name anywhere, in numbers: administrators see no matters."""
    with reading() as cursor:
        own = [one for one in rows(cursor, Scope.all()) if one.person == person]
        return own, queries.proposed(cursor, accounts)


@bp.route("/<unit>/<uuid:person>", methods=["GET", "POST"])
def show(unit: str, person: UUID) -> Any:
    _must_be_allowed()
    with reading() as cursor:
        items = _items(cursor, unit, person)
    form = HandOverForm(data={"problems": [one.id for one in items]})
    _offer(form, unit, str(person), items)
    name = g.services.vault.people.names({person}).get(person, "—")
    answer = submit(
        form, lambda: _command(form, person), title=gettext("工作交接"), to=url_for(".index"),
        review=lambda: _review(unit, name),
    )  # fmt: skip
    shown = {"form": form, "name": name, "unit": g.people.unit(unit), "count": len(items)}
    return answer or (render_template("handovers/show.html", **shown), form.status)


def _must_be_allowed() -> None:
    if not may_hand_over():
        raise NotAllowed(gettext("工作交接由市专班经办或镇（街道）的工作人员办理"))


def _items(cursor: Any, unit: str, person: UUID) -> list[ProblemItem]:
    """The oldest deadline first. Raises NotFound where nothing in one's reach is under that name."""
    wanted = ProblemFilter(unit=unit, open=True, handled=(str(person), *g.people.accounts_of(str(person))))
    found = problem_ledger.problems(cursor, g.scope, wanted, day=g.day, order="due", size=MOST).rows
    if not found or unit not in g.people.units():
        raise NotFound(gettext(NOBODY))
    return found


def _offer(form: HandOverForm, unit: str, person: str, items: list[ProblemItem]) -> None:
    """Who is in office in the unit, and not the person; only the successors that something needs."""
    accounts = set(g.people.accounts_of(person))
    form.problems.choices = [
        (one.id, f"{one.problem.number} {one.problem.title}（{word(one.problem.state, 'problem_state')}）")
        for one in items
    ]
    form.owner.choices = [one for one in g.people.persons(unit) if one[0] != person]
    officials = [one for one in g.people.officials(unit, ROLE) if one not in accounts]
    names = g.people.names(officials)
    form.handler.choices = [(one, names[one]) for one in officials]
    if not any(one.problem.owner == person for one in items):
        del form.owner
    form.lacks_handler = False
    if not any(one.problem.handler in accounts for one in items):
        del form.handler
    elif not officials:  # the rest can be handed over already
        form.lacks_handler = True
        del form.handler


def _command(form: HandOverForm, person: UUID) -> HandOver:
    to: dict[str, Any] = {name: UUID(form[name].data) for name in ("owner", "handler") if name in form}
    problems = tuple(map(UUID, form.problems.data))
    return HandOver(id=form.command, actor=g.actor, leaving=person, problems=problems, reason=form.reason.data, **to)


def _review(unit: str, name: str) -> Confirmation:
    about = [(gettext("交接人"), name), (gettext("单位"), g.people.unit(unit))]
    return Confirmation(about)
