"""问题线索: its states and what can be done about it; and the destruction of its content, which has a life of its own."""

from __future__ import annotations

from domain.actions import ANY, BEGINS, Action, Actions, Others
from domain.roles import CITY, TOWN

STATES = {
    "registered": "待研判",
    "accepted": "待交办",
    "declined": "不予受理",
    "assigned": "待签收",
    "returned": "被退回",
    "acknowledged": "待核查",
    "verified": "已核查",
    "became_problems": "已转问题",
    "answered": "已答复",
    "withdrawn": "已撤回",
}
SUBSTANTIATED = ("true", "partly")  # the results of a verification that a problem may be made of
WITH_TOWN = ("assigned", "acknowledged")  # a town has it, and has not verified it yet
GOING_ON = tuple(state for state in STATES if state not in ("declined", "answered", "withdrawn"))
WEIGHING = ("registered", "accepted", "returned")
SCREENING = (*CITY, "town_handler")
VERIFYING = ("town_handler", "town_verifier")

ACTIONS = Actions(
    "tip",
    STATES,
    Action(
        "register", "tip.registered", "登记线索",
        starts_from=BEGINS, to="registered", roles=(*SCREENING, "public", "system"),
    ),
    Action("supplement", "tip.supplemented", "登记补充材料", starts_from=ANY, roles=("public", "system")),
    Action("accept", "tip.accepted", "受理", starts_from=("registered",), to="accepted", roles=SCREENING, own=True),
    Action("decline", "tip.declined", "不予受理", starts_from=WEIGHING, to="declined", roles=SCREENING, own=True),
    Action(
        "out_of_scope", "tip.declined", "非本办范围（转办）", "不予受理",
        starts_from=WEIGHING, to="declined", roles=SCREENING, own=True,
    ),
    Action(
        "withdraw", "tip.withdrawn", "撤回", starts_from=("registered",), to="withdrawn", roles=SCREENING, own=True
    ),
    Action(
        "assign", "tip.assigned", "交办",
        starts_from=("accepted", "returned"), to="assigned", roles=CITY, moves_unit=True,
    ),
    Action("acknowledge", "tip.acknowledged", "签收", starts_from=("assigned",), to="acknowledged", roles=TOWN, own=True),
    Action(
        "return", "tip.returned", "退回",
        starts_from=WITH_TOWN, to="returned", roles=TOWN, own=True, moves_unit=True,
    ),
    Action("verify", "tip.verified", "核查", starts_from=("acknowledged",), to="verified", roles=VERIFYING, own=True),
    Action(
        "convert", "tip.became_problems", "转为问题",
        starts_from=("verified",), to="became_problems", roles=VERIFYING, own=True,
    ),
    Action(
        "answer", "tip.answered", "答复",
        starts_from=("verified", "became_problems"), to="answered", roles=(*CITY, *VERIFYING), own=True,
    ),
    Action(
        "recuse", "tip.unit_recused", "回避",
        starts_from=ANY, offered_in=GOING_ON, to=dict.fromkeys(WITH_TOWN, "returned"),
        roles=(*SCREENING, "system"), own=True, recuses=True,
    ),
)  # fmt: skip

CONTENT = {"kept": "未提请销毁", "proposed": "待批准销毁", "shredded": "已销毁"}
SHREDDING = Actions(
    "content",
    CONTENT,
    Action(
        "propose_shredding", "tip.shredding_proposed", "提请销毁",
        starts_from=("kept", "proposed"), to="proposed", roles=("city_desk", "town_handler"), own=True, part="proposing",
    ),
    Action(
        "shred", "tip.shredded", "批准销毁",
        starts_from=("proposed",), to="shredded", roles=("city_decider",), weighty=True,
        part="deciding", apart_from=(Others("proposing", "此线索由您提请销毁，请由另一位同事批准"),),
    ),
    of="tip",
)  # fmt: skip
