"""Credit deductions: proposed by a town on a problem in its ledger, decided by the housing bureau. 信用扣分"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from application.command import Command, handles
from application.documents import in_force
from application.ledger import Ledger, Receipt
from application.permissions import must_reach
from domain.campaign.documents import ScoreTable
from domain.deductions.deduction import Deduction
from domain.errors import Conflict, RuleBroken
from domain.problems.problem import Problem

NOTICES = "告知单文号"


@dataclass(frozen=True, kw_only=True)
class ProposeDeduction(Command):
    """提请扣分: of the company of a problem; points in tenths."""

    problem: UUID
    seen: int
    score_code: str
    points_x10: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecideDeduction(Command):
    """决定扣分: `document` is the number of the 告知单."""

    deduction: UUID
    seen: int
    points_x10: int
    document: str
    decided_on: date
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ServeDeduction(Command):
    """登记送达: when and how the company got the 告知单."""

    deduction: UUID
    seen: int
    served_on: date
    way: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeclineDeduction(Command):
    """不予扣分"""

    deduction: UUID
    seen: int
    reason: str


@handles(ProposeDeduction)
def propose_deduction(command: ProposeDeduction, ledger: Ledger) -> Receipt:
    problem = ledger.fetch(Problem, command.problem, seen=command.seen)
    must_reach(command.actor, problem.unit)
    if problem.company is None:
        raise RuleBroken("此问题没有关联物业服务企业，不能扣分")
    table = in_force(ledger, ScoreTable)
    deduction = Deduction.propose(
        id=uuid4(),
        row=table.row(command.score_code),
        points_x10=command.points_x10,
        reason=command.reason,
        company=problem.company,
        problem=str(problem.id),
        problem_version=problem.version,
        unit=problem.unit,
        score_table=table.edition,
        actor=command.actor,
    )
    return ledger.commit(deduction, command=command)


@handles(DecideDeduction)
def decide_deduction(command: DecideDeduction, ledger: Ledger) -> Receipt:
    """One 告知单 number stands for one decision: the vault's unique keys take each number once."""
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    key = ledger.vault.tips.source_key(NOTICES, command.document.strip(), "")
    if ledger.vault.tips.known_sources([key]):
        raise Conflict("此告知单文号已用于另一项扣分决定，请核对文号")
    deduction.decide(
        points_x10=command.points_x10,
        document=command.document,
        decided_on=command.decided_on,
        today=ledger.today,
        note=command.note,
        actor=command.actor,
    )
    number = ledger.vault.tips.remember_source(key, deduction.id, command.id)
    return ledger.commit(deduction, command=command, beside=(number,))


@handles(ServeDeduction)
def serve_deduction(command: ServeDeduction, ledger: Ledger) -> Receipt:
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    deduction.serve(
        served_on=command.served_on, way=command.way, today=ledger.today, note=command.note, actor=command.actor
    )
    return ledger.commit(deduction, command=command)


@handles(DeclineDeduction)
def decline_deduction(command: DeclineDeduction, ledger: Ledger) -> Receipt:
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    deduction.decline(reason=command.reason, actor=command.actor)
    return ledger.commit(deduction, command=command)
