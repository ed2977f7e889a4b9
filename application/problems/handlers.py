"""The ledger of problems: what is entered, set right, taken out, and whom it is assigned to. 问题台账"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from application.campaign.documents import edition, in_force
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import held, must_reach
from application.log.append_batch import SideRow
from application.problems.commands import (
    AssignProblem,
    CorrectProblem,
    Findings,
    OpenProblem,
    VoidProblem,
    VoidProblems,
)
from application.problems.evidence import keep
from application.problems.numbers import later, next_number
from application.problems.seen import as_seen
from application.registers.registers import unit_of
from domain.base import public_id
from domain.campaign.documents import Calendar, Catalogue
from domain.companies.company import Company
from domain.errors import Conflict, NotFound, RuleBroken
from domain.estates.estate import Estate
from domain.problems.actions import ACTIONS
from domain.problems.problem import Problem
from domain.problems.values import STATED
from domain.values import Actor


def open_problem(command: OpenProblem, ledger: Ledger) -> Receipt:
    """Two who take the same number at once: the slower one gets the next."""
    evidence, kept = keep(ledger, command.evidence)
    while True:
        beside = list(kept)
        problem = opened(
            command.findings,
            ledger,
            command.actor,
            beside=beside,
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
    beside: list[SideRow],
    **members: Any,
) -> Problem:
    """A problem with its town's next number (or one `after` so many more), by the documents now in force; `today` if backfilled.

    `beside` takes the rows of what was mended on the spot.
    """
    estate = ledger.fetch(Estate, findings.estate)
    if actor.role not in ACTIONS["open"].anywhere:
        must_reach(actor, estate.unit)
    catalogue, calendar = in_force(ledger, Catalogue, today), in_force(ledger, Calendar, today)
    for code in (findings.item, *findings.secondary):
        catalogue.item(code)
    town = unit_of(ledger, estate.unit)
    number = next_number(ledger, year=ledger.today.year, town=town.short_name)
    problem = Problem.open(
        origin=ledger.origin,
        number=later(number, after),
        unit=estate.unit,
        catalogue=catalogue.edition,
        calendar=calendar.edition,
        tip=str(tip) if tip else None,
        due_tentative=None if calendar.days.knows(findings.due_on) else True,
        today=today or ledger.today,
        actor=actor,
        **members,
        **_stated(findings, ledger, found_by="tip" if tip else None),
    )
    _handed_on(problem, findings, ledger, actor, beside)
    return problem


def _handed_on(problem: Problem, findings: Findings, ledger: Ledger, actor: Actor, beside: list[SideRow]) -> None:
    """What is done in the same act: somebody handles it, or there is nothing left to do but to close it."""
    if findings.handler:
        problem.assign(handler=_handler(findings.handler, problem.unit, ledger), actor=actor)
    if findings.mended:
        taken, rows = keep(ledger, findings.mended.evidence)
        beside += rows
        demands = edition(ledger, Catalogue, problem.catalogue).item(findings.item).get("evidence", [])
        problem.rectify_at_once(note=findings.mended.note, evidence=taken, demanded=demands, actor=actor)


def _handler(official: UUID, unit: str, ledger: Ledger) -> str:
    if ("town_handler", unit) not in held(ledger.authority(), str(official), ledger.today):
        raise RuleBroken("所选经办人在该镇（街道）没有经办角色，请另选一人")
    return str(official)


def _stated(findings: Findings, ledger: Ledger, *, found_by: str | None = None) -> dict[str, Any]:
    """What can be corrected later (domain/problems/values.py, STATED)."""
    stated = {name: getattr(findings, name) for name in STATED}
    company = ledger.fetch(Company, findings.company).id if findings.company else None
    leaders = {name: stated[name] and str(_person(stated[name], ledger)) for name in ("supervisor", "case_leader")}
    return (
        stated
        | leaders
        | {
            "estate": str(findings.estate),
            "responsible": _responsible(findings.responsible, ledger),
            "owner": str(_person(findings.owner, ledger)),
            "company": str(company) if company else None,
            "secondary": list(findings.secondary),
            "found_by": findings.found_by or found_by,
        }
    )


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
    problem = as_seen(command, ledger, command.note)
    problem.assign(handler=str(command.handler), note=command.note, actor=command.actor)
    return ledger.commit(problem, command=command)


def correct_problem(command: CorrectProblem, ledger: Ledger) -> Receipt:
    findings = command.findings
    problem = as_seen(command, ledger, command.reason, findings.title, findings.description, findings.measures)
    if ledger.fetch(Estate, findings.estate).unit != problem.unit:
        raise RuleBroken("所选小区属于其他镇（街道），不能更正；请将本问题作废，由该镇（街道）重新登记")
    catalogue = edition(ledger, Catalogue, problem.catalogue)
    for code in (findings.item, *findings.secondary):
        catalogue.item(code)
    stated = _stated(findings, ledger)
    problem.correct(reason=command.reason, today=ledger.today, actor=command.actor, **stated)
    return ledger.commit(problem, command=command)


def void_problem(command: VoidProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    original = _original(command.duplicate_of, ledger, command.actor) if command.duplicate_of else None
    problem.void(reason=command.reason, duplicate_of=original, actor=command.actor)
    return ledger.commit(problem, command=command)


def void_problems(command: VoidProblems, ledger: Ledger) -> Receipt:
    """What was voided may be imported again."""
    problems = [ledger.fetch(Problem, id) for id in command.problems]
    for problem in problems:
        must_reach(command.actor, problem.unit)
        problem.void(reason=command.reason, actor=command.actor)
    released = [ledger.vault.tips.release_source(problem.id) for problem in problems]
    return ledger.commit(*problems, command=command, beside=released)


def _original(number: str, ledger: Ledger, actor: Actor) -> str:
    """The id of the problem of that number, which stands itself. Raises RuleBroken."""
    try:
        found = ledger.fetch(Problem, public_id(ledger.origin, "problem", number.strip()))
        must_reach(actor, found.unit)
    except NotFound:
        raise RuleBroken(f"台账中没有编号为“{number}”的问题，请核对原问题的台账编号") from None
    if found.state == "voided":
        raise RuleBroken(f"问题 {found.number} 已作废，不能作为原问题；请填写仍有效的那一件")
    return str(found.id)


HANDLERS: Handlers = {
    OpenProblem: open_problem,
    AssignProblem: assign_problem,
    CorrectProblem: correct_problem,
    VoidProblem: void_problem,
    VoidProblems: void_problems,
}
