"""导出: the ledger with the filter of the page, as Excel or CSV; columns of 附件3 that the log holds."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, request, send_file
from flask_babel import gettext

from application.exchange.workbook import Paper, as_csv, xlsx
from domain.errors import NotFound
from interface.web.deadlines import soon
from interface.web.problems import filters, names_of
from interface.web.scene import reading
from interface.web.security import sign_in_required
from interface.web.words import word
from projections import adopted, problem_ledger
from projections.page import LARGEST
from projections.problem_ledger import ProblemFilter, ProblemItem

bp = Blueprint("exports", __name__)
bp.before_request(sign_in_required)
COLUMNS = {
    "序号": 6,
    "台账编号": 26,
    "镇（街道）": 12,
    "小区名称": 18,
    "物业服务企业": 24,
    "问题类别": 22,
    "问题条目代码": 8,
    "问题标题": 26,
    "问题描述": 40,
    "发现日期": 12,
    "责任单位": 24,
    "责任人": 10,
    "整改类型": 10,
    "整改措施": 40,
    "完成时限": 12,
    "整改进展": 10,
    "整改完成日期": 12,
    "销号日期": 12,
    "备注": 16,
}
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/problems.<kind>")
def ledger(kind: str) -> Response:
    """At most 20,000 rows; whoever has more narrows the filter."""
    if kind not in TYPES:
        raise NotFound(gettext("没有这种文件格式"))
    paper = _paper()
    content = xlsx(paper) if kind == "xlsx" else as_csv(paper)
    name = f"{'演练-' if g.training else ''}整治工作台账-{g.day.isoformat()}.{kind}"
    response = send_file(BytesIO(content), mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _paper() -> Paper:
    with reading() as cursor:
        form = filters(cursor)
        wanted = form.wanted(soon(cursor)) if form.validate() else ProblemFilter()
        found = problem_ledger.problems(cursor, g.scope, wanted, day=g.day, at=g.at, order="number", size=LARGEST)
        texts = problem_ledger.texts(cursor, g.scope, at=g.at)
        categories = {one.code: one.category_name for one in adopted.catalogue(cursor, at=g.at)}
        position = g.at or _position(cursor)
    title = "整治工作台账（格式待市专班确认）" + ("【演练】" if g.training else "")
    said = "，".join(f"{name}={value}" for name, value in request.args.items(multi=True) if value and name != "page")
    footer = f"筛选：{said or '全部'}；截至 {g.day.isoformat()}，日志第 {position} 条；共 {found.total} 条"
    rows = _rows(found.rows, texts, categories)
    return Paper(title, g.people.unit(g.actor.unit), g.day, list(COLUMNS), list(COLUMNS.values()), rows, footer)


def _position(cursor: Any) -> int:
    cursor.execute("SELECT coalesce(min(position), 0) FROM read.projection_position")
    return cursor.fetchone()[0]


def _rows(items: list[ProblemItem], texts: Any, categories: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    owners = names_of(item.problem.owner for item in items)
    for number, item in enumerate(items, 1):
        problem, text = item.problem, texts.get(item.id)
        yield (
            number,
            problem.number,
            item.unit_name,
            item.estate_name,
            item.company_name,
            categories.get(problem.item),
            problem.item,
            problem.title,
            text.description if text else None,
            problem.found_on,
            item.responsible_name,
            owners.get(problem.owner),
            word(problem.kind, "kind"),
            text.measures if text else None,
            problem.due_on,
            word(problem.state, "problem_state"),
            problem.completed_on,
            problem.closed_on,
            f"逾期 {item.overdue_days} 日" if item.overdue_days else None,
        )
