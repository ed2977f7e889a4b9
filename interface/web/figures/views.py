"""统计分析: weekly and monthly figures; every number opens exactly the rows that make it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.days import is_meant
from domain.errors import NotFound
from interface.i18n.locales import N_
from interface.kit.fields import Choice
from interface.kit.filters import FilterForm
from interface.kit.labels import item_label, item_name
from interface.kit.request_context import page_number, reading
from interface.kit.security import sign_in_required
from interface.web.log import publication_text
from projections import documents as adopted
from projections import registers
from projections.figures import report as statistics
from projections.figures.corrections import Corrections, corrections
from projections.figures.definitions import DEFINITIONS
from projections.figures.report import Figure, FigureFilter, FigureRow, Report
from projections.query.page import SIZE, Page
from projections.query.scope import Scope

bp = Blueprint("figures", __name__, url_prefix="/figures")
bp.before_request(sign_in_required)

STRIP = (
    ("tips_new", "blue"),
    ("problems_opened", "blue"),
    ("problems_closed", "green"),
    ("problems_open", "amber"),
    ("problems_overdue", "red"),
    ("problems_stuck", "amber"),
    ("close_rate", "green"),
)
COLUMNS = (
    "tips_new",
    "tips_verified",
    "problems_opened",
    "problems_closed",
    "closures_refused",
    "closures_revoked",
    "problems_voided",
    "problems_open",
    "problems_overdue",
    "problems_stuck",
    "extensions_granted",
    "problems_urged",
    "close_rate",
    "on_time_rate",
)
WEEKS = 12
SERIES = {
    "tips_new": N_("新增线索"),
    "tips_verified": N_("核查办结线索"),
    "problems_opened": N_("新增问题"),
    "problems_closed": N_("销号问题"),
}


class Filters(FilterForm):
    unit = Choice(_("镇（街道）"), needed=False, empty=_("全部"))


class Period(NamedTuple):
    """A week or a month: its name in the address, the ones beside it (none after the present one), what it is called, its
    first and last day."""

    argument: str
    name: str
    before: str
    after: str | None
    words: str
    start: date
    end: date


class Sheet(NamedTuple):
    """The figures of a period, with (code, name, figures) of each unit, and what was corrected since."""

    report: Report
    form: Filters
    scope: Scope
    units: list[tuple[str, str, dict[str, Figure]]]
    mended: Corrections | None

    def earlier(self, figure: Figure) -> Figure | None:
        """What was known of it when the period ended, if that was something else."""
        return self.mended.earlier(figure) if self.mended else None


@bp.get("/weekly")
def weekly() -> Any:
    return _page(week())


@bp.get("/monthly")
def monthly() -> Any:
    return _page(month())


def week() -> Period:
    """The week that the address names, or the present one. Raises NotFound."""
    name = request.args.get("week") or _week_of(g.day)
    start, end = _begun(*statistics.week_period(name))
    before, after = _week_of(start - timedelta(7)), _week_of(start + timedelta(7))
    return Period("week", name, before, after if end < g.day else None, gettext("周调度"), start, end)


def month() -> Period:
    """The month that the address names, or the present one. Raises NotFound."""
    name = request.args.get("month") or f"{g.day:%Y-%m}"
    start, end = _begun(*statistics.month_period(name))
    before, after = start - timedelta(1), end + timedelta(1)
    return Period(
        "month", name, f"{before:%Y-%m}", f"{after:%Y-%m}" if end < g.day else None, gettext("月通报"), start, end
    )


def _begun(start: date, end: date) -> tuple[date, date]:
    """Figures of days to come would be noughts that somebody takes for true."""
    if start > g.day:
        raise NotFound(gettext("这一期从 %(day)s 才开始，还没有数据；请选择较早的一期", day=start))
    return start, end


def _week_of(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def sheet(cursor: Any, period: Period) -> Sheet:
    """In one's own scope or, within it, the town that the address names."""
    towns = {one.code: one.short_name for one in registers.units(cursor, g.scope, kind="town", at=g.at)}
    form = _filters(towns)
    scope = _scope(form)
    report = statistics.report(cursor, scope, period.start, period.end, day=g.day, at=g.at)
    units = [(code, name, report.by_unit[code]) for code, name in towns.items() if code in report.by_unit]
    mended = corrections(cursor, scope, report, at=g.at)
    return Sheet(report, form, scope, [*units, *_elsewhere(report, towns)], mended)


