"""An edition of a document as a sheet that people fill in: CSV, one row for each day, conduct or item. 依据文件表格"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

from domain.campaign.contents import Content
from domain.errors import RuleBroken

HEADS = {
    "calendar": ("日期", "放假或上班"),
    "score_table": ("编号", "条目", "行为", "依据", "程度", "分值", "一票否决"),
    "catalogue": ("编号", "大类", "名称", "英文名称", "原文", "兜底", "材料种类"),
}
OFF, ON, YES = "放假", "上班", "是"
MOST = 5_000  # rows


def written(kind: str, content: Content) -> str:
    """The sheet of an edition, with its heads."""
    out = StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(HEADS[kind])
    sheet.writerows(_rows(kind, content))
    return out.getvalue()


def _rows(kind: str, content: Content) -> list[list[str]]:
    if kind == "calendar":
        days = {day: OFF for day in content["days_off"]} | {day: ON for day in content["working_days"]}
        return [[day, days[day]] for day in sorted(days)]
    if kind == "score_table":
        return [
            [row["code"], row["item"], row["conduct"], row["basis"], row["severity"], f"{row['points_x10'] / 10:g}",
             YES if row.get("veto") else ""] for row in content["rows"]
        ]  # fmt: skip
    return [
        [item["code"], item["category"], item["name"], item["name_en"], item["text"], YES if item.get("catch_all") else "",
         "；".join(item.get("evidence", ()))] for item in content["items"]
    ]  # fmt: skip


def read(kind: str, sheet: str, before: Content, **more: Any) -> Content:
    """The content that a sheet says; what no sheet has (categories, a note, years) comes from `more`, else from `before`.

    Raises RuleBroken, naming the line.
    """
    lines = list(csv.reader(StringIO(sheet.lstrip("\ufeff"))))
    if not lines or tuple(cell.strip() for cell in lines[0]) != HEADS[kind]:
        raise RuleBroken(f"第一行须为表头：{'、'.join(HEADS[kind])}")
    if len(lines) > MOST:
        raise RuleBroken(f"最多 {MOST} 行，请核对文件")
    rows = [(number, [cell.strip() for cell in line]) for number, line in enumerate(lines[1:], 2) if any(line)]
    for number, line in rows:
        if len(line) != len(HEADS[kind]):
            raise RuleBroken(f"第 {number} 行有 {len(line)} 格，应为 {len(HEADS[kind])} 格")
    return {**{name: value for name, value in before.items() if name != "version"}, **more, **READ[kind](rows)}


def _calendar(rows: list[tuple[int, list[str]]]) -> Content:
    for number, (_, word) in rows:
        if word not in (OFF, ON):
            raise RuleBroken(f"第 {number} 行须写“{OFF}”或“{ON}”，现为“{word}”")
    return {
        "days_off": [day for _, (day, word) in rows if word == OFF],
        "working_days": [day for _, (day, word) in rows if word == ON],
    }


def _score_table(rows: list[tuple[int, list[str]]]) -> Content:
    told = []
    for number, (code, item, conduct, basis, severity, points, veto) in rows:
        if not re.fullmatch(r"\d{1,3}(\.\d)?", points):
            raise RuleBroken(f"第 {number} 行的分值须为数字，最多一位小数，现为“{points}”")
        whole, _, tenth = points.partition(".")
        row = {"code": code, "item": item, "conduct": conduct, "basis": basis, "severity": severity}
        told.append(row | {"points_x10": 10 * int(whole) + int(tenth or 0)} | ({"veto": True} if veto == YES else {}))
    return {"rows": told}


def _catalogue(rows: list[tuple[int, list[str]]]) -> Content:
    items = []
    for _, (code, category, name, name_en, text, catch_all, evidence) in rows:
        item: dict[str, Any] = {"code": code, "category": category, "text": text, "name": name, "name_en": name_en}
        kinds = [kind for kind in re.split("[；;]", evidence) if kind]
        items.append(item | ({"catch_all": True} if catch_all == YES else {}) | ({"evidence": kinds} if kinds else {}))
    return {"items": items}


READ = {"calendar": _calendar, "score_table": _score_table, "catalogue": _catalogue}
