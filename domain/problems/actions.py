"""问题: its states and what can be done about it. Three persons strike it off: 经办 ≠ 核查 ≠ 销号, and 责任人 is neither of the last two.

A step makes `rectifying` of whatever asked for it (交办, 退回 or 重新整改); screens say 整改中 for it as for `assigned`.
"""

from __future__ import annotations

from domain.actions import ANY, BEGINS, Action, Actions, Others
from domain.roles import TOWN

STATES = {
    "opened": "待交办",
    "assigned": "整改中",
    "rectifying": "整改中",
    "reported": "待核查",
    "refused": "退回整改",
    "verified": "待销号",
    "closed": "已销号",
    "reopened": "重新整改",
}
# All but closed, in the order that addresses of lists have.
OPEN = ("opened", "assigned", "rectifying", "reported", "verified", "refused", "reopened")
UNDER_WAY = ("assigned", "rectifying", "refused", "reopened")  # somebody has to do something about it
# 经办 ≠ 核查 ≠ 销号, whichever came first.
NOT_HANDLER = Others("handling", "您办理过此问题的整改，请由另一位同事核查")
NOT_HANDLING = (
    Others("verifying", "您核查过此问题，整改请由另一位同事办理"),
    Others("closing", "您审核过此问题的销号，整改请由另一位同事办理"),
)
VERIFYING = (NOT_HANDLER, Others("closing", "您审核过此问题的销号，请由另一位同事核查"))
NOT_OWNER = "您是此问题的责任人，请由另一位同事核查"
ENTERING = ("city_desk", "town_handler", "town_verifier")
REOPENING = ("city_desk", "city_decider", "town_closer")

ACTIONS = Actions(
    "problem",
    STATES,
    Action(
        "open", "problem.opened", "问题入账",
        starts_from=BEGINS, to="opened", roles=ENTERING, own=True,
        names={"owner": "answerable"},
    ),
    Action(
        "assign", "problem.assigned", "交办经办人", "交办",
        starts_from=OPEN, offered_in=("opened", *UNDER_WAY), to={"opened": "assigned"}, roles=("city_desk", *TOWN), own=True,
    ),
    Action(
        "correct", "problem.corrected", "更正登记",
        starts_from=ANY, roles=ENTERING, own=True, weighty=True, names={"owner": "answerable"}, renames=True,
    ),
    Action(
        "change_owner", "problem.owner_changed", "变更责任人",
        starts_from=OPEN, roles=("city_desk", *TOWN), own=True, weighty=True, names={"owner": "answerable"},
    ),
    Action(
        "step", "problem.step_recorded", "记录整改步骤",
        starts_from=UNDER_WAY, to="rectifying", roles=("town_handler",), own=True,
        part="handling", apart_from=NOT_HANDLING,
    ),
    Action(
        "report", "problem.completion_reported", "申报整改完成", "申报完成",
        starts_from=UNDER_WAY, to="reported", roles=("town_handler",), own=True,
        part="handling", apart_from=NOT_HANDLING,
    ),
    Action(
        "verify", "problem.rectification_verified", "核查通过", "核查",
        starts_from=("reported",), to="verified", roles=("town_verifier",), own=True,
        part="verifying", apart_from=VERIFYING, answerable=NOT_OWNER,
    ),
    Action(
        "refuse", "problem.rectification_refused", "核查退回", "退回",
        starts_from=("reported",), to="refused", roles=("town_verifier",), own=True,
        part="verifying", apart_from=VERIFYING, answerable=NOT_OWNER,
    ),
    Action(
        "close", "problem.closed", "销号",
        starts_from=("verified",), to="closed", roles=("town_closer",), own=True, weighty=True,
        part="closing",
        apart_from=(
            Others("handling", "您办理过此问题的整改，请由未参与的第三位同事销号"),
            Others("verifying", "您核查过此问题，请由未参与的第三位同事销号"),
        ),
        answerable="您是此问题的责任人，请由另一位同事销号",
    ),
    Action(
        "reopen", "problem.reopened", "重新整改",
        starts_from=("closed",), to="reopened", roles=REOPENING, own=True, starts_round=True,
    ),
    Action(
        "revoke", "problem.closure_revoked", "撤销销号",
        starts_from=("closed",), to="reopened", roles=("city_decider", "town_closer"), own=True, weighty=True,
        part="revoking", apart_from=(Others("closing", "此问题由您销号，请由另一位同事撤销"),), starts_round=True,
    ),
)  # fmt: skip
