"""What can be said of a problem, and how it is checked before it is recorded. 问题要素"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.errors import RuleBroken
from domain.text import TITLE, official, optional

KINDS = {"at_once": "立行立改", "by_deadline": "限期整改", "by_plan": "整改计划"}
METHODS = {"on_site": "现场核查", "on_paper": "书面核查"}
CAUSES = {"relapse": "问题反弹", "recheck": "复查不合格", "complaint": "再次投诉", "order": "上级交办"}
FOUND_BY = {"inspection": "监督检查", "sweep": "镇街排查", "self_check": "企业自查", "tip": "线索转办"}
NEEDED = ("title", "item", "estate", "description", "found_on", "kind", "responsible", "owner", "measures", "due_on")
OPTIONAL = ("company", "secondary", "supervisor", "case_leader", "found_by", "source")
STATED = (*NEEDED, *OPTIONAL)  # all that can be corrected
ANY_EVIDENCE = "整改照片或材料"  # of the catalogue: any evidence answers this demand
COMPANY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a company's id; a unit's code has digits only


def checked(stated: dict[str, Any], today: date) -> dict[str, Any]:
    """What is said of a problem, as it is recorded: STATED, None where nothing is said. Raises RuleBroken."""
    if stated["kind"] not in KINDS:
        raise RuleBroken("请选择整改类型")
    if stated.get("found_by") not in (None, "", *FOUND_BY):
        raise RuleBroken("请选择发现途径")
    if stated["found_on"] > today:
        raise RuleBroken(f"发现日期不能晚于今天（{today.isoformat()}）")
    for name, label in (("estate", "小区"), ("responsible", "责任单位"), ("owner", "责任人")):
        if not stated[name]:
            raise RuleBroken(f"请选择{label}")
    if stated["item"] in (stated.get("secondary") or ()):
        raise RuleBroken("次要条目与整治条目相同，请去掉相同的条目")
    return {name: stated.get(name) or None for name in STATED} | {
        "found_on": stated["found_on"].isoformat(),
        "due_on": stated["due_on"].isoformat(),
        "title": official("问题标题", stated["title"], limit=TITLE),
        "description": official("问题描述", stated["description"]),
        "measures": official("整改措施", stated["measures"]),
        "source": optional("来源说明", stated.get("source"), limit=TITLE),
    }


def company_after(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """物业服务企业 of a problem once it is corrected from `before` to `now`, where nobody chose another: a company that is the
    right 责任单位 answers for itself; where a unit is, a company that stood there only because it was thought to be responsible
    has nothing to do with it.
    """
    company: str | None = now["company"]
    was, responsible = before["responsible"], now["responsible"]
    if responsible == was or company != before["company"]:
        return company
    return responsible if COMPANY.fullmatch(responsible) else None if company == was else company


def specific(demanded: Sequence[str]) -> list[str]:
    """The kinds that have to be named: whatever is handed in answers a demand for photos or papers of any kind."""
    return [kind for kind in demanded if kind != ANY_EVIDENCE]


def kinds_shown(shows: Sequence[str], demanded: Sequence[str]) -> list[str] | None:
    """As they are recorded: each once, in the order of the catalogue. Raises RuleBroken."""
    if not set(shows) <= set(demanded):
        raise RuleBroken("材料种类已有变化，请刷新页面后重新勾选")
    return [kind for kind in demanded if kind in shows] or None
