"""信用扣分: its states and what can be done about it. A town proposes, the housing bureau decides."""

from __future__ import annotations

from domain.actions import BEGINS, Action, Actions, Others

STATES = {"proposed": "待决定", "decided": "已扣分", "declined": "未采纳"}
COUNTING = ("proposed", "decided")  # points that count, or may come to count
OF_TOWNS = ("city_desk", "town_handler", "town_verifier")
DECIDING = ("housing_decider",)
ANOTHER = (Others("proposing", "此扣分由您提请，请由另一位同事决定"),)

ACTIONS = Actions(
    "deduction",
    STATES,
    Action(
        "propose", "deduction.proposed", "提请扣分",
        starts_from=BEGINS, to="proposed", roles=OF_TOWNS, own=True, part="proposing",
    ),
    Action(
        "decide", "deduction.decided", "决定扣分",
        starts_from=("proposed",), to="decided", roles=DECIDING, part="deciding", apart_from=ANOTHER, weighty=True,
    ),
    Action("serve", "deduction.served", "登记送达", starts_from=("decided",), roles=OF_TOWNS, own=True),
    Action(
        "decline", "deduction.declined", "不予扣分",
        starts_from=("proposed",), to="declined", roles=DECIDING, part="deciding", apart_from=ANOTHER,
    ),
)  # fmt: skip
