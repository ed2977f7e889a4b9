"""What an edition of a document must be before anything is decided by it; and how it differs from the one in force. 依据文件内容

`content` is the members of the first edition's event without its version (domain/campaign/events.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from domain.errors import RuleBroken
from domain.text import TITLE, official

Content = dict[str, Any]
YEARS = range(2025, 2100)
MOST_POINTS = 1_000  # tenths


def checked(kind: str, content: Content, before: Content) -> Content:
    """The content as it is recorded. Raises RuleBroken, naming the row."""
    return CHECKS[kind](content, before)


def _calendar(content: Content, before: Content) -> Content:
    """A calendar of whole years, with none of those left out that terms were counted by."""
    years, provisional = sorted(content["years"]), sorted(content["provisional"])
    if not years or any(year not in YEARS for year in years):
        raise RuleBroken("请填写年份，如“2025 2026 2027”")
    if missing := sorted(set(before["years"]) - set(years)):
        raise RuleBroken(f"现行日历有 {missing[0]} 年，新版不能少；请把原有各年的日期一并保留")
    if stray := sorted(set(provisional) - set(years)):
        raise RuleBroken(f"暂定年份 {stray[0]} 不在所列年份中")
    _days(content, years)
    return {
        "years": years,
        "provisional": provisional,
        "days_off": sorted(content["days_off"]),
        "working_days": sorted(content["working_days"]),
        "basis": official("依据", content["basis"], limit=TITLE),
    }


def _days(content: Content, years: list[int]) -> None:
    """Each a day of these years, named once; who makes up for a holiday works at a weekend."""
    for day, times in Counter([*content["days_off"], *content["working_days"]]).items():
        if _year(day) not in years:
            raise RuleBroken(f"{day} 不是所列年份中的日期，请核对")
        if times > 1:
            raise RuleBroken(f"{day} 出现了 {times} 次，请只保留一处")
    for day in content["working_days"]:
        if date.fromisoformat(day).weekday() < 5:
            raise RuleBroken(f"{day} 不是周末，本来就上班；调休上班的日子应是周六或周日")


def _year(day: str) -> int | None:
    try:
        return date.fromisoformat(day).year
    except ValueError:
        return None


def _score_table(content: Content, before: Content) -> Content:
    rows = content["rows"]
    _once("编号", [row["code"] for row in rows])
    for row in rows:
        for name, label in (
            ("code", "编号"),
            ("item", "条目"),
            ("conduct", "行为"),
            ("basis", "依据"),
            ("severity", "程度"),
        ):
            row[name] = official(f"{row['code'] or '某行'} 的{label}", row[name], limit=200)
        if not 0 < row["points_x10"] <= MOST_POINTS:
            raise RuleBroken(f"{row['code']} 的分值须大于 0、不超过 {MOST_POINTS // 10} 分")
    return {"note": official("说明", content["note"], limit=200), "rows": rows}


def _catalogue(content: Content, before: Content) -> Content:
    """Items may be worded anew and added; one that stands in the ledger is never taken away."""
    codes = [item["code"] for item in content["items"]]
    _once("编号", codes)
    if missing := [item["code"] for item in before["items"] if item["code"] not in codes]:
        raise RuleBroken(f"现行清单有条目 {missing[0]}，新版不能少：台账中的问题以它为准；文字可以修改")
    categories = {one["code"] for one in content["categories"]}
    for item in content["items"]:
        if item["category"] not in categories:
            raise RuleBroken(f"条目 {item['code']} 的大类 {item['category']} 不在清单中")
        for name, label in (("name", "名称"), ("name_en", "英文名称"), ("text", "原文")):
            item[name] = official(f"{item['code']} 的{label}", item[name], limit=500)
    return content


def _once(label: str, values: list[str]) -> None:
    if not values:
        raise RuleBroken("内容为空，请填写各行")
    value, times = Counter(values).most_common(1)[0]
    if not value:
        raise RuleBroken(f"有一行没有{label}，请补填")
    if times > 1:
        raise RuleBroken(f"{label} {value} 出现了 {times} 次，请只保留一处")


CHECKS: dict[str, Callable[[Content, Content], Content]] = {
    "calendar": _calendar,
    "score_table": _score_table,
    "catalogue": _catalogue,
}


def rows_of(kind: str, content: Content) -> dict[str, str]:
    """Each row by what names it, in words: what a difference is told by."""
    if kind == "calendar":
        told = {day: "放假" for day in content["days_off"]} | {day: "上班" for day in content["working_days"]}
        return told | {
            str(year): "暂定" if year in content.get("provisional", ()) else "已定" for year in content["years"]
        }
    if kind == "score_table":
        return {
            row["code"]: f"{row['conduct']}（{row['severity']}，{row['points_x10'] / 10:g} 分；{row['basis']}）"
            for row in content["rows"]
        }
    return {item["code"]: f"{item['name']}：{item['text']}" for item in content["items"]}


def difference(kind: str, before: Content, now: Content) -> list[tuple[str, str, str]]:
    """(row, what stood there, what stands there now) of each row that differs; "" where there is none."""
    old, new = rows_of(kind, before), rows_of(kind, now)
    return [(row, old.get(row, ""), new.get(row, "")) for row in sorted(old | new) if old.get(row) != new.get(row)]
