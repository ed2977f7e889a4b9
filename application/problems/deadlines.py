"""延期、暂停与催办: what happens to a problem's deadline, and reminders of it."""

from __future__ import annotations

from uuid import UUID

from application.core.ledger import Handlers, Ledger, Receipt
from application.core.own_words import in_own_words
from application.core.permissions import must_reach
from application.problems.commands import (
    GrantExtension,
    PauseProblem,
    RefuseExtension,
    RequestExtension,
    ResumeProblem,
    UrgeProblem,
    UrgeProblems,
)
from application.problems.seen import as_seen, who
from domain.errors import RuleBroken
from domain.problems.actions import ACTIONS
from domain.problems.problem import Problem

MOST = 200  # matters of one act


def request_extension(command: RequestExtension, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason, command.measures)
    problem.request_extension(
        due_on=command.due_on,
        reason=command.reason,
        measures=command.measures,
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(problem, command=command)


def grant_extension(command: GrantExtension, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    problem.grant_extension(due_on=command.due_on, note=command.note, today=ledger.today, **who(command, ledger))
    return ledger.commit(problem, command=command)


def refuse_extension(command: RefuseExtension, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    problem.refuse_extension(reason=command.reason, **who(command, ledger))
    return ledger.commit(problem, command=command)


def pause_problem(command: PauseProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.reason)
    problem.pause(reason=command.reason, until=command.until, today=ledger.today, **who(command, ledger))
    return ledger.commit(problem, command=command)


def resume_problem(command: ResumeProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    problem.resume(note=command.note, today=ledger.today, actor=command.actor)
    return ledger.commit(problem, command=command)


def urge_problem(command: UrgeProblem, ledger: Ledger) -> Receipt:
    problem = as_seen(command, ledger, command.note)
    problem.urge(note=command.note, actor=command.actor)
    return ledger.commit(problem, command=command)


def urge_problems(command: UrgeProblems, ledger: Ledger) -> Receipt:
    """A reminder is of the matter as it is, whatever was done since the list was looked at."""
    if not 0 < len(command.problems) <= MOST:
        raise RuleBroken(f"请选择要催办的问题，一次最多 {MOST} 件")
    urged = []
    for id in dict.fromkeys(command.problems):
        problem = ledger.fetch(Problem, id)
        must_reach(command.actor, problem.unit)
        if problem.tip:
            in_own_words(ledger, UUID(problem.tip), command.note)
        if ACTIONS["urge"].starts_in(problem.state):
            problem.urge(note=command.note, actor=command.actor)
            urged.append(problem)
    if not urged:
        raise RuleBroken("所选问题均已销号或作废，无需催办；请刷新页面查看")
    return ledger.commit(*urged, command=command)


HANDLERS: Handlers = {
    RequestExtension: request_extension,
    GrantExtension: grant_extension,
    RefuseExtension: refuse_extension,
    PauseProblem: pause_problem,
    ResumeProblem: resume_problem,
    UrgeProblem: urge_problem,
    UrgeProblems: urge_problems,
}
