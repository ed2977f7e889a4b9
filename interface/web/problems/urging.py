"""批量催办: what was ticked in the ledger is shown once more, with one note for all of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may
from application.problems.commands import UrgeProblems
from application.problems.deadlines import MOST
from domain.errors import RuleBroken
from domain.problems.actions import ACTIONS
from interface.kit.fields import Several, Text
from interface.kit.forms import ActForm
from interface.kit.labels import word
from interface.kit.request_context import reading
from interface.kit.security import may_write, must_be_offered, sign_in_required
from interface.kit.submit import submit
from projections import problems as problem_ledger
from projections.problem_filter import ProblemFilter

bp = Blueprint("urging", __name__, url_prefix="/problems/urge")
bp.before_request(sign_in_required)
ACTION = ACTIONS["urge"]


class UrgeForm(ActForm):
    action = ACTION
    problems = Several(_("要催办的问题"))
    note = Text(_("催办意见"), needed=False, limit=500)


def may_urge() -> bool:
    return may_write() and may(g.actor, ACTION.event)


@bp.route("", methods=["GET", "POST"])
def urge() -> Any:
    """The address names what was ticked; of it, what is open and in one's reach is offered."""
    must_be_offered(may_urge())
    asked = (request.form if request.method == "POST" else request.args).getlist("problems")[:MOST]
    with reading() as cursor:
        wanted = ProblemFilter(open=True, keys=tuple(asked) or ("",))
        found = problem_ledger.problems(cursor, g.scope, wanted, day=g.day, order="due", size=MOST).rows
    if not found:
        raise RuleBroken(gettext("请先在问题台账中勾选要催办的未销号问题"))
    form = UrgeForm(data={"problems": [one.id for one in found]})
    form.problems.choices = [
        (one.id, f"{one.problem.number} {one.problem.title}（{word(one.problem.state, 'problem_state')}）")
        for one in found
    ]
    answer = submit(
        form, lambda: _command(form), title=gettext("催办"), to=url_for("problems.index", due="urged"),
    )  # fmt: skip
    return answer or (render_template("problems/urge.html", form=form, count=len(found)), form.status)


def _command(form: UrgeForm) -> UrgeProblems:
    problems = tuple(map(UUID, form.problems.data or ()))
    return UrgeProblems(id=form.command, actor=g.actor, problems=problems, note=form.note.data or None)
