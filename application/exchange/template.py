"""Empty sheets to be filled in: drop-downs, prompts, and a page that says what each column takes. 导入模板"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from application.exchange.mapping import Mapping
from application.exchange.problem_rows import COLUMNS
from application.exchange.sheet import Sheet
from domain import data
from domain.problems.values import KINDS
from domain.tips.tip import CHANNELS

ROWS = 2_000  # that have drop-downs
TOP = 3  # rows above the first one to fill in: title, who reports, heads
LISTS, HELP = "选项", "填表说明"
TIPS = Mapping.parse(
    """
source = "线索导入模板"
dates = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"]
[columns]
number = "工单号"
channel = "线索来源"
received_at = "收到日期"
sender = "反映人"
contact = "联系方式"
text = "线索内容"
accuses_official = "是否反映公职人员"
against = "被反映的单位"
""".encode()
)


def fitting(mapping: Mapping, sheet: Sheet) -> Mapping:
    """The mapping for this sheet: one of ours that was filled in before it asked for the unit comes in as it is."""
    if mapping.sha256 != TIPS.sha256 or set(mapping.columns["against"]) <= set(sheet.heads):
        return mapping
    return replace(mapping, columns={field: heads for field, heads in mapping.columns.items() if field != "against"})


class Column(NamedTuple):
    """`width` in characters; a `day` is a day; `choices` become a drop-down."""

    head: str
    width: int
    says: str = ""
    choices: Sequence[str] = ()
    day: bool = False


def tips() -> bytes:
    """Comes in without a mapping."""
    units = [unit["short_name"] for unit in data.read("units") if unit["kind"] in ("town", "department")]
    columns = [
        Column("工单号", 18, "来源系统中的编号；同一来源的同一编号只登记一次。没有编号的留空"),
        Column("线索来源", 14, "从下拉列表中选择", list(CHANNELS.values())),
        Column("收到日期", 14, "如 2026-03-01", day=True),
        Column("反映人", 14, "可不填；加密保存，不进入日志"),
        Column("联系方式", 18, "可不填；加密保存，不进入日志"),
        Column("线索内容", 60, "最多 50000 字；加密保存，不进入日志"),
        Column("是否反映公职人员", 14, "填“是”的直接密封转送市纪委监委，本系统不再保存其内容", ["否", "是"]),
        Column("被反映的单位", 14, "线索反映某个镇（街道）或部门自身的才填；该单位看不到，也不会被交办", units),
    ]
    return _book("问题线索导入表", columns)


def ledger() -> bytes:
    """附件3, the same columns as its export."""
    items = [f"{item['code']}" for item in data.read("catalogue")["items"]]
    towns = [unit["short_name"] for unit in data.read("units") if unit["kind"] == "town"]
    more: dict[str, dict[str, Any]] = {
        "台账编号": {"says": "原台账编号；同一镇（街道）的同一编号只入账一次。没有编号的留空"},
        "镇（街道）": {"says": "镇（街道）人员导入本镇（街道）的可不填", "choices": towns},
        "小区名称": {"says": "须与登记的名称一致"},
        "物业服务企业": {"says": "须与登记的名称一致；没有的留空"},
        "问题类别": {"says": "不必填，由条目代码得出"},
        "问题条目代码": {"says": "整治内容清单的条目", "choices": items},
        "问题标题": {"says": "最多 80 字，不写姓名和电话"},
        "问题描述": {"says": "最多 5000 字，不写姓名和电话"},
        "发现日期": {"says": "如 2026-03-01", "day": True},
        "责任单位": {"says": "登记的企业或单位；留空即为物业服务企业"},
        "责任人": {"says": "该镇（街道）已登记人员的姓名；只进入保密库"},
        "整改类型": {"says": "从下拉列表中选择", "choices": list(KINDS.values())},
        "整改措施": {"says": "最多 5000 字"},
        "完成时限": {"says": "原定的期限，如 2026-03-31", "day": True},
        "整改进展": {"says": "只能导入未办结的问题", "choices": ["待交办", "整改中"]},
        "整改完成日期": {"says": "导入时须留空"},
        "销号日期": {"says": "导入时须留空"},
        "备注": {"says": "不导入"},
    }
    columns = [Column("序号", 6), *(Column(head, width, **more[head]) for head, width in COLUMNS.items())]
    return _book("整治工作台账（格式待市专班确认）", columns)


def _book(title: str, columns: Sequence[Column]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, lists, notes = book.add_worksheet("导入表"), book.add_worksheet(LISTS), book.add_worksheet(HELP)
        big = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        words = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        days = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        page.merge_range(0, 0, 0, len(columns) - 1, title, big)
        page.write_string(1, 0, "填报单位：　　　　截至日期：")
        page.write_row(2, 0, [column.head for column in columns], head)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, days if column.day else words)
            _offer(page, lists, place, column)
        page.freeze_panes(TOP, 0)
        notes.set_column(0, 0, 20)
        notes.set_column(1, 1, 80)
        notes.write_row(0, 0, ["栏目", "怎样填写"], head)
        for row, column in enumerate((one for one in columns if one.says), 1):
            notes.write_row(row, 0, [column.head, column.says])
        lists.hide()
    return out.getvalue()


def _offer(page: Any, lists: Any, place: int, column: Column) -> None:
    """A drop-down from the hidden page (a list in the cell itself may have 255 characters only), and a prompt."""
    prompt = {"input_title": column.head[:32], "input_message": column.says[:255]} if column.says else {}
    if column.choices:
        lists.write_column(0, place, column.choices)
        first, last = (xl_rowcol_to_cell(row, place, True, True) for row in (0, len(column.choices) - 1))
        rule = {"validate": "list", "source": f"={LISTS}!{first}:{last}", "error_message": "请从下拉列表中选择"}
    elif prompt:
        rule = {"validate": "any"}
    else:
        return
    page.data_validation(TOP, place, TOP + ROWS - 1, place, {**rule, **prompt})
