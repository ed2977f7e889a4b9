"""Tips on other ways than the straight one: taken up by the town itself, taken back, given to another, joined, reopened. 改派、重办"""

from __future__ import annotations

from application.core.ledger import Handlers, Ledger, Receipt
from application.core.own_words import in_own_words
from application.registers.registers import unit_of
from application.tips.commands import (
    InformReporter,
    JoinProblem,
    MarkTipUrgent,
    ReassignTip,
    RecallTip,
    ReopenTip,
    TakeUpTip,
)
from application.tips.handlers import tip_of
from domain.base import public_id
from domain.errors import NotFound, RuleBroken
from domain.problems.problem import Problem


def take_up_tip(command: TakeUpTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.note)
    tip.take_up(due_on=command.due_on, today=ledger.today, note=command.note, actor=command.actor)
    return ledger.commit(tip, command=command)


def recall_tip(command: RecallTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.reason)
    tip.recall(reason=command.reason, actor=command.actor)
    return ledger.commit(tip, command=command)


def reassign_tip(command: ReassignTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    if unit_of(ledger, command.unit).kind != "town":
        raise RuleBroken("线索只能交办给镇（街道）")
    in_own_words(ledger, tip.id, command.reason)
    tip.reassign(
        unit=command.unit, due_on=command.due_on, today=ledger.today, reason=command.reason, actor=command.actor
    )
    return ledger.commit(tip, command=command)


def join_problem(command: JoinProblem, ledger: Ledger) -> Receipt:
    """The problem is found by its number, from which its id follows."""
    tip = tip_of(command, ledger)
    try:
        problem = ledger.fetch(Problem, public_id(ledger.origin, "problem", command.number.strip()))
    except NotFound:
        raise RuleBroken("台账中没有这个编号的问题；请照台账中的写法填写，如“常物整〔2026〕琴川-00004”") from None
    tip.join_problem(problem=str(problem.id), unit=problem.unit, actor=command.actor)
    return ledger.commit(tip, command=command)


def inform_reporter(command: InformReporter, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.answer)
    tip.inform(kind=command.kind, answer=command.answer, actor=command.actor)
    return ledger.commit(tip, command=command)


def reopen_tip(command: ReopenTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.reason)
    tip.reopen(
        cause=command.cause,
        reason=command.reason,
        ordered_by=command.ordered_by,
        due_on=command.due_on,
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(tip, command=command)


def mark_tip_urgent(command: MarkTipUrgent, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.reason)
    tip.mark_urgent(reason=command.reason, actor=command.actor)
    return ledger.commit(tip, command=command)


HANDLERS: Handlers = {
    TakeUpTip: take_up_tip,
    RecallTip: recall_tip,
    ReassignTip: reassign_tip,
    JoinProblem: join_problem,
    InformReporter: inform_reporter,
    ReopenTip: reopen_tip,
    MarkTipUrgent: mark_tip_urgent,
}
