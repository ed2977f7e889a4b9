"""The ledger of problems: opened, rectified, verified, struck off. 问题台账"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from application.campaign.documents import edition, in_force
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import must_reach
from application.log.append_batch import SideRow
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    CorrectProblem,
    Findings,
    OnProblem,
    OpenProblem,
    RecordStep,
    RefuseRectification,
    ReopenProblem,
    ReportCompletion,
    RevokeClosure,
    VerifyRectification,
)
from application.problems.evidence import keep
from application.problems.numbers import later, next_number
from application.registers.registers import unit_of
from application.vault.copy_check import in_own_words
from domain.campaign.documents import Calendar, Catalogue
from domain.companies.company import Company
from domain.errors import Conflict, RuleBroken
from domain.estates.estate import Estate
from domain.officials.official import Official
from domain.problems.problem import STATED, Problem
from domain.values import Actor


def open_problem(command: OpenProblem, ledger: Ledger) -> Receipt:
    """Two who take the same number at once: the slower one gets the next."""
    evidence, beside = keep(ledger, command.evidence)
    while True:
        problem = opened(
            command.findings,
            ledger,
            command.actor,
            evidence=evidence or None,
            import_={"batch": str(command.batch), "row": command.row} if command.batch else None,
            today=command.occurred_on,
        )
        try:
            return ledger.commit(problem, command=command, beside=[*beside, *_source(command, ledger, problem.id)])
        except Conflict:
            if not ledger.exists(problem.id):
                raise


def _source(command: OpenProblem, ledger: Ledger, problem: UUID) -> list[SideRow]:
    if not command.source:
        return []
    key = source_key(ledger, command.source, command.number, command.findings)
    return [ledger.vault.tips.remember_source(key, problem, command.id)]


def source_key(ledger: Ledger, source: str, number: str, findings: Findings) -> bytes:
    """What makes a row of another ledger the same row: its number there, else what it says."""
    said = (findings.estate, findings.item, findings.title, findings.description, findings.found_on)
    return ledger.vault.tips.source_key(source, number, "\n".join(map(str, said)))


def opened(
    findings: Findings,
    ledger: Ledger,
    actor: Actor,
    *,
    tip: UUID | None = None,
    after: int = 0,
    today: date | None = None,
    **members: Any,
) -> Problem:
    """A problem with its town's next number (or one `after` so many more), by the documents now in force; `today` if backfilled."""
    estate = ledger.fetch(Estate, findings.estate)
    must_reach(actor, estate.unit)
    catalogue, calendar = in_force(ledger, Catalogue), in_force(ledger, Calendar)
    for code in (findings.item, *findings.secondary):
        catalogue.item(code)
    if findings.company is not None:
        ledger.fetch(Company, findings.company)
    town = unit_of(ledger, estate.unit)
    number = next_number(ledger, year=ledger.today.year, town=town.short_name)
    return Problem.open(
        origin=ledger.origin,
        number=later(number, after),
        unit=estate.unit,
        estate=str(estate.id),
        due_on=findings.due_on,
        catalogue=catalogue.edition,
        calendar=calendar.edition,
        company=str(findings.company) if findings.company else None,
        secondary=list(findings.secondary) or None,
        tip=str(tip) if tip else None,
        due_tentative=None if calendar.days.knows(findings.due_on) else True,
        today=today or ledger.today,
        actor=actor,
        **members,
        **_stated(findings, ledger),
    )


def _stated(findings: Findings, ledger: Ledger) -> dict[str, Any]:
    """What can be corrected later (domain/problems, STATED)."""
    stated = {name: getattr(findings, name) for name in STATED}
    return stated | {
        "responsible": _responsible(findings.responsible, ledger),
        "owner": str(_person(findings.owner, ledger)),
    }


def _responsible(responsible: str, ledger: Ledger) -> str:
    try:
        return str(ledger.fetch(Company, UUID(responsible)).id)
    except ValueError:
        return unit_of(ledger, responsible).code


