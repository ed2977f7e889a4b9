"""What holds of every query: nobody sees another town's rows, and as of a position means what it said when it was the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from inspect import getmembers, isfunction, signature
from typing import Any

import pytest

from projections import deductions as credit
from projections import documents as adopted
from projections import problems as problem_ledger
from projections import receipts, registers, timeline, todo
from projections import tips as tips_desk
from projections.deductions import DeductionFilter
from projections.figures import corrections
from projections.figures import report as statistics
from projections.figures.definitions import DEFINITIONS
from projections.figures.report import FigureFilter
from projections.problem_filter import ProblemFilter
from projections.query.page import Page, walk
from projections.query.scope import Scope
from projections.tip_filter import TipFilter
from tests.bench.generate import TOWNS
from tests.projections.worlds import EARLIER, LATER, cursor_on, some, strings

TOWN = TOWNS[2]
DAY = date(2026, 2, 1)
START, END = date(2025, 7, 3), date(2026, 12, 31)
ROLES = tuple(todo.CARDS)
Asked = Callable[[Any, Scope, int | None], Any]


def of_some(table: str, query: Callable[..., Any], *also: Any, **more: Any) -> Asked:
    """The query for a few matters of the town and of every other unit."""

    def ask(cursor: Any, scope: Scope, at: int | None) -> Any:
        units = (TOWN, TOWNS[0], TOWNS[5], "320581")
        ids = [id for unit in units for id in some(cursor, table, unit, at)]
        return [query(cursor, scope, id, *also, at=at, **more) for id in ids]

    return ask


def figure_rows(cursor: Any, scope: Scope, at: int | None) -> Any:
    parts = [(name, part) for name in DEFINITIONS for part in ("numerator", "denominator")]
    wanted = [FigureFilter(*pair[:1], START, END, pair[1]) for pair in parts if pair[1] == "numerator"]
    wanted += [FigureFilter(name, START, END, "denominator") for name, d in DEFINITIONS.items() if d.denominator]
    return [statistics.rows(cursor, scope, one, day=DAY, at=at, size=5_000) for one in wanted]


def mended(cursor: Any, scope: Scope, at: int | None) -> Any:
    report = statistics.report(cursor, scope, START, START + timedelta(60), day=END, at=at)
    return corrections.corrections(cursor, scope, report, at=at)


def card_rows(cursor: Any, scope: Scope, at: int | None) -> Any:
    cards = [
        card
        for role in ROLES
        for card in todo.cards(cursor, scope, role, day=DAY, soon=END, unsigned_before=END, at=at)
    ]
    return [todo.rows(cursor, scope, card, day=DAY, at=at, size=5_000) for card in cards]


def balances(cursor: Any, scope: Scope, at: int | None) -> Any:
    companies = credit.companies(cursor, scope, day=END, at=at, size=100)
    return [credit.balance(cursor, scope, company.id, day=END, at=at) for company in companies.rows]


def plain(query: Callable[..., Any], *also: Any, **more: Any) -> Asked:
    return lambda cursor, scope, at: query(cursor, scope, *also, at=at, **more)


QUERIES: dict[str, Asked] = {
    "registers.units": plain(registers.units),
    "registers.officials": plain(registers.officials),
    "registers.estates": plain(registers.estates, size=5_000),
    "registers.estate": of_some("estate", registers.estate),
    "registers.imports": plain(registers.imports),
    "registers.batch_of": of_some("tip", registers.batch_of),
    "tips.tips": plain(tips_desk.tips, day=DAY, size=5_000),
    "tips.count": plain(tips_desk.count, TipFilter(overdue=True), day=DAY),
    "tips.tip": of_some("tip", tips_desk.tip, day=DAY),
    "tips.ids": plain(tips_desk.ids, size=5_000),
    "tips.neighbours": plain(tips_desk.neighbours, TipFilter(), 1_500, day=DAY),
    "problems.problems": plain(problem_ledger.problems, day=DAY, size=5_000),
    "problems.count": plain(problem_ledger.count, ProblemFilter(overdue=True), day=DAY),
    "problems.problem": of_some("problem", problem_ledger.problem, day=DAY),
    "problems.texts": of_some("problem", lambda c, scope, id, at: problem_ledger.texts(c, scope, [id], at=at)),
    "problems.neighbours": plain(problem_ledger.neighbours, ProblemFilter(), 1_500, day=DAY),
    "deductions.deductions": plain(credit.deductions, size=5_000),
    "deductions.count": plain(credit.count, DeductionFilter(states=("proposed",))),
    "deductions.deduction": of_some("deduction", credit.deduction),
    "deductions.balance": balances,
    "deductions.companies": plain(credit.companies, day=END, size=100),
    "timeline.of_matter": of_some("problem", timeline.of_matter),
    "timeline.of_matter (tip)": of_some("tip", timeline.of_matter),
    "timeline.of_matter (deduction)": of_some("deduction", timeline.of_matter),
    "timeline.latest": plain(timeline.latest, topics=("problem.closed", "tip.assigned", "tip.returned"), size=500),
    "report.report": plain(statistics.report, START, END, day=DAY),
    "report.weekly": plain(statistics.weekly, "2025-W40", day=DAY),
    "report.monthly": plain(statistics.monthly, "2025-10", report_day=20, day=DAY),
    "corrections.corrections": mended,
    "report.rows": figure_rows,
    "report.trend": plain(statistics.trend, day=DAY),
    "todo.cards": lambda c, scope, at: [todo.cards(c, scope, role, day=DAY, soon=END, at=at) for role in ROLES],
    "todo.number": lambda c, scope, at: [todo.number(c, scope, role, bool, day=DAY, at=at) for role in ROLES],
    "todo.rows": card_rows,
}  # fmt: skip
PRESENT_ONLY: dict[str, Asked] = {
    "receipts.receipt": lambda c, scope, _: [
        receipts.receipt(c, scope, position, "nobody") for position in range(450, 1_500)
    ],
    "receipts.of_matter": of_some("tip", lambda cursor, scope, id, at: receipts.of_matter(cursor, scope, id)),
}
each_query = pytest.mark.parametrize("ask", QUERIES.values(), ids=QUERIES.keys())


def foreign(cursor: Any, at: int | None) -> set[str]:
    """Ids of all matters that are not the town's at that position."""
    alive = "until IS NULL" if at is None else f"since <= {at} AND (until IS NULL OR until > {at})"
    tables = ("tip", "problem", "deduction", "estate", "import")
    query = " UNION ALL ".join(f"SELECT key FROM read.{name} WHERE {alive} AND unit <> '{TOWN}'" for name in tables)
    cursor.execute(query)
    return {key for (key,) in cursor.fetchall()}


