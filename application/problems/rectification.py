"""From the first step to the close-out, and back. 整改与销号"""

from __future__ import annotations

from typing import Any

from application.campaign.documents import edition
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import held
from application.problems.commands import (
    CloseProblem,
    Inspection,
    RecordStep,
    RectifyAtOnce,
    RefuseClosure,
    RefuseRectification,
    ReopenProblem,
    ReportCompletion,
    RevokeClosure,
    VerifyRectification,
)
from application.problems.evidence import keep
from application.problems.seen import as_seen, who
from domain.campaign.documents import Catalogue
from domain.errors import RuleBroken
from domain.problems.problem import Problem
from domain.values import Actor


def record_step(command: RecordStep, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.record_step(
        note=command.note,
        evidence=evidence,
        shows=command.shows,
        demanded=demanded(problem, ledger),
        actor=command.actor,
    )
    return ledger.commit(problem, command=command, beside=beside)


def report_completion(command: ReportCompletion, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.report_completion(
        note=command.note,
        completed_on=command.completed_on,
        evidence=evidence,
        shows=command.shows,
        demanded=demanded(problem, ledger),
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(problem, command=command, beside=beside)


def rectify_at_once(command: RectifyAtOnce, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    evidence, beside = keep(ledger, command.evidence)
    problem.rectify_at_once(
        note=command.note, evidence=evidence, demanded=demanded(problem, ledger), actor=command.actor
    )
    return ledger.commit(problem, command=command, beside=beside)


def verify_rectification(command: VerifyRectification, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.method, command.note)
    evidence, beside = keep(ledger, command.evidence)
    inspected = _inspected(command, problem, ledger)
    problem.verify(method=command.method, note=command.note, evidence=evidence, **who(command, ledger), **inspected)
    return ledger.commit(problem, command=command, beside=beside)


def refuse_rectification(command: RefuseRectification, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    evidence, beside = keep(ledger, command.evidence)
    inspected = _inspected(command, problem, ledger)
    problem.refuse(reason=command.reason, evidence=evidence, **who(command, ledger), **inspected)
    return ledger.commit(problem, command=command, beside=beside)


def _inspected(command: Inspection, problem: Problem, ledger: Ledger) -> dict[str, Any]:
    """When, and who was there too: somebody in office in that town."""
    told = {"inspected_on": command.inspected_on, "today": ledger.today}
    if command.second_inspector is None:
        return told
    person, authority = str(command.second_inspector), ledger.authority()
    accounts = [one for one, whose in authority.persons.items() if whose == person]
    held_here = [one for one in accounts if any(of == problem.unit for _role, of in held(authority, one, ledger.today))]
    if not held_here:
        raise RuleBroken("第二核查人须是本镇（街道）的工作人员，请另选一人")
    second = Actor(held_here[0], command.actor.role, problem.unit, frozenset(accounts))
    return told | {"second": second, "second_person": person}


def demanded(problem: Problem, ledger: Ledger) -> list[str]:
    """The kinds of evidence that the problem's item asks for, by the catalogue that it was entered by."""
    return edition(ledger, Catalogue, problem.catalogue).item(problem.item).get("evidence", [])


def close_problem(command: CloseProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    problem.close(note=command.note, **who(command, ledger))
    return ledger.commit(problem, command=command)


def refuse_closure(command: RefuseClosure, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    problem.refuse_closure(reason=command.reason, **who(command, ledger))
    return ledger.commit(problem, command=command)


def reopen_problem(command: ReopenProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    problem.reopen(
        cause=command.cause, reason=command.reason, due_on=command.due_on, today=ledger.today, actor=command.actor
    )
    return ledger.commit(problem, command=command)


def revoke_closure(command: RevokeClosure, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    problem.revoke_closure(reason=command.reason, due_on=command.due_on, today=ledger.today, actor=command.actor)
    return ledger.commit(problem, command=command)


HANDLERS: Handlers = {
    RecordStep: record_step,
    ReportCompletion: report_completion,
    RectifyAtOnce: rectify_at_once,
    VerifyRectification: verify_rectification,
    RefuseRectification: refuse_rectification,
    CloseProblem: close_problem,
    RefuseClosure: refuse_closure,
    ReopenProblem: reopen_problem,
    RevokeClosure: revoke_closure,
}
