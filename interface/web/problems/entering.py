"""问题入账 without a tip: a town's own sweep, or what the city's desk or a department found for a town (监督检查)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may
from application.problems.commands import OpenProblem
from domain.errors import NotFound
from domain.problems.actions import ACTIONS, DEPARTMENTS, FOR_TOWNS
from interface.kit.evidence_field import Evidence
from interface.kit.forms import ActForm
from interface.kit.request_context import reading
from interface.kit.security import may_write, must_be_offered, sign_in_required
from interface.kit.submit import submit
from interface.web.problems.findings_form import FoundForm, offer_findings
from projections import registers
from projections.query.scope import Scope

bp = Blueprint("entering", __name__, url_prefix="/problems/new")
bp.before_request(sign_in_required)


class OpenForm(ActForm):
    action = ACTIONS["open"]
    evidence = Evidence(_("现场照片和材料（整改前）"))


def may_open() -> bool:
    return may_write() and may(g.actor, ACTIONS["open"].event)


def finds_for_towns() -> bool:
    """Whoever is of no town: chooses one, which then assigns it."""
    return g.actor.role in FOR_TOWNS


@bp.route("", methods=["GET", "POST"])
def new() -> Any:
    must_be_offered(may_open())
    with reading() as cursor:
        towns = registers.units(cursor, Scope.all(), kind="town")
    unit = request.args.get("unit", "") if finds_for_towns() else g.actor.unit
    if not unit:
        return render_template("problems/choose_town.html", towns=towns)
    if finds_for_towns() and unit not in [one.code for one in towns]:
        raise NotFound(gettext("没有这个镇（街道），请重新选择"))
    form = OpenForm()
    findings = _findings(unit)
    if request.method == "POST":
        if not findings.validate():
            form.status = 422
        elif answer := submit(form, lambda: _command(form, findings), title=str(form.title), to=_opened):
            return answer
    shown = {"form": form, "findings": findings, "town": g.people.unit(unit) if finds_for_towns() else ""}
    return render_template("problems/new.html", **shown), form.status


def _findings(unit: str) -> FoundForm:
    """What whoever finds it for a town can't say is left to the town: who handles it, and that it was mended."""
    start = {"found_on": g.day, "found_by": "inspection" if finds_for_towns() else None}
    findings = FoundForm(prefix="problem-", data=start)
    if finds_for_towns():
        del findings.handler, findings.mended, findings.mended_evidence
    with reading() as cursor:
        offer_findings(cursor, findings, unit)
    return findings


def _command(form: OpenForm, findings: FoundForm) -> OpenProblem:
    return OpenProblem(id=form.command, actor=g.actor, findings=findings.findings(), evidence=form.evidence.uploads)


def _opened(receipt: Any) -> str:
    """The new problem's page, to whoever may see it; a department goes on with the next."""
    return url_for("entering.new") if g.actor.role in DEPARTMENTS else url_for("problems.show", id=receipt.stream)
