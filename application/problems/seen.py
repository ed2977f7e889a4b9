"""The problem that a command is about, as the person looked at it. 办理对象"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from application.core.ledger import Ledger
from application.core.own_words import in_own_words
from application.core.permissions import must_reach
from application.problems.commands import OnProblem
from domain.officials.official import Official
from domain.problems.problem import Problem


def as_seen(command: OnProblem, ledger: Ledger, *texts: str | None) -> Problem:
    """The problem that the person looked at. Raises NotFound, Conflict, NotAllowed, and RuleBroken where a text of theirs copies
    the tip that it came from.
    """
    problem = ledger.fetch(Problem, command.problem, seen=command.seen)
    must_reach(command.actor, problem.unit)
    if problem.tip:
        in_own_words(ledger, UUID(problem.tip), *texts)
    return problem


def who(command: OnProblem, ledger: Ledger) -> dict[str, Any]:
    """The actor, and the natural person that the actor is: 责任人 are persons, not accounts."""
    return {"actor": command.actor, "person": str(ledger.fetch(Official, UUID(command.actor.id)).person)}
