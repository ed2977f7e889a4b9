"""What every form of an act on a problem has. 办理表单"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from application.core.command import Command
from domain.actions import Action
from domain.problems.actions import ACTIONS, EXTENSION, OPEN_TO, PAUSE
from domain.problems.values import specific
from interface.kit.forms import ActForm
from projections.problem_fold import Problem


class ProblemForm(ActForm):
    def offer(self, problem: Problem, demands: list[str]) -> None:
        """Fill the lists; most forms have none. `demands`: the kinds of evidence that the problem's item asks for."""

    def members(self) -> dict[str, Any]:
        """What the command takes beside id, actor, problem and seen."""
        members = {field.short_name: field.data or None for field in self.shown}
        if "shows" in members:
            members["shows"] = tuple(members["shows"] or ())
        if "evidence" in members:
            members["evidence"] = self._fields["evidence"].uploads
        return members


class Act(NamedTuple):
    """One verb that this page offers: its form, whose row of the table says when and for whom, and its command."""

    form: type[ProblemForm]
    command: Callable[..., Command]

    @property
    def action(self) -> Action:
        return self.form.action


def is_open(action: Action, problem: Problem, demands: list[str]) -> bool:
    """Whether the problem, and the life of its deadline where the act is of that, are where this act is offered."""
    name = action.name
    if name in OPEN_TO:
        state = problem.pause_state if name in PAUSE else problem.extension_state
        return problem.state in OPEN_TO[name] and action.is_offered_in(state)
    if name == "at_once" and (problem.kind != "at_once" or specific(demands)):
        return False
    return action.is_offered_in(problem.state)


def after(action: Action, problem: Problem) -> str:
    """The state of the problem after it: what is of the deadline alone changes none."""
    return problem.state if action.name in EXTENSION or action.name in PAUSE else action.leads_to(problem.state)


def doers(told: list[Any], id: str) -> dict[str, set[str]]:
    """Who took which part in this problem since it was last begun."""
    known: dict[str, set[str]] = {}
    for one in told:
        if one.stream == id:
            known = EXTENSION.doers_after(ACTIONS.doers_after(known, one.topic, one.actor), one.topic, one.actor)
    return known


def as_id(value: str | None) -> UUID | None:
    return UUID(value) if value else None
