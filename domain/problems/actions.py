"""问题: its states and what can be done about it. Three persons strike it off: 经办 ≠ 核查 ≠ 销号, and 责任人 is neither of the last two.

A step makes `rectifying` of whatever asked for it (交办, 退回 or 重新整改); screens say 整改中 for it as for `assigned`.
"""

from __future__ import annotations

from domain.actions import BEGINS, Action, Actions, Others
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
    "voided": "已作废",
}
# All but closed and voided, in the order that addresses of lists have.
OPEN = ("opened", "assigned", "rectifying", "reported", "verified", "refused", "reopened")
UNDER_WAY = ("assigned", "rectifying", "refused", "reopened")  # somebody has to do something about it
STANDING = (*OPEN, "closed")  # it was entered rightly, as far as anybody has said
# 经办 ≠ 核查 ≠ 销号, whichever came first.
NOT_HANDLER = Others("handling", "您办理过此问题的整改，请由另一位同事核查")
NOT_HANDLING = (
    Others("verifying", "您核查过此问题，整改请由另一位同事办理"),
    Others("closing", "您审核过此问题的销号，整改请由另一位同事办理"),
)
VERIFYING = (NOT_HANDLER, Others("closing", "您审核过此问题的销号，请由另一位同事核查"))
# Whoever sends a close-out back stays the closer: they neither mend nor verify it afterwards.
MAY_CLOSE = (
    Others("handling", "您办理过此问题的整改，请由未参与的第三位同事销号"),
    Others("verifying", "您核查过此问题，请由未参与的第三位同事销号"),
)
NOT_OWNER = "您是此问题的责任人，请由另一位同事核查"
ENTERING = ("city_desk", "town_handler", "town_verifier")
DEPARTMENTS = ("department_handler",)
FOR_TOWNS = ("city_desk", *DEPARTMENTS)  # enter what they find in a town: it is the town's from then on
REOPENING = ("city_desk", "city_decider", "town_closer")
VOIDING = REOPENING
URGING = ("city_desk", "city_decider", "town_verifier", "town_closer")
DECIDING = ("city_decider", "town_closer")

ACTIONS = Actions(
    "problem",
    STATES,
    Action(
        "open", "problem.opened", "问题入账",
        starts_from=BEGINS, to="opened", roles=(*ENTERING, *DEPARTMENTS), own=True, anywhere=DEPARTMENTS,
        part="entering", names={"owner": "answerable"},
    ),
    Action(
        "assign", "problem.assigned", "交办经办人", "交办",
        starts_from=OPEN, offered_in=("opened", *UNDER_WAY), to={"opened": "assigned"}, roles=("city_desk", *TOWN), own=True,
    ),
    Action(
        "correct", "problem.corrected", "更正登记",
        starts_from=STANDING, roles=ENTERING, own=True, weighty=True, names={"owner": "answerable"}, renames=True,
    ),
    Action(
        "void", "problem.voided", "作废登记", "作废",
        starts_from=STANDING, to="voided", roles=VOIDING, own=True, weighty=True,
        part="voiding", apart_from=(Others("entering", "此问题由您登记，请由另一位同事作废"),),
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
    # 立行立改: whoever finds it mended on the spot has handled and verified it in one; a second person closes.
    Action(
        "at_once", "problem.rectified_at_once", "当场整改到位",
        starts_from=("opened", "assigned"), to="verified", roles=("town_handler", "town_verifier"), own=True,
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
        part="closing", apart_from=MAY_CLOSE, answerable="您是此问题的责任人，请由另一位同事销号",
    ),
    Action(
        "refuse_closure", "problem.closure_refused", "销号审核退回", "退回",
        starts_from=("verified",), to="refused", roles=("town_closer",), own=True,
        part="closing", apart_from=MAY_CLOSE, answerable="您是此问题的责任人，请由另一位同事审核销号",
    ),
    Action("urge", "problem.urged", "催办", starts_from=OPEN, roles=URGING, own=True),
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

# 完成时限 has lives of its own beside the problem's: whether more time was asked for, and whether the clock stands. Which
# states of the problem they are open in is said here too, since a life knows its own states only.
EXTENSIONS = {"unasked": "未申请延期", "requested": "延期待批"}
ASKED_BY_YOU = (Others("proposing", "此延期由您申请，请由另一位同事审批"),)
EXTENSION = Actions(
    "extension",
    EXTENSIONS,
    Action(
        "request_extension", "problem.extension_requested", "申请延期",
        starts_from=("unasked",), to="requested", roles=("town_handler",), own=True, part="proposing",
    ),
    Action(
        "grant_extension", "problem.extension_granted", "批准延期",
        starts_from=("requested",), to="unasked", roles=DECIDING, own=True, weighty=True,
        part="deciding", apart_from=ASKED_BY_YOU, answerable="您是此问题的责任人，延期请由另一位同事审批",
    ),
    Action(
        "refuse_extension", "problem.extension_refused", "不予延期",
        starts_from=("requested",), to="unasked", roles=DECIDING, own=True,
        part="deciding", apart_from=ASKED_BY_YOU, answerable="您是此问题的责任人，延期请由另一位同事审批",
    ),
    of="problem",
)  # fmt: skip
PAUSES = {"running": "计时中", "paused": "已暂停"}
PAUSE = Actions(
    "pause",
    PAUSES,
    Action(
        "pause", "problem.paused", "暂停整改",
        starts_from=("running",), to="paused", roles=("city_desk", *DECIDING), own=True, weighty=True,
        part="pausing", answerable="您是此问题的责任人，请由另一位同事暂停",
    ),
    Action(
        "resume", "problem.resumed", "恢复整改",
        starts_from=("paused",), to="running", roles=("city_desk", "city_decider", *TOWN), own=True,
    ),
    of="problem",
)  # fmt: skip
# The states of the problem itself that they may be done in.
OPEN_TO = {
    "request_extension": UNDER_WAY, "grant_extension": OPEN, "refuse_extension": OPEN, "pause": UNDER_WAY, "resume": UNDER_WAY,
}  # fmt: skip