def _person(person: UUID, ledger: Ledger) -> UUID:
    if ledger.vault.people.person(person) is None:
        raise RuleBroken("请选择责任人；名单中没有的，请先登记人员")
    return person


def assign_problem(command: AssignProblem, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.note)
    problem.assign(handler=str(command.handler), note=command.note, actor=command.actor)
    return ledger.commit(problem, command=command)


def correct_problem(command: CorrectProblem, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.reason, command.title, command.description, command.measures)
    edition(ledger, Catalogue, problem.catalogue).item(command.item)
    problem.correct(
        reason=command.reason,
        title=command.title,
        item=command.item,
        description=command.description,
        found_on=command.found_on,
        kind=command.kind,
        responsible=_responsible(command.responsible, ledger),
        owner=str(_person(command.owner, ledger)),
        measures=command.measures,
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(problem, command=command)


def record_step(command: RecordStep, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.record_step(
        note=command.note,
        evidence=evidence,
        shows=command.shows,
        demanded=_demanded(problem, ledger),
        actor=command.actor,
    )
    return ledger.commit(problem, command=command, beside=beside)


def report_completion(command: ReportCompletion, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.report_completion(
        note=command.note,
        completed_on=command.completed_on,
        evidence=evidence,
        shows=command.shows,
        demanded=_demanded(problem, ledger),
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(problem, command=command, beside=beside)


def verify_rectification(command: VerifyRectification, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.method, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.verify(method=command.method, note=command.note, evidence=evidence, **_who(command, ledger))
    return ledger.commit(problem, command=command, beside=beside)


def refuse_rectification(command: RefuseRectification, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.reason)
    evidence, beside = keep(ledger, command.evidence)
    problem.refuse(reason=command.reason, evidence=evidence, **_who(command, ledger))
    return ledger.commit(problem, command=command, beside=beside)


def close_problem(command: CloseProblem, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.note)
    problem.close(note=command.note, **_who(command, ledger))
    return ledger.commit(problem, command=command)


def reopen_problem(command: ReopenProblem, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.reason)
    problem.reopen(reason=command.reason, due_on=command.due_on, today=ledger.today, actor=command.actor)
    return ledger.commit(problem, command=command)


def revoke_closure(command: RevokeClosure, ledger: Ledger) -> Receipt:
    problem = _as_seen(command, ledger, command.reason)
    problem.revoke_closure(reason=command.reason, due_on=command.due_on, today=ledger.today, actor=command.actor)
    return ledger.commit(problem, command=command)


def _as_seen(command: OnProblem, ledger: Ledger, *texts: str | None) -> Problem:
    """The problem that the person looked at. Raises NotFound, Conflict, NotAllowed, and RuleBroken where a text of theirs copies
    the tip that it came from.
    """
    problem = ledger.fetch(Problem, command.problem, seen=command.seen)
    must_reach(command.actor, problem.unit)
    if problem.tip:
        in_own_words(ledger.vault, UUID(problem.tip), *texts)
    return problem


def _demanded(problem: Problem, ledger: Ledger) -> list[str]:
    """The kinds of evidence that the problem's item asks for, by the catalogue that it was entered by."""
    return edition(ledger, Catalogue, problem.catalogue).item(problem.item).get("evidence", [])


def _who(command: OnProblem, ledger: Ledger) -> dict[str, Any]:
    """The actor, and the natural person that the actor is: 责任人 are persons, not accounts."""
    return {"actor": command.actor, "person": str(ledger.fetch(Official, UUID(command.actor.id)).person)}


HANDLERS: Handlers = {
    OpenProblem: open_problem,
    AssignProblem: assign_problem,
    CorrectProblem: correct_problem,
    RecordStep: record_step,
    ReportCompletion: report_completion,
    VerifyRectification: verify_rectification,
    RefuseRectification: refuse_rectification,
    CloseProblem: close_problem,
    ReopenProblem: reopen_problem,
    RevokeClosure: revoke_closure,
}
