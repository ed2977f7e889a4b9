"""交接: an official leaves or changes office, and what is open under their name goes to a successor. 工作交接"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.own_words import in_own_words
from application.core.permissions import held, must_reach
from application.verifier.rules.authority import Authority
from domain.errors import RuleBroken
from domain.problems.actions import ACTIONS
from domain.problems.problem import Problem

MOST = 200  # matters of one act


@dataclass(frozen=True, kw_only=True)
class HandOver(Command):
    """工作交接: of these problems what is open under the name of the person `leaving`; `owner` is a person, `handler` an official.

    What was closed or handed over meanwhile is left as it is.
    """

    leaving: UUID
    problems: tuple[UUID, ...]
    reason: str
    owner: UUID | None = None
    handler: UUID | None = None


def hand_over(command: HandOver, ledger: Ledger) -> Receipt:
    if not 0 < len(command.problems) <= MOST:
        raise RuleBroken(f"请选择要交接的问题，一次最多 {MOST} 件")
    authority, changed = ledger.authority(), []
    for id in command.problems:
        problem = ledger.fetch(Problem, id)
        must_reach(command.actor, problem.unit)
        if problem.tip:
            in_own_words(ledger, UUID(problem.tip), command.reason)
        if ACTIONS["change_owner"].starts_in(problem.state) and _handed_over(problem, command, authority, ledger):
            changed.append(problem)
    if not changed:
        raise RuleBroken("所选问题已销号或已交接，请刷新页面查看")
    return ledger.commit(*changed, command=command)


def _handed_over(problem: Problem, command: HandOver, authority: Authority, ledger: Ledger) -> bool:
    """Whether anything about it was under that name, and is no longer."""
    leaving, owner, handler = str(command.leaving), command.owner, command.handler
    takes_owner = owner is not None and problem.stated["owner"] == leaving
    takes_handler = handler is not None and authority.persons.get(problem.handler or "") == leaving
    if takes_owner:
        _must_be_free(problem, str(owner), authority, ledger)
        problem.change_owner(owner=str(owner), reason=command.reason, actor=command.actor)
    if takes_handler:
        if not _serves(str(handler), "town_handler", problem.unit, authority, ledger):
            raise RuleBroken("新的经办人在该单位没有经办角色，请另选一人")
        problem.assign(handler=str(handler), note=command.reason, actor=command.actor)
    return takes_owner or takes_handler


def _must_be_free(problem: Problem, owner: str, authority: Authority, ledger: Ledger) -> None:
    """The successor is in office there, and has not verified what they would answer for."""
    accounts = [one for one, person in authority.persons.items() if person == owner]
    if not any(_serves(one, None, problem.unit, authority, ledger) for one in accounts):
        raise RuleBroken("新的责任人在该单位没有角色，请另选一人")
    if owner in problem.inspectors or problem.doers.get("verifying", set()).intersection(accounts):
        raise RuleBroken(f"问题 {problem.number} 由新的责任人核查，责任人和核查人不得为同一人；请另选一人，或不选此件")


def _serves(official: str, role: str | None, unit: str, authority: Authority, ledger: Ledger) -> bool:
    return any(of == unit and role in (None, as_) for as_, of in held(authority, official, ledger.today))


HANDLERS: Handlers = {
    HandOver: hand_over,
}
