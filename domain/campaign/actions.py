"""依据文件: a later edition of catalogue, calendar or score table is proposed by one person and adopted by another.

The first editions came with the founding of the log, by its administrator (domain/rules.py).
"""

from __future__ import annotations

from domain.actions import BEGINS, Action, Actions, Others

STATES = {"proposed": "待采用", "adopted": "已采用", "declined": "未采用"}
PROPOSING = ("city_desk", "city_decider", "housing_decider")
DECIDING = ("city_decider", "housing_decider")
ANOTHER = (Others("proposing", "此文件由您提请采用，请由另一位同事决定"),)

ACTIONS = Actions(
    "document",
    STATES,
    Action(
        "propose", "document.proposed", "提请采用新版",
        starts_from=BEGINS, to="proposed", roles=PROPOSING, part="proposing",
    ),
    Action(
        "adopt", "document.adopted", "采用",
        starts_from=("proposed",), to="adopted", roles=DECIDING, part="deciding", apart_from=ANOTHER, weighty=True,
    ),
    Action(
        "decline", "document.declined", "不予采用",
        starts_from=("proposed",), to="declined", roles=DECIDING, part="deciding", apart_from=ANOTHER,
    ),
)  # fmt: skip
