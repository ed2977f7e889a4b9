"""权限规则: who may write which type, when, after whom; VERSION grows when they change. Adopted by an event; what counts is always
the log's own copy.

Types of subjects that have states come from their tables (domain/<subject>/actions.py); the others stand here. What the members
mean: application/verifier/rules/life_cycles.py and authority.py, docs/format.md §4.
"""

from __future__ import annotations

from typing import Any

from domain.actions import PARTS, Actions
from domain.campaign import actions as documents
from domain.deductions import actions as deductions
from domain.disclosures import actions as disclosures
from domain.imports import actions as imports
from domain.officials import actions as officials
from domain.problems import actions as problems
from domain.roles import CITY, SETUP, TOWN
from domain.roles import EXCLUSIVE_ROLES as EXCLUSIVE_ROLES
from domain.tips import actions as tips

VERSION = 5
LEVEL = 1  # of the language that they are written in
TABLES: tuple[Actions, ...] = (
    officials.ACTIONS,
    imports.ACTIONS,
    tips.ACTIONS,
    tips.SHREDDING,
    disclosures.ACTIONS,
    problems.ACTIONS,
    problems.EXTENSION,
    problems.PAUSE,
    deductions.ACTIONS,
    documents.ACTIONS,
)


def _rule(*roles: str, own: bool = False, **more: Any) -> dict[str, Any]:
    return {"roles": list(roles), "unit": "own" if own else "any", **more}


BEGUN = "begun"  # the only state of a thing that does nothing but stand in a register
# What begins a stream of its own, and nothing leads anywhere from there.
REGISTERED: dict[str, dict[str, Any]] = {
    "rules.adopted": _rule(*SETUP, "city_decider"),
    "access.sealed": _rule("system"),
    "campaign.opened": _rule(*SETUP, "city_decider"),
    "catalogue.adopted": _rule(*SETUP),
    "calendar.adopted": _rule(*SETUP),
    "score_table.adopted": _rule(*SETUP),
    "unit.registered": _rule(*SETUP, "city_desk"),
    "person.named": _rule(*SETUP, "role_admin", *CITY, *TOWN),
    "estate.registered": _rule(*SETUP, *CITY, "town_handler", own=True),
    "company.registered": _rule(*SETUP, *CITY, "town_handler", "housing_decider"),
    "lead.referred": _rule(*CITY, *TOWN, "public"),
}
TYPES: dict[str, dict[str, Any]] = {
    "log.key_rotated": _rule("key_admin"),
    "log.frozen": _rule("key_admin"),
    **{event: rule | {"life": event.partition(".")[0], "from": [], "to": BEGUN} for event, rule in REGISTERED.items()},
    "estate.company_changed": _rule(*CITY, "town_handler", own=True, life="estate"),
    **{event: rule for table in TABLES for event, rule in table.rules.items()},
}
LIVES = {
    **{event.partition(".")[0]: {"states": {BEGUN: "已登记"}} for event in REGISTERED},
    **{table.life: table.in_rules for table in TABLES},
}
APART = sorted({pair for table in TABLES for action in table.values() for pair in action.apart})


def adopted() -> dict[str, Any]:
    """What `rules.adopted` says, as its members have it."""
    return {
        "version": VERSION,
        "level": LEVEL,
        "types": TYPES,
        "lives": LIVES,
        "parts": PARTS,
        "apart": [list(pair) for pair in APART],
        "exclusive_roles": EXCLUSIVE_ROLES,
    }
