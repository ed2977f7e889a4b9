"""Lists as files: the ledger with columns of 附件3 that the log holds, deductions, registers, the rows of a figure. 清单导出"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, g, request

from application.exchange.problem_rows import COLUMNS
from interface.kit.deadlines import sign_by, signing, soon
from interface.kit.exports.download import Listing, download
from interface.kit.exports.problem_rows import ledger_rows
from interface.kit.labels import word
from interface.kit.security import sign_in_required
from interface.web.deductions import views as deduction_pages
from interface.web.figures import views as figure_pages
from interface.web.problems.views import filters
from interface.web.registers import views as company_pages
from interface.web.tips import views as tip_pages
from projections import problems as problem_ledger
from projections.deductions import CompanyItem, DeductionItem
from projections.figures.definitions import DEFINITIONS
from projections.figures.report import Figure, FigureRow
from projections.problems import ProblemFilter, ProblemItem
from projections.query.page import Page
from projections.registers import EstateItem
from projections.tips import TipItem

bp = Blueprint("listings", __name__)
bp.before_request(sign_in_required)
TIPS = {
    "登记序号": 10, "收到日期": 12, "来源": 12, "镇（街道）": 12, "小区": 18, "初判条目": 22, "交办日期": 12, "签收期限": 12,
    "签收日期": 12, "办理期限": 12, "核查日期": 12, "核查结论": 10, "转出问题": 10, "状态": 10, "备注": 16,
}  # fmt: skip
COMPANIES = {"企业名称": 30, "统一社会信用代码": 22, "服务小区": 10, "在办问题": 10, "已扣分": 8, "信用余分": 10}
ESTATES = {"小区": 22, "镇（街道）": 12, "社区（村）": 14, "类型": 10, "户数": 8, "物业服务企业": 30, "在办问题": 10}
DEDUCTIONS = {
    "提请日期": 12, "企业名称": 30, "情形": 34, "建议分值": 8, "决定分值": 8, "台账编号": 26, "问题标题": 26,
    "提请单位": 12, "状态": 10, "决定日期": 12, "告知单文号": 24, "送达日期": 12, "备注": 24,
}  # fmt: skip
FIGURE_ROWS = {"日期": 12, "类别": 8, "台账编号": 26, "问题标题": 30, "单位": 12, "整治条目": 10, "日志位置": 10}


@bp.get("/problems.<kind>")
def ledger(kind: str) -> Response:
    return download(
        kind, Listing("listings.ledger", "整治工作台账（格式待市专班确认）", COLUMNS, _problems, _of_problems, filters)
    )


def _problems(cursor: Any, number: int, size: int) -> Page[ProblemItem]:
    form = filters(cursor)
    wanted = form.wanted(soon(cursor)) if form.validate() else ProblemFilter()
    return problem_ledger.problems(cursor, g.scope, wanted, day=g.day, at=g.at, order="number", page=number, size=size)


def _of_problems(cursor: Any, items: list[ProblemItem]) -> Iterator[tuple[Any, ...]]:
    return ledger_rows(cursor, g.scope, items, people=g.services.vault.people, at=g.at)


@bp.get("/tips.<kind>")
def tips(kind: str) -> Response:
    """Nothing of what a reporter said: that is no part of the list either."""

    def page(cursor: Any, number: int, size: int) -> Page[TipItem]:
        return tip_pages.listed(cursor, tip_pages.filters(cursor), number, size)

    return download(kind, Listing("listings.tips", "线索清单", TIPS, page, _of_tips, tip_pages.filters))


def _of_tips(cursor: Any, items: list[TipItem]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        tip, late = one.tip, signing(cursor, one.tip)
        yield (
            tip.position,
            tip.received_on,
            word(tip.channel, "channel"),
            one.unit_name,
            one.estate_name,
            one.item_name,
            tip.assigned_on,
            sign_by(cursor, tip),
            tip.acknowledged_on,
            tip.due_on,
            tip.verified_on,
            word(tip.result, "result") if tip.result else None,
            tip.problems,
            word(tip.state, "tip_state"),
            late.word if late and late.tone == "red" else None,
        )


@bp.get("/companies.<kind>")
def companies(kind: str) -> Response:
    form = company_pages.Filters(formdata=request.args)

    def page(cursor: Any, number: int, size: int) -> Page[CompanyItem]:
        return company_pages.listed(cursor, form, number, size)

    return download(
        kind, Listing("listings.companies", "企业清单", COMPANIES, page, _of_companies, lambda _cursor: form)
    )


def _of_companies(_cursor: Any, items: list[CompanyItem]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        left = None if one.balance_x10 is None else one.balance_x10 / 10
        yield one.name, one.code, one.estates, one.open_problems, one.deducted_x10 / 10, left


@bp.get("/estates.<kind>")
def estates(kind: str) -> Response:
    form = company_pages.Filters(formdata=request.args)

    def page(cursor: Any, number: int, size: int) -> Page[EstateItem]:
        return company_pages.estates_listed(cursor, form, number, size)

    return download(kind, Listing("listings.estates", "小区清单", ESTATES, page, _of_estates, lambda _cursor: form))


def _of_estates(_cursor: Any, items: list[EstateItem]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        kind = word(one.kind, "estate_kind")
        yield one.name, one.unit_name, one.community, kind, one.households, one.company_name, one.open_problems


@bp.get("/deductions.<kind>")
def deductions(kind: str) -> Response:
    form = deduction_pages.filters()
    right = form.validate()

    def page(cursor: Any, number: int, size: int) -> Page[DeductionItem]:
        return deduction_pages.listed(cursor, right, number, size)

    return download(
        kind, Listing("listings.deductions", "扣分清单", DEDUCTIONS, page, _of_deductions, lambda _cursor: form)
    )


def _of_deductions(_cursor: Any, items: list[DeductionItem]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        own = one.deduction
        yield (
            own.proposed_on,
            one.company_name,
            one.conduct,
            own.proposed_x10 / 10,
            own.points_x10 / 10 if own.state == "decided" else None,
            one.problem_number,
            one.problem_title,
            one.unit_name,
            word(own.state, "deduction_state"),
            own.decided_on,
            own.document,
            own.served_on,
            own.note,
        )


@bp.get("/figures/weekly.<kind>")
def weekly(kind: str) -> Response:
    return _sheet(kind, "listings.weekly", figure_pages.week(), "周调度表")


@bp.get("/figures/monthly.<kind>")
def monthly(kind: str) -> Response:
    return _sheet(kind, "listings.monthly", figure_pages.month(), "月通报数据表")


def _sheet(kind: str, code: str, period: figure_pages.Period, title: str) -> Response:
    """One row for each town and one for all; rates with what they are made of; what was corrected since."""

    def page(cursor: Any, _number: int, _size: int) -> Page[tuple[Any, ...]]:
        made = figure_pages.sheet(cursor, period)
        rows = [*((name, row) for _code, name, row in made.units), ("合计", made.report.total)]
        return Page([_of_unit(made, name, row) for name, row in rows], len(rows), 1, len(rows))

    columns = {"单位": 14, **{DEFINITIONS[name].title: 14 for name in figure_pages.COLUMNS}, "更正": 30}
    defined = "；".join(f"{DEFINITIONS[name].title}：{DEFINITIONS[name].sentence}" for name in figure_pages.COLUMNS)
    note = f"；期间 {period.start} 至 {period.end}；口径：{defined}"
    name = f"{title} {period.name}（格式待市专班确认）"
    return download(kind, Listing(code, name, columns, page, lambda _cursor, rows: rows, note=note))


def _of_unit(made: figure_pages.Sheet, name: str, row: dict[str, Figure]) -> tuple[Any, ...]:
    figures = [row[one] for one in figure_pages.COLUMNS]
    pairs = [(was, figure) for figure in figures if (was := made.earlier(figure)) is not None]
    mended = "；".join(f"{now.definition.title} {_cell(was)} → {_cell(now)}" for was, now in pairs)
    return name, *map(_cell, figures), mended


def _cell(figure: Figure) -> int | str:
    if figure.denominator is None:
        return figure.numerator
    return f"{figure_pages.said(figure)}（{figure.numerator}/{figure.denominator}）"


@bp.get("/figures/rows.<kind>")
def figure_rows(kind: str) -> Response:
    wanted = figure_pages.wanted_rows()

    def page(cursor: Any, number: int, size: int) -> Page[FigureRow]:
        return figure_pages.counted(cursor, wanted, number, size)

    title = DEFINITIONS[wanted.figure].title if wanted.figure in DEFINITIONS else wanted.figure
    return download(kind, Listing("listings.figure_rows", title, FIGURE_ROWS, page, _of_figure))


def _of_figure(_cursor: Any, rows: list[FigureRow]) -> Iterator[tuple[Any, ...]]:
    for one in rows:
        sort = "问题" if one.kind == "problem" else "线索"
        yield one.day, sort, one.number, one.title, one.unit_name, one.item, one.position
