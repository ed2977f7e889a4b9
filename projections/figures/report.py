"""周调度与月通报的数: every figure is a function of (definition@version, scope, position, day), and opens exactly its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.errors import NotFound
from projections.figures.definitions import DEFINITIONS, Definition, Part
from projections.query.as_of import alive
from projections.query.page import Page, fetch, fetch_page
from projections.query.scope import Scope


@dataclass(frozen=True)
class FigureFilter:
    """Which rows: of a figure's numerator or denominator, in a period, of one very unit and item ("" = of none; None = all)."""

    figure: str
    start: date
    end: date
    part: str = "numerator"
    unit: str | None = None
    item: str | None = None

    def sql(self) -> str:
        unit = "AND unit = %(unit)s" if self.unit is not None else ""
        item = "AND coalesce(item, '') = %(item)s" if self.item is not None else ""
        return f"true {unit} {item}"


class Figure(NamedTuple):
    """`value` is a count, or a rate in tenths of a percent rounded half up (None: nothing to divide by).

    `at` is the position it was taken at and `day` its cut-off; `statistics.rows(cursor, scope, filter, day=day, at=at)` are its
    rows, and their number is `numerator`. `denominator` is None for counts.
    """

    name: str
    value: int | None
    numerator: int
    denominator: int | None
    definition: Definition
    version: int
    at: int
    day: date
    filter: FigureFilter


class Report(NamedTuple):
    """`total` by name of the figure; `by_unit` by code of the unit; `by_item` by code of the item ("" = none yet)."""

    start: date
    end: date
    cut_off: date
    at: int
    total: dict[str, Figure]
    by_unit: dict[str, dict[str, Figure]]
    by_item: dict[str, dict[str, Figure]]


