"""Who may do what, asked early for a friendly sentence. What counts is the log's own check (trail/authority.py). 权限"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from application.trail.authority import Authority
from application.trail.form import NO_END
from application.trail.register import ADMINISTRATOR
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.roles import ROLES
from domain.rules import TYPES
from domain.values import Actor

KEPT = {"role_admin": ROLES["role_admin"], "key_admin": ROLES["key_admin"]}  # without them nobody comes into office
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


def refuse_lock_out(before: Authority, after: Authority) -> None:
    """Raises RuleBroken where a command leaves nobody who could grant roles or give keys any more.

    The founder's role may do both, and is never granted again: before it goes, both offices and another who adopts rules.
    """
    founding = bool(_keepers(before, ADMINISTRATOR) - _keepers(after, ADMINISTRATOR))
    for role, words in KEPT.items():
        if not _keepers(after, role) and (_keepers(before, role) or founding):
            raise RuleBroken(
                f"办理后将没有持有密钥的{words}人员；请先把这个角色授予另一人并登记密钥；密钥失窃的，请更换密钥或重置口令"
            )
    if founding and set(after.rules["rules.adopted"]["roles"]) <= {ADMINISTRATOR}:
        raise RuleBroken("日志现行的权限规则只许系统初始化角色采用新规则；请先采用新版权限规则，再办理此项")


def _keepers(authority: Authority, role: str) -> set[tuple[str, tuple[str, str]]]:
    """(official, grant) of everybody who holds the role without an end, and a key that still signs."""
    return {
        (official, held)
        for official in authority.keys_in_force.keys() - authority.retired
        for held in authority.roles.get(official, ())
        if held[0] == role and authority.until.get((official, *held), NO_END) == NO_END
    }
