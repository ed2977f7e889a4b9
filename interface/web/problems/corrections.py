"""更正登记: what was entered wrongly about a problem, set right by an event; the old value stays visible in its course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.problems.commands import CorrectProblem
from domain.errors import RuleBroken
from domain.problems.actions import ACTIONS
from domain.problems.values import STATED
from interface.kit.confirm import Confirmation
from interface.kit.fields import Text
from interface.kit.forms import ActForm, words_of
from interface.kit.labels import word
from interface.kit.request_context import reading
from interface.kit.security import must_be_offered, sign_in_required
from interface.kit.submit import submit
from interface.web.problems.findings_form import FindingsForm, offer_findings
from interface.web.problems.forms import may_correct
from interface.web.problems.problem_form import as_id
from interface.web.problems.views import find
from projections.problems import ProblemPage

bp = Blueprint("corrections", __name__, url_prefix="/problems")
bp.before_request(sign_in_required)
TITLE = _("更正登记")


class CorrectionForm(FindingsForm, ActForm):
    """Everything that was entered. Whom it is assigned to is no entry, and is changed by an act of its own."""

    weighty = ACTIONS["correct"].weighty
    handler = None  # type: ignore[assignment]
    reason = Text(_("更正理由"), description=_("写明错在哪里、依据什么更正"), limit=5000)
    stood: dict[str, Any]

    @property
    def changed(self) -> list[str]:
        return [name for name in STATED if name in self and (self[name].data or None) != self.stood[name]]

    @property
    def typed(self) -> list[tuple[str, Any, str]]:
        """Only what changes, and why; what is cleared too."""
        said = {one[0]: one for one in super().typed}
        cleared = {name: (name, self[name].label.text, gettext("无")) for name in self.changed if name not in said}
        return [one for name, one in (said | cleared).items() if name in (*self.changed, "reason")]


@bp.route("/<uuid:id>/correct", methods=["GET", "POST"])
def correct(id: UUID) -> Any:
    with reading() as cursor:
        found = find(cursor, id)
        problem = found.item.problem
        must_be_offered(may_correct(problem.unit, problem.state))
        form = _form(cursor, found)
    answer = submit(
        form, lambda: _command(form, id), title=str(TITLE), to=url_for("problems.show", id=id),
        review=lambda: _review(form, found),
    )  # fmt: skip
    form.seen.data = str(problem.version)
    return answer or (render_template("problems/correct.html", form=form, found=found, problem=problem), form.status)


def _form(cursor: Any, found: ProblemPage) -> CorrectionForm:
    problem = found.item.problem
    stood = {name: getattr(problem, name) or None for name in STATED if name in problem._fields}
    stood |= {"description": found.description, "measures": found.measures, "source": found.source}
    stood["due_on"] = problem.original_due_on
    form = CorrectionForm(data={"seen": problem.version} | stood)
    form.stood = stood
    if problem.moves:  # the deadline is another by now, and what was entered is past
        del form.due_on
    if " " in (problem.secondary or ""):
        del form.secondary
    offer_findings(cursor, form, problem.unit)
    for name in ("owner", "supervisor", "case_leader"):
        _offer_as_it_stands(form[name], stood[name])
    return form


def _offer_as_it_stands(field: Any, person: str | None) -> None:
    """Whoever left office meanwhile can stay where they stand."""
    options = [(option.value, option.label) for option in field.choices]
    if person and person not in dict(options):
        names = g.services.vault.people.names({UUID(person)})
        field.choices = [*options, *((str(one), name) for one, name in names.items())]


def _command(form: CorrectionForm, id: UUID) -> CorrectProblem:
    kept = {name: form.stood[name] for name in ("due_on",) if name not in form}
    if "secondary" not in form:
        kept["secondary"] = tuple(form.stood["secondary"].split())
    findings = form.findings(company=as_id(form.company.data), **kept)
    return CorrectProblem(
        id=form.command, actor=g.actor, problem=id, seen=form.version, reason=form.reason.data, findings=findings
    )


def _review(form: CorrectionForm, found: ProblemPage) -> Confirmation:
    problem = found.item.problem
    if not form.changed:
        raise RuleBroken(gettext("登记内容没有改动，不需要更正"))
    about = [(gettext("台账编号"), problem.number), (gettext("问题"), problem.title)]
    state = word(problem.state, "problem_state")
    stood = {
        name: words_of(form[name], form.stood[name]) if form.stood[name] else gettext("无") for name in form.changed
    }
    return Confirmation(about, (state, state), stood, problem.version)