@pytest.mark.parametrize("ask", [*QUERIES.values(), *PRESENT_ONLY.values()], ids=[*QUERIES, *PRESENT_ONLY])
@pytest.mark.parametrize("at", [None, EARLIER], ids=["now", "as of"])
def test_a_town_sees_no_row_of_another(ask, at):
    with cursor_on(LATER) as cursor:
        others = foreign(cursor, None if ask in PRESENT_ONLY.values() else at)

        seen = set(strings(ask(cursor, Scope(TOWN), at)))

    assert len(others) > 500
    assert seen & others == set()


@each_query
def test_as_of_a_position_is_what_was_seen_then(ask):
    with cursor_on(EARLIER) as then:
        known = ask(then, Scope(TOWN), None), ask(then, Scope.all(), None)

    with cursor_on(LATER) as now:
        assert (ask(now, Scope(TOWN), EARLIER), ask(now, Scope.all(), EARLIER)) == known


def test_every_query_with_a_scope_is_asked_here():
    modules = (registers, adopted, corrections, tips_desk, problem_ledger, credit, timeline, receipts, statistics, todo)
    queries = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if list(signature(function).parameters)[:2] == ["cursor", "scope"]
    }

    assert queries <= {name.partition(" ")[0] for name in (*QUERIES, *PRESENT_ONLY)}


def test_a_scope_of_no_unit_is_none():
    with pytest.raises(ValueError, match="scope of all"):
        Scope("")


def test_a_list_is_walked_to_its_end():
    pages = [Page(["a", "b"], 5, 1, 2), Page(["c", "d"], 5, 2, 2), Page(["e"], 5, 3, 2)]

    assert [row for page in walk(lambda number: pages[number - 1]) for row in page.rows] == list("abcde")


def test_a_list_without_rows_has_one_page():
    assert list(walk(lambda number: Page([], 0, number, 2))) == [Page([], 0, 1, 2)]