def _page(period: Period) -> Any:
    with reading() as cursor:
        made = sheet(cursor, period)
        report = made.report
        points = statistics.trend(cursor, made.scope, weeks=WEEKS, day=report.cut_off, at=g.at)
        items = {one.code: item_name(one.name) for one in adopted.catalogue(cursor, day=g.day, at=g.at)}
    shown = {
        "period": period,
        "report": report,
        "form": made.form,
        "strip": [(report.total[name], tone) for name, tone in STRIP],
        "columns": [DEFINITIONS[name] for name in COLUMNS],
        "names": COLUMNS,
        "units": made.units,
        "items": [(code, items.get(code) or gettext("尚未定条目"), report.by_item[code]) for code in report.by_item],
        "points": points,
        "series": SERIES,
        "chart": _chart(points),
        "address": lambda figure, as_of=None: _address(figure.filter, made.form, as_of),
        "week_address": lambda name, point: _address(_of_week(name, point, report.cut_off), made.form, None),
        "mended": made.mended,
        "earlier": made.earlier,
        "said": said,
        "checkpoint": publication_text.newest(),
    }
    return render_template("figures/report.html", **shown)


def _filters(towns: dict[str, str]) -> Filters:
    """Towns are only offered to whoever sees several."""
    form = Filters(formdata=request.args)
    form.unit.choices = list(towns.items())
    if len(towns) < 2:
        del form.unit
    elif not form.validate():
        raise NotFound(gettext("没有这个镇（街道）"))
    return form


def _scope(form: Filters) -> Scope:
    """One's own, or within it the town that was chosen."""
    chosen = form._fields.get("unit")
    return Scope(chosen.data) if chosen is not None and chosen.data else g.scope


def _elsewhere(report: Report, towns: dict[str, str]) -> list[tuple[str, str, dict[str, Figure]]]:
    """What lies with no town yet: the city's desk holds it."""
    return [(code, g.people.unit(code), row) for code, row in report.by_unit.items() if code not in towns]


def said(figure: Figure) -> str:
    """A count as it is, a rate as a share; a dash where there is nothing to divide by."""
    if figure.denominator is None:
        return str(figure.numerator)
    return "—" if figure.value is None else f"{figure.value / 10:.1f}%"


def _of_week(name: str, point: statistics.TrendPoint, cut_off: date) -> FigureFilter:
    return FigureFilter(name, point.start, min(point.start + timedelta(6), cut_off))


def _address(wanted: FigureFilter, form: Filters, as_of: str | None) -> str:
    """The rows of exactly this figure, as the page knows them or as they were known on another day."""
    chosen = form._fields.get("unit")
    asked = {
        "figure": wanted.figure,
        "start": wanted.start,
        "end": wanted.end,
        "unit": wanted.unit,
        "item": wanted.item,
        "within": chosen.data if chosen is not None and chosen.data else None,
        "as_of": as_of or request.args.get("as_of"),
    }
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    return url_for(".rows", **given)


def _chart(points: list[statistics.TrendPoint]) -> str:
    """What charts.js draws; the same numbers stand in the table below it."""
    weeks = [f"{point.start:%m-%d}" for point in points]
    series = [
        {"name": gettext(words), "data": [point.counts[name] for point in points]} for name, words in SERIES.items()
    ]
    return json.dumps({"weeks": weeks, "series": series}, ensure_ascii=False)


def counted(cursor: Any, wanted: FigureFilter, number: int, size: int = SIZE) -> Page[FigureRow]:
    """The rows of a figure, in one's own scope or, within it, the town that the address names."""
    within = request.args.get("within")
    scope = Scope(within) if within and g.scope.covers(within) else g.scope
    return statistics.rows(cursor, scope, wanted, day=g.day, at=g.at, page=number, size=size)


@bp.get("/rows")
def rows() -> Any:
    wanted = wanted_rows()
    with reading() as cursor:
        page = counted(cursor, wanted, page_number())
        position = statistics.position(cursor, g.at)
        items = {one.code: item_label(one) for one in adopted.catalogue(cursor, day=g.day, at=g.at)}
    shown = {"definition": DEFINITIONS[wanted.figure], "cut_off": min(wanted.end, g.day), "position": position}
    shown["items"] = items
    return render_template("figures/rows.html", page=page, wanted=wanted, **shown)


def wanted_rows() -> FigureFilter:
    """The figure, part and period that the address names. Raises NotFound."""
    given = request.args
    try:
        start, end = date.fromisoformat(given["start"]), date.fromisoformat(given["end"])
        if not (is_meant(start) and is_meant(end)):
            raise ValueError(given["start"])
        return FigureFilter(
            given["figure"],
            start,
            end,
            part=given.get("part", "numerator"),
            unit=given.get("unit"),
            item=given.get("item"),
        )
    except (KeyError, ValueError):
        raise NotFound(gettext("没有这项数据，请从周报或月报中点开")) from None