def week_period(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week like 2026-W12. Raises NotFound."""
    try:
        year, _, number = week.partition("-W")
        monday = date.fromisocalendar(_year(year), int(number), 1)
        return monday, monday + timedelta(days=6)
    except (ValueError, OverflowError):
        raise NotFound("周次请写成 2026-W12 这样") from None


def month_period(month: str, *, report_day: int | None = None) -> tuple[date, date]:
    """First and last day of a month like 2026-03; with a report day of 20, 02-21 to 03-20. Raises NotFound."""
    try:
        year, _, number = month.partition("-")
        first = date(_year(year), int(number), 1)
        before, after = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise NotFound("月份请写成 2026-03 这样") from None
    if report_day is None:
        return first, after - timedelta(days=1)
    return before.replace(day=report_day) + timedelta(days=1), first.replace(day=report_day)


def _year(text: str) -> int:
    """A year that this campaign can be in. Raises ValueError."""
    if not 2000 <= (year := int(text)) <= 2100:
        raise ValueError(text)
    return year


def position(cursor: Any, at: int | None) -> int:
    """Up to which position of the log the read models say something; at most `at`."""
    cursor.execute("SELECT coalesce(min(position), 0) FROM read.projection_position")
    (folded,) = cursor.fetchone()
    return folded if at is None else min(at, folded)


def weekly(cursor: Any, scope: Scope, week: str, *, day: date, at: int | None = None) -> Report:
    return report(cursor, scope, *week_period(week), day=day, at=at)


def monthly(
    cursor: Any, scope: Scope, month: str, *, report_day: int | None = None, day: date, at: int | None = None
) -> Report:
    """`report_day` at most 28; None = the calendar month."""
    return report(cursor, scope, *month_period(month, report_day=report_day), day=day, at=at)


def report(cursor: Any, scope: Scope, start: date, end: date, *, day: date, at: int | None = None) -> Report:
    """All figures of a period. The cut-off is its end, or `day` if that is earlier."""
    cut_off = min(end, day)
    counts, position = _counts(cursor, scope, {"start": start, "cut_off": cut_off}, at)

    def figures(unit: str | None, item: str | None) -> dict[str, Figure]:
        made = {}
        for name, definition in DEFINITIONS.items():
            numerator = counts.get((name, "numerator", unit, item), 0)
            below = counts.get((name, "denominator", unit, item), 0) if definition.denominator else None
            wanted = FigureFilter(name, start, end, unit=unit, item=item)
            value = _value(numerator, below)
            made[name] = Figure(
                name, value, numerator, below, definition, definition.version, position, cut_off, wanted
            )
        return made

    units = sorted({unit for _, _, unit, _ in counts if unit is not None} | _towns(cursor, scope, at))
    items = sorted({item for _, _, _, item in counts if item is not None})
    by_unit, by_item = {unit: figures(unit, None) for unit in units}, {item: figures(None, item) for item in items}
    return Report(start, end, cut_off, position, figures(None, None), by_unit, by_item)


def _value(numerator: int, below: int | None) -> int | None:
    if below is None:
        return numerator
    return (numerator * 2000 + below) // (2 * below) if below else None


Counts = dict[tuple[str, str, str | None, str | None], int]


def _counts(cursor: Any, scope: Scope, bound: dict[str, Any], at: int | None) -> tuple[Counts, int]:
    """Every part in all, by unit and by item, with the position, in one statement: one snapshot."""
    parts = [(d.name, name, part) for d in DEFINITIONS.values() for name, part in _parts(d)]
    selects = [
        f"""SELECT '{figure}', '{name}', unit, item, count(*) FROM
            (SELECT unit, coalesce(item, '') AS item FROM ({part.sql(scope, at)}) x) y
            GROUP BY GROUPING SETS ((), (unit), (item))"""
        for figure, name, part in parts
    ]
    selects.append("SELECT '', '', NULL, NULL, coalesce(min(position), 0) FROM read.projection_position")
    cursor.execute(" UNION ALL ".join(selects), {**bound, **scope.bound})
    counts = {(figure, name, unit, item): number for figure, name, unit, item, number in cursor.fetchall()}
    position = counts.pop(("", "", None, None))
    return counts, position if at is None else min(at, position)


def _parts(definition: Definition) -> list[tuple[str, Part]]:
    parts = [("numerator", definition.numerator), ("denominator", definition.denominator)]
    return [(name, part) for name, part in parts if part is not None]


def _towns(cursor: Any, scope: Scope, at: int | None) -> set[str]:
    cursor.execute(
        f"SELECT code FROM read.unit u WHERE {alive(at, 'u')} AND kind = 'town' AND {scope.sql('code')}", scope.bound
    )
    return {code for (code,) in cursor.fetchall()}


class FigureRow(NamedTuple):
    """A matter that a figure counts. `kind` is tip | problem; `position` the place in the log of what is counted."""

    kind: str
    id: str
    unit: str
    unit_name: str | None
    item: str | None
    day: date | None
    position: int
    number: str | None
    title: str | None


def rows(
    cursor: Any,
    scope: Scope,
    wanted: FigureFilter,
    *,
    day: date,
    at: int | None = None,
    page: int = 1,
    size: int = 20,
) -> Page[FigureRow]:
    """Exactly the rows a figure counts. Raises NotFound if there is no such figure or part."""
    part = dict(_parts(DEFINITIONS[wanted.figure])).get(wanted.part) if wanted.figure in DEFINITIONS else None
    if part is None:
        raise NotFound("没有这项数据，请从周报或月报中点开")
    query = f"""SELECT x.kind, x.key, x.unit, u.short_name, x.item, x.day, x.position, p.number, p.title
        FROM (SELECT * FROM ({part.sql(scope, at)}) x WHERE {wanted.sql()}) x
        LEFT JOIN read.unit u ON u.key = x.unit AND {alive(at, "u")}
        LEFT JOIN read.problem p ON p.key = x.key AND {alive(at, "p")} ORDER BY x.day, x.position"""
    bound = {**vars(wanted), "cut_off": min(wanted.end, day), **scope.bound}
    return fetch_page(cursor, query, bound, FigureRow, page=page, size=size)


TREND = ("tips_new", "tips_verified", "problems_opened", "problems_closed")


class TrendPoint(NamedTuple):
    """One ISO week: Monday, and the counts of TREND."""

    start: date
    counts: dict[str, int]


def trend(cursor: Any, scope: Scope, *, weeks: int = 12, day: date, at: int | None = None) -> list[TrendPoint]:
    """The last weeks up to the one that `day` is in, for the chart."""
    monday = day - timedelta(days=day.weekday())
    start = monday - timedelta(weeks=weeks - 1)
    parts = [(name, DEFINITIONS[name].numerator) for name in TREND]
    query = " UNION ALL ".join(
        f"SELECT '{name}', date_trunc('week', day)::date, count(*) FROM ({part.sql(scope, at)}) x GROUP BY 2"
        for name, part in parts
    )
    found = fetch(cursor, query, {"start": start, "cut_off": day, **scope.bound}, lambda *columns: columns)
    counts = {(name, week): number for name, week, number in found}
    mondays = [start + timedelta(weeks=number) for number in range(weeks)]
    return [TrendPoint(week, {name: counts.get((name, week), 0) for name in TREND}) for week in mondays]
