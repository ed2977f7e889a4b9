"""权限规则: who may write which type; VERSION grows when they change. Adopted by an event; what counts is always the log's own copy.

Types of subjects that have states come from their tables (domain/<subject>/actions.py); the others stand here.

A type lists the roles that may write it. `unit` "own" = only in matters of one's own unit (the city's units own everything
below 320581); `not_same_as` = never the person who did one of these in the present round (经办 ≠ 核查 ≠ 销号);
`others` = who may do it for an account that is not their own;
`moves_unit` = `data.unit` owns the matter from then on; `starts_round` = four eyes begin anew.
"""

from __future__ import annotations

from typing import Any

from domain.deductions import actions as deductions
from domain.disclosures import actions as disclosures
from domain.imports import actions as imports
from domain.officials import actions as officials
from domain.problems import actions as problems
from domain.roles import CITY, SETUP, TOWN
from domain.roles import EXCLUSIVE_ROLES as EXCLUSIVE_ROLES
from domain.tips import actions as tips

VERSION = 5


def _rule(*roles: str, own: bool = False, **more: Any) -> dict[str, Any]:
    return {"roles": list(roles), "unit": "own" if own else "any", **more}


TYPES: dict[str, dict[str, Any]] = {
    "rules.adopted": _rule(*SETUP, "city_decider"),
    "log.key_rotated": _rule("key_admin"),
    "log.frozen": _rule("key_admin"),
    "access.sealed": _rule("system"),
    "campaign.opened": _rule(*SETUP, "city_decider"),
    "catalogue.adopted": _rule(*SETUP, "city_decider"),
    "calendar.adopted": _rule(*SETUP, "city_decider"),
    "score_table.adopted": _rule(*SETUP, "housing_decider"),
    "unit.registered": _rule(*SETUP, "city_desk"),
    "person.named": _rule(*SETUP, "role_admin", *CITY, *TOWN),
    **officials.ACTIONS.rules,
    "estate.registered": _rule(*SETUP, *CITY, "town_handler", own=True),
    "estate.company_changed": _rule(*CITY, "town_handler", own=True),
    "company.registered": _rule(*SETUP, *CITY, "town_handler", "housing_decider"),
    **imports.ACTIONS.rules,
    "lead.referred": _rule(*CITY, *TOWN, "public"),
    **tips.ACTIONS.rules,
    **tips.SHREDDING.rules,
    **disclosures.ACTIONS.rules,
    **problems.ACTIONS.rules,
    **problems.EXTENSION.rules,
    **problems.PAUSE.rules,
    **deductions.ACTIONS.rules,
}
