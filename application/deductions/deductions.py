"""Credit deductions: proposed by a town on a problem in its ledger, decided by the housing bureau. 信用扣分"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from application.campaign.documents import in_force
from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import must_reach
from application.verifier.formats.entry import body_of, loads
from domain.campaign.documents import ScoreTable
from domain.deductions.actions import STATES
from domain.deductions.deduction import Deduction, repeated
from domain.deductions.events import DeductionProposed
from domain.errors import Conflict, RuleBroken
from domain.problems.problem import Problem

NOTICES, CONDUCT = "告知单文号", "扣分情形"


@dataclass(frozen=True, kw_only=True)
class ProposeDeduction(Command):
    """提请扣分: of the company of a problem; points in tenths. `again`: the same conduct was found once more."""

    problem: UUID
    seen: int
    score_code: str
    points_x10: int
    reason: str
    again: bool = False


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


def propose_deduction(command: ProposeDeduction, ledger: Ledger) -> Receipt:
    problem = ledger.fetch(Problem, command.problem, seen=command.seen)
    must_reach(command.actor, problem.unit)
    if problem.state == "voided":
        raise RuleBroken("此问题已作废，不能提请扣分")
    if problem.company is None:
        raise RuleBroken("此问题没有关联物业服务企业，不能扣分")
    table, earlier = (
        in_force(ledger, ScoreTable, ledger.day_of(command)),
        _earlier(ledger, problem.id, command.score_code),
    )
    if standing := repeated(command.score_code, earlier, again=command.again):
        raise RuleBroken(
            f"此问题的这一情形已有扣分（{STATES[standing.state]}，{standing.points_x10 / 10:g} 分）。请核对是否重复；"
            "确系再次发生的，请勾选“再次提请”并在理由中写明"
        )
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
    # Two who propose the same at one time both find none before them: the vault takes this turn once.
    turn = ledger.vault.tips.source_key(CONDUCT, f"{problem.id}/{command.score_code}/{len(earlier)}", "")
    if ledger.vault.tips.known_sources([turn]):
        raise Conflict("另一位同事刚刚就此问题的同一情形提请了扣分，请刷新页面核对")
    remembered = ledger.vault.tips.remember_source(turn, deduction.id, command.id)
    return ledger.commit(deduction, command=command, beside=(remembered,))


def _earlier(ledger: Ledger, problem: UUID, score_code: str) -> list[Deduction]:
    """What was proposed for this conduct on this problem, in the log's order."""
    cited = [loads(body_of(entry)) for _, entry in ledger.table.of_topics([DeductionProposed.TOPIC])]
    wanted = {"problem": str(problem), "score_code": score_code}
    return [ledger.fetch(Deduction, UUID(one["stream"])) for one in cited if wanted.items() <= one["data"].items()]


def decide_deduction(command: DecideDeduction, ledger: Ledger) -> Receipt:
    """One 告知单 number stands for one decision: the vault's unique keys take each number once."""
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    problem = ledger.fetch(Problem, UUID(deduction.problem))
    if problem.state == "voided":
        raise RuleBroken("所涉问题已作废，不能决定扣分；请作不予扣分处理")
    if problem.company != deduction.company:
        raise RuleBroken("提请之后，问题的责任单位已经更正，不再是这家企业；请作不予扣分处理，由镇（街道）重新提请")
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


def serve_deduction(command: ServeDeduction, ledger: Ledger) -> Receipt:
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    deduction.serve(
        served_on=command.served_on, way=command.way, today=ledger.today, note=command.note, actor=command.actor
    )
    return ledger.commit(deduction, command=command)


def decline_deduction(command: DeclineDeduction, ledger: Ledger) -> Receipt:
    deduction = ledger.fetch(Deduction, command.deduction, seen=command.seen)
    must_reach(command.actor, deduction.unit)
    deduction.decline(reason=command.reason, actor=command.actor)
    return ledger.commit(deduction, command=command)


HANDLERS: Handlers = {
    ProposeDeduction: propose_deduction,
    DecideDeduction: decide_deduction,
    ServeDeduction: serve_deduction,
    DeclineDeduction: decline_deduction,
}
