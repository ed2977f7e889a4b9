"""更正: a period's figures as they were known when it ended, beside what is known now, and why they differ.

Only figures of problems: which town a tip counts for follows its assignment, so those change in the ordinary course.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from domain.errors import NotFound
from projections.figures import report as statistics
from projections.figures.definitions import DEFINITIONS
from projections.figures.report import Figure, Report
from projections.query.as_of import alive, position_at, until
from projections.query.page import fetch
from projections.query.scope import Scope

MENDED = tuple(name for name, definition in DEFINITIONS.items() if definition.numerator.kind == "problem")


class Revoked(NamedTuple):
    """A close-out of the period or before it, which was revoked after the period had ended."""

    problem: str
    number: str
    title: str
    unit_name: str | None
    closed_on: date
    revoked_on: str
    reason: str
    position: int


class Voided(NamedTuple):
    """A problem that was entered in the period or before it, and voided after the period had ended."""

    problem: str
    number: str
    title: str
    unit_name: str | None
    opened_on: date
    voided_on: str
    reason: str
    position: int


class Corrections(NamedTuple):
    """`was` is the report as known when its period ended, at position `was.at`."""

    was: Report
    now: Report
    revoked: list[Revoked]
    voided: list[Voided]

    def earlier(self, figure: Figure) -> Figure | None:
        """What a figure of the present report was, if it was another; `figure` may be of the whole, a unit or an item."""
        if figure.name not in MENDED:
            return None
        before = _of(self.was, figure.filter.unit, figure.filter.item).get(figure.name)
        return before if before is not None and _differs(before, figure) else None

    @property
    def changed(self) -> list[tuple[Figure, Figure]]:
        """(was, is) of every figure of the whole that is another now."""
        pairs = [(self.was.total[name], self.now.total[name]) for name in MENDED]
        return [(was, now) for was, now in pairs if _differs(was, now)]


def _differs(was: Figure, now: Figure) -> bool:
    return (was.numerator, was.denominator) != (now.numerator, now.denominator)


def _of(report: Report, unit: str | None, item: str | None) -> dict[str, Figure]:
    if unit is not None:
        return report.by_unit.get(unit, {})
    return report.by_item.get(item, {}) if item is not None else report.total


def corrections(cursor: Any, scope: Scope, report: Report, *, at: int | None = None) -> Corrections | None:
    """None while the period lasts, or if nothing was in the log when it ended."""
    if report.cut_off < report.end:
        return None
    try:
        ended, day = position_at(cursor, report.end.isoformat(), report.end)
    except NotFound:
        return None
    if ended >= report.at:
        return None
    was = statistics.report(cursor, scope, report.start, report.end, day=day, at=ended)
    return Corrections(
        was, report, _revoked(cursor, scope, report.end, ended, at), _voided(cursor, scope, report.end, ended, at)
    )


def _revoked(cursor: Any, scope: Scope, end: date, ended: int, at: int | None) -> list[Revoked]:
    query = f"""SELECT p.key, p.number, p.title, u.short_name, f.day, h.day, h.data::json ->> 'reason', a.since
        FROM read.annulment a
        JOIN read.countable f ON f.matter = a.matter AND f.version = a.version AND f.topic = 'problem.closed'
        JOIN read.problem p ON p.key = a.matter AND {alive(at, "p")} AND {scope.sql("p.unit")}
        JOIN read.happening h ON h.stream = a.matter AND h.since = a.since
        LEFT JOIN read.unit u ON u.key = p.unit AND {alive(at, "u")}
        WHERE a.since > %(ended)s AND {until(at, "a")} AND f.day <= %(end)s AND f.since <= %(ended)s ORDER BY a.since"""
    return fetch(cursor, query, {"ended": ended, "end": end, **scope.bound}, Revoked)


def _voided(cursor: Any, scope: Scope, end: date, ended: int, at: int | None) -> list[Voided]:
    query = f"""SELECT p.key, p.number, p.title, u.short_name, p.opened_on, h.day, h.data::json ->> 'reason', h.since
        FROM read.happening h JOIN read.problem p ON p.key = h.stream AND {alive(at, "p")} AND {scope.sql("p.unit")}
        LEFT JOIN read.unit u ON u.key = p.unit AND {alive(at, "u")}
        WHERE h.topic = 'problem.voided' AND h.since > %(ended)s AND {until(at, "h")} AND p.opened_on <= %(end)s
            AND p.position <= %(ended)s ORDER BY h.since"""
    return fetch(cursor, query, {"ended": ended, "end": end, **scope.bound}, Voided)
