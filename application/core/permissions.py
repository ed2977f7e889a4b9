"""Who may do what, asked early for a friendly sentence. What counts is the log's own check (verifier/rules/authority.py). 权限"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from application.verifier.rules.authority import Authority
from application.verifier.rules.event_schema import NO_END
from domain.errors import NotAllowed, NotFound
from domain.roles import ROLES
from domain.rules import TYPES
from domain.values import Actor

SEE_ALL = frozenset({"housing_decider", "discipline", "auditor"})  # by their office, although their unit is beside


def held(authority: Authority, official: str, day: date) -> set[tuple[str, str]]:
    """The roles (role, unit) that an official may act in on this day: none once retired, a substitute's until its end."""
    if official in authority.retired:
        return set()
    roles, on = authority.roles.get(official, set()), day.isoformat()
    return {(role, unit) for role, unit in roles if on <= authority.until.get((official, role, unit), NO_END)}


def may(actor: Actor, topic: str) -> bool:
    """Whether the role may write events of this type at all."""
    return topic not in TYPES or actor.role in TYPES[topic]["roles"]


def reach(actor: Actor) -> str:
    """The beginning of the codes of the units whose matters the actor may see; empty for all."""
    return "" if actor.role in SEE_ALL else actor.unit


def in_reach(actor: Actor, unit: str) -> bool:
    return unit.startswith(reach(actor))


def refuse_early(actor: Actor, topics: Iterable[str]) -> None:
    """Raises NotAllowed with the roles that may, so that the person knows whom to ask."""
    for topic in topics:
        if not may(actor, topic):
            those = "、".join(ROLES[role] for role in TYPES[topic]["roles"] if role in ROLES)
            raise NotAllowed(f"此项须由{those or '系统'}办理；您当前的身份是{ROLES.get(actor.role, actor.role)}")


def must_reach(actor: Actor, unit: str) -> None:
    """Another town's matter is answered like one that does not exist."""
    if not in_reach(actor, unit):
        raise NotFound("没有这条记录，或者您无权查看；请从列表重新打开")
