"""身份打开: its states and what can be done about it. One asks, another approves, whoever asked opens."""

from __future__ import annotations

from domain.actions import BEGINS, Action, Actions, Others
from domain.roles import CITY

STATES = {"requested": "待批准", "approved": "已批准", "declined": "未批准"}
ASKING = (*CITY, "town_handler", "town_verifier", "discipline")
DECIDING = ("city_decider", "discipline")
ANOTHER = (Others("proposing", "此申请由您提出，请由另一位同事批准"),)

ACTIONS = Actions(
    "disclosure",
    STATES,
    Action(
        "request", "disclosure.requested", "申请打开身份",
        starts_from=BEGINS, to="requested", roles=ASKING, own=True, part="proposing",
    ),
    Action(
        "approve", "disclosure.approved", "批准打开身份",
        starts_from=("requested",), to="approved", roles=DECIDING, part="deciding", apart_from=ANOTHER, weighty=True,
    ),
    Action(
        "decline", "disclosure.declined", "不批准打开身份",
        starts_from=("requested",), to="declined", roles=DECIDING, part="deciding", apart_from=ANOTHER,
    ),
    Action("open", "disclosure.opened", "打开身份", starts_from=("approved",), roles=ASKING, own=True, weighty=True),
)  # fmt: skip
