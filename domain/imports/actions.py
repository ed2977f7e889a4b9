"""批量导入: its states and what can be done about it. One that was cut off may be withdrawn too."""

from __future__ import annotations

from domain.actions import BEGINS, Action, Actions
from domain.roles import CITY

STATES = {"started": "已开始", "finished": "已完成", "withdrawn": "已撤回"}
IMPORTING = (*CITY, "town_handler")

ACTIONS = Actions(
    "import",
    STATES,
    Action("start", "import.started", "开始导入", starts_from=BEGINS, to="started", roles=IMPORTING),
    Action("finish", "import.finished", "完成导入", starts_from=("started",), to="finished", roles=IMPORTING),
    Action(
        "withdraw", "import.withdrawn", "撤回导入",
        starts_from=("started", "finished"), to="withdrawn", roles=IMPORTING, own=True,
    ),
)  # fmt: skip
