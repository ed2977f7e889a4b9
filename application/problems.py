"""The ledger of problems: opened, rectified, verified, struck off. 问题台账"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from application.command import Command, handles
from application.documents import edition, in_force
from application.evidence import Upload, keep
from application.ledger import Ledger, Receipt
from application.numbers import later, next_number
from application.own_words import in_own_words
from application.permissions import must_reach
from application.registers import unit_of
from application.store.turn import Beside
from domain.campaign.documents import Calendar, Catalogue
from domain.companies.company import Company
from domain.errors import Conflict, RuleBroken
from domain.estates.estate import Estate
from domain.officials.official import Official
from domain.problems.problem import STATED, Problem
from domain.values import Actor


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What has to be said of a problem: `responsible` is a company's id or a unit's code, `owner` a person's id."""

    estate: UUID
    item: str
    title: str
    description: str
    found_on: date
    kind: str
    responsible: str
    owner: UUID
    measures: str
    due_on: date
    company: UUID | None = None
    secondary: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenProblem(Command):
    """问题入账: `evidence` is how it looked when it was found; `source` and `number` name it in a ledger elsewhere (补录).

    `batch`, `row` if imported. What was entered elsewhere on `occurred_on` has the deadline that it was given then.
    """

    findings: Findings
    evidence: tuple[Upload, ...] = ()
    source: str = ""
    number: str = ""
    batch: UUID | None = None
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class OnProblem(Command):
    """`seen` is the version that the person was looking at."""

    problem: UUID
    seen: int


@dataclass(frozen=True, kw_only=True)
class AssignProblem(OnProblem):
    """交办问题: `handler` is an official's id."""

    handler: UUID
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectProblem(OnProblem):
    """更正问题登记: what ought to stand there; what is the same already is not written."""

    reason: str
    title: str
    item: str
    description: str
    found_on: date
    kind: str
    responsible: str
    owner: UUID
    measures: str


@dataclass(frozen=True, kw_only=True)
class RecordStep(OnProblem):
    """记录整改步骤: `shows` names the demanded kinds that are among the evidence."""

    note: str
    evidence: tuple[Upload, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportCompletion(OnProblem):
    """申报整改完成"""

    note: str
    completed_on: date
    evidence: tuple[Upload, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VerifyRectification(OnProblem):
    """核查通过"""

    method: str
    note: str
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RefuseRectification(OnProblem):
    """核查退回"""

    reason: str
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CloseProblem(OnProblem):
    """销号"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReopenProblem(OnProblem):
    """重新整改"""

    reason: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class RevokeClosure(OnProblem):
    """撤销销号"""

    reason: str
    due_on: date


@handles(OpenProblem)
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


def _source(command: OpenProblem, ledger: Ledger, problem: UUID) -> list[Beside]:
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


def _correct(problem: Problem, actor: Actor, ledger: Ledger, own: dict[str, Any]) -> None:
    edition(ledger, Catalogue, problem.catalogue).item(own["item"])
    own["responsible"] = _responsible(own["responsible"], ledger)
    own["owner"] = str(_person(own["owner"], ledger))
    problem.correct(**own, today=ledger.today, actor=actor)


def _act(kind: type[OnProblem], decide: Callable[[Problem, OnProblem, Ledger, dict], None]) -> None:
    """Every act on a problem goes the same way: fetch what the person saw, keep the files, decide, commit."""

    @handles(kind)
    def handler(command: OnProblem, ledger: Ledger) -> Receipt:
        problem = ledger.fetch(Problem, command.problem, seen=command.seen)
        must_reach(command.actor, problem.unit)
        own = {f.name: getattr(command, f.name) for f in fields(command) if f.name not in COMMON}
        if problem.tip:
            in_own_words(ledger, UUID(problem.tip), *(text for text in own.values() if isinstance(text, str)))
        beside: list[Beside] = []
        if "evidence" in own:
            own["evidence"], beside = keep(ledger, own["evidence"])
        decide(problem, command, ledger, own)
        return ledger.commit(problem, command=command, beside=beside)


def _demanded(problem: Problem, ledger: Ledger) -> list[str]:
    """The kinds of evidence that the problem's item asks for, by the catalogue that it was entered by."""
    return edition(ledger, Catalogue, problem.catalogue).item(problem.item).get("evidence", [])


def _who(command: OnProblem, ledger: Ledger) -> dict[str, Any]:
    """The actor, and the natural person that the actor is: 责任人 are persons, not accounts."""
    return {"actor": command.actor, "person": str(ledger.fetch(Official, UUID(command.actor.id)).person)}


COMMON = {f.name for f in fields(OnProblem)}

_act(AssignProblem, lambda problem, c, _, own: problem.assign(**own | {"handler": str(own["handler"])}, actor=c.actor))
_act(
    RecordStep,
    lambda problem, c, ledger, own: problem.record_step(**own, demanded=_demanded(problem, ledger), actor=c.actor),
)
_act(CorrectProblem, lambda problem, c, ledger, own: _correct(problem, c.actor, ledger, own))
_act(
    ReportCompletion,
    lambda problem, c, ledger, own: problem.report_completion(
        **own, demanded=_demanded(problem, ledger), today=ledger.today, actor=c.actor
    ),
)
_act(VerifyRectification, lambda problem, c, ledger, own: problem.verify(**own, **_who(c, ledger)))
_act(RefuseRectification, lambda problem, c, ledger, own: problem.refuse(**own, **_who(c, ledger)))
_act(CloseProblem, lambda problem, c, ledger, own: problem.close(**own, **_who(c, ledger)))
_act(ReopenProblem, lambda problem, c, ledger, own: problem.reopen(**own, today=ledger.today, actor=c.actor))
_act(RevokeClosure, lambda problem, c, ledger, own: problem.revoke_closure(**own, today=ledger.today, actor=c.actor))
