"""权限规则: who may write which type; VERSION grows when they change. Adopted by an event; what counts is always the log's own copy.

A type lists the roles that may write it. `unit` "own" = only in matters of one's own unit (the city's units own everything
below 320581); `not_same_as` = never the person who did one of these in the present round (经办 ≠ 核查 ≠ 销号);
`others` = who may do it for an account that is not their own;
`moves_unit` = `data.unit` owns the matter from then on; `starts_round` = four eyes begin anew.
"""

from __future__ import annotations

from typing import Any

VERSION = 4
EXCLUSIVE_ROLES = [["role_admin", "key_admin"]]

ROLES = {
    "administrator": "系统初始化",
    "city_desk": "市专班经办",
    "city_decider": "市专班负责人",
    "town_handler": "镇（街道）经办",
    "town_verifier": "镇（街道）核查",
    "town_closer": "镇（街道）销号审核",
    "housing_decider": "市住建局信用决定",
    "department_handler": "部门经办",
    "discipline": "市纪委监委",
    "auditor": "审计",
    "key_admin": "密钥管理",
    "role_admin": "角色管理",
}
CITY = ["city_desk", "city_decider"]
TOWN = ["town_handler", "town_verifier", "town_closer"]
ASKING = [*CITY, "town_handler", "town_verifier", "discipline"]  # who may ask for a reporter's identity
SETUP = ["administrator"]
HANDLED = ["problem.step_recorded", "problem.completion_reported"]


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
    "official.enrolled": _rule(*SETUP, "role_admin"),
    "official.retired": _rule(*SETUP, "role_admin"),
    "role.granted": _rule(*SETUP, "role_admin"),
    "role.withdrawn": _rule(*SETUP, "role_admin"),
    "key.enrolled": _rule(*SETUP, "key_admin"),
    "key.rotated": _rule(*ROLES, others=["key_admin"]),
    "key.revoked": _rule("key_admin"),
    "credential.set": _rule(*ROLES, others=[]),
    "credential.reset": _rule("key_admin"),
    "second_factor.enrolled": _rule(*ROLES, others=[]),
    "second_factor.recovery_renewed": _rule(*ROLES, others=[]),
    "second_factor.removed": _rule(*ROLES, others=["role_admin"]),
    "estate.registered": _rule(*SETUP, *CITY, "town_handler", own=True),
    "estate.company_changed": _rule(*CITY, "town_handler", own=True),
    "company.registered": _rule(*SETUP, *CITY, "town_handler", "housing_decider"),
    "import.started": _rule(*CITY, "town_handler"),
    "import.finished": _rule(*CITY, "town_handler"),
    "import.withdrawn": _rule(*CITY, "town_handler", own=True),
    "lead.referred": _rule(*CITY, *TOWN, "public"),
    "tip.registered": _rule(*CITY, "town_handler", "public", "system"),
    "tip.supplemented": _rule("public", "system"),
    "tip.accepted": _rule(*CITY, "town_handler", own=True),
    "tip.declined": _rule(*CITY, "town_handler", own=True),
    "tip.withdrawn": _rule(*CITY, "town_handler", own=True),
    "tip.assigned": _rule(*CITY, moves_unit=True),
    "tip.acknowledged": _rule(*TOWN, own=True),
    "tip.returned": _rule(*TOWN, own=True, moves_unit=True),
    "tip.verified": _rule("town_handler", "town_verifier", own=True),
    "tip.became_problems": _rule("town_handler", "town_verifier", own=True),
    "tip.answered": _rule(*CITY, "town_handler", "town_verifier", own=True),
    "tip.unit_recused": _rule(*CITY, "town_handler", "system", own=True),
    "tip.shredding_proposed": _rule("city_desk", "town_handler", own=True),
    "tip.shredded": _rule("city_decider", not_same_as=["tip.shredding_proposed"]),
    "disclosure.requested": _rule(*ASKING, own=True),
    "disclosure.approved": _rule("city_decider", "discipline", not_same_as=["disclosure.requested"]),
    "disclosure.declined": _rule("city_decider", "discipline", not_same_as=["disclosure.requested"]),
    "disclosure.opened": _rule(*ASKING, own=True),
    "problem.opened": _rule("city_desk", "town_handler", "town_verifier", own=True),
    "problem.assigned": _rule("city_desk", *TOWN, own=True),
    "problem.corrected": _rule("city_desk", "town_handler", "town_verifier", own=True),
    "problem.owner_changed": _rule("city_desk", *TOWN, own=True),
    "problem.step_recorded": _rule("town_handler", own=True),
    "problem.completion_reported": _rule("town_handler", own=True),
    "problem.rectification_verified": _rule("town_verifier", own=True, not_same_as=HANDLED),
    "problem.rectification_refused": _rule("town_verifier", own=True, not_same_as=HANDLED),
    "problem.closed": _rule("town_closer", own=True, not_same_as=[*HANDLED, "problem.rectification_verified"]),
    "problem.reopened": _rule("city_desk", "city_decider", "town_closer", own=True, starts_round=True),
    "problem.closure_revoked": _rule(
        "city_decider", "town_closer", own=True, not_same_as=["problem.closed"], starts_round=True
    ),
    "deduction.proposed": _rule("city_desk", "town_handler", "town_verifier", own=True),
    "deduction.decided": _rule("housing_decider", not_same_as=["deduction.proposed"]),
    "deduction.served": _rule("city_desk", "town_handler", "town_verifier", own=True),
    "deduction.declined": _rule("housing_decider", not_same_as=["deduction.proposed"]),
}
