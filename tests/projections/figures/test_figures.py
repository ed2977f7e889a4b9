"""Every figure opens exactly its rows, and parts add up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotFound
from projections.figures import corrections
from projections.figures import report as statistics
from projections.figures.corrections import MENDED
from projections.figures.definitions import DEFINITIONS
from projections.figures.report import FigureFilter, month_period, week_period
from projections.query.scope import Scope
from tests.bench.generate import TOWNS
from tests.projections.worlds import LATER, cursor_on

DAYS = st.dates(date(2025, 7, 1), date(2026, 12, 31))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    days=st.tuples(DAYS, DAYS),
    day=DAYS,
    unit=st.sampled_from([None, "320581", *TOWNS[:3]]),
    at=st.one_of(st.none(), st.integers(500, LATER)),
)
def test_a_figure_is_the_number_of_its_rows_and_the_sum_of_its_parts(days, day, unit, at):
    with cursor_on(LATER) as cursor:
        report = statistics.report(cursor, Scope(unit), min(days), max(days), day=day, at=at)

        for name, figure in report.total.items():
            assert figure.numerator == sum(row[name].numerator for row in report.by_unit.values())
            assert figure.numerator == sum(row[name].numerator for row in report.by_item.values())
            page = statistics.rows(cursor, Scope(unit), figure.filter, day=day, at=figure.at, size=1)
            assert page.total == figure.numerator


def test_a_cell_of_the_table_opens_its_own_rows():
    with cursor_on(LATER) as cursor:
        report = statistics.report(cursor, Scope.all(), date(2025, 7, 3), date(2026, 12, 31), day=date(2026, 12, 31))
        cells = [row[name] for row in (*report.by_unit.values(), *report.by_item.values()) for name in ("tips_open",)]
        assert sum(cell.numerator for cell in cells) > 0

        for cell in cells:
            page = statistics.rows(cursor, Scope.all(), cell.filter, day=cell.day, at=cell.at, size=1_000)
            assert page.total == len(page.rows) == cell.numerator


def test_a_rate_names_both_its_parts():
    with cursor_on(LATER) as cursor:
        rate = statistics.report(
            cursor, Scope.all(), date(2025, 7, 3), date(2026, 12, 31), day=date(2026, 12, 31)
        ).total["pass_rate"]
        below = FigureFilter("pass_rate", rate.filter.start, rate.filter.end, "denominator")

        assert 0 < rate.numerator < rate.denominator
        assert rate.value == round(rate.numerator / rate.denominator * 1000)
        assert statistics.rows(cursor, Scope.all(), below, day=rate.day, at=rate.at).total == rate.denominator


def test_a_revoked_close_out_counts_as_known_then_and_not_since():
    whole = date(2025, 7, 3), date(2026, 12, 31)
    with cursor_on(LATER) as cursor:
        cursor.execute("SELECT since FROM read.happening WHERE topic = 'problem.closure_revoked' LIMIT 1")
        [(revoked,)] = cursor.fetchall()
        before, after = (
            statistics.report(cursor, Scope.all(), *whole, day=whole[1], at=at).total for at in (revoked - 1, revoked)
        )

    assert after["problems_closed"].value == before["problems_closed"].value - 1
    assert after["closures_revoked"].value == before["closures_revoked"].value + 1
    assert after["problems_open"].value == before["problems_open"].value + 1


@pytest.mark.parametrize(
    ("month", "report_day", "first", "last"),
    [
        ("2026-03", None, "2026-03-01", "2026-03-31"),
        ("2026-03", 20, "2026-02-21", "2026-03-20"),
        ("2026-01", 20, "2025-12-21", "2026-01-20"),
        ("2024-02", None, "2024-02-01", "2024-02-29"),
        ("2025-12", None, "2025-12-01", "2025-12-31"),
    ],
)
def test_a_month_may_end_on_the_report_day(month, report_day, first, last):
    assert month_period(month, report_day=report_day) == (date.fromisoformat(first), date.fromisoformat(last))


def test_weeks_are_iso_weeks():
    assert week_period("2026-W53") == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-W54", "2026-W00", "x-W1", "99999-W01", "0001-W01", "9999-W51", "0001-03", "2026-13", "0000-01"],
)
def test_what_is_no_period_is_refused_in_so_many_words(text):
    with pytest.raises(NotFound, match="请写成"):
        week_period(text) if "W" in text else month_period(text)


def test_an_unknown_figure_has_no_rows():
    wanted = FigureFilter("tips_new; DROP TABLE", date(2026, 1, 1), date(2026, 1, 2))
    with cursor_on(LATER) as cursor, pytest.raises(NotFound):
        statistics.rows(cursor, Scope.all(), wanted, day=date(2026, 1, 1))


def test_every_definition_says_what_it_counts():
    assert all(definition.sentence and definition.title for definition in DEFINITIONS.values())


def happened(cursor, topic):
    """(position, problem, day) of every event of this type."""
    cursor.execute("SELECT since, stream, day::date FROM read.happening WHERE topic = %s ORDER BY since", (topic,))
    return cursor.fetchall()


def of_problems(report):
    return {name: figure[1:4] for name, figure in report.total.items() if name in MENDED}


def test_a_week_that_is_over_is_not_changed_by_a_later_reopening():
    with cursor_on(LATER) as cursor:
        for position, _problem, day in happened(cursor, "problem.reopened")[:5]:
            start, end = day - timedelta(14), day - timedelta(1)
            before, after = (
                statistics.report(cursor, Scope.all(), start, end, day=day, at=at) for at in (position - 1, position)
            )
            assert of_problems(before) == of_problems(after)


def test_a_revoked_close_out_corrects_the_week_it_was_counted_in():
    with cursor_on(LATER) as cursor:
        [(position, problem, day), *_] = happened(cursor, "problem.closure_revoked")
        [closed] = [d for p, matter, d in happened(cursor, "problem.closed") if matter == problem and p < position][-1:]
        report = statistics.report(cursor, Scope.all(), closed, closed, day=day, at=position)
        found = corrections.corrections(cursor, Scope.all(), report, at=position)

        changed = {now.name: (was.numerator, now.numerator) for was, now in found.changed}
        assert problem in [one.problem for one in found.revoked]
        assert changed["problems_closed"] == (
            report.total["problems_closed"].numerator + 1,
            changed["problems_closed"][1],
        )
        unit = statistics.rows(cursor, Scope.all(), found.was.total["problems_closed"].filter, day=day, at=found.was.at)
        assert problem in [row.id for row in unit.rows]


def test_while_a_period_lasts_nothing_is_corrected():
    with cursor_on(LATER) as cursor:
        report = statistics.report(cursor, Scope.all(), date(2025, 7, 3), date(2027, 1, 1), day=date(2026, 1, 1))
        assert corrections.corrections(cursor, Scope.all(), report) is None


def test_what_nobody_touched_for_seven_days_is_stuck():
    with cursor_on(LATER) as cursor:
        cursor.execute("SELECT max(day)::date + 4 FROM read.happening")
        [(day,)] = cursor.fetchall()
        figures = statistics.report(cursor, Scope.all(), day, day, day=day).total
        stuck = statistics.rows(cursor, Scope.all(), figures["problems_stuck"].filter, day=day, size=5_000)
        still = statistics.rows(cursor, Scope.all(), figures["problems_open"].filter, day=day, size=5_000)
        cursor.execute(
            """SELECT DISTINCT stream FROM read.happening WHERE day::date BETWEEN %s AND %s
            AND topic <> 'problem.urged'""",
            (day - timedelta(6), day),
        )
        touched = {stream for (stream,) in cursor.fetchall()}

    assert {row.id for row in stuck.rows} == {row.id for row in still.rows} - touched
    assert 0 < stuck.total < still.total
