"""What the lists and pages answer on a small life."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from domain.errors import NotFound
from projections import deductions as credit
from projections import documents as adopted
from projections import problems as problem_ledger
from projections import receipts, registers, timeline, tip_filter, todo
from projections import tips as tips_desk
from projections.problem_filter import ProblemFilter
from projections.query.as_of import position_at
from projections.query.scope import Scope
from projections.tip_filter import TipFilter
from tests.bench.generate import TOWNS
from tests.projections.worlds import LATER, cursor_on

ALL = Scope.all()
DAY = date(2026, 6, 1)
TODAY = date(2030, 12, 31)
EVERY = ProblemFilter()


@pytest.fixture(name="cursor", scope="module")
def _cursor():
    with cursor_on(LATER) as cursor:
        yield cursor


def every(cursor: Any, wanted: ProblemFilter = EVERY, **more: Any) -> list[problem_ledger.ProblemItem]:
    return problem_ledger.problems(cursor, ALL, wanted, day=DAY, size=10_000, **more).rows


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (ProblemFilter(states=("closed", "reported")), lambda p: p.state in ("closed", "reported")),
        (ProblemFilter(unit=TOWNS[1]), lambda p: p.unit == TOWNS[1]),
        (ProblemFilter(unit="3205811"), lambda p: p.unit.startswith("3205811")),
        (ProblemFilter(item="2"), lambda p: p.item.startswith("2.")),
        (ProblemFilter(item="2.1"), lambda p: p.item == "2.1"),
        (ProblemFilter(overdue=True), lambda p: p.closed_on is None and p.due_on < DAY),
        (ProblemFilter(due_by=date(2026, 7, 1)), lambda p: p.closed_on is None and DAY <= p.due_on <= date(2026, 7, 1)),
        (ProblemFilter(opened_from=date(2026, 1, 1), opened_to=DAY), lambda p: date(2026, 1, 1) <= p.opened_on <= DAY),
        (ProblemFilter(closed_from=DAY), lambda p: p.closed_on is not None and p.closed_on >= DAY),
        (ProblemFilter(revoked=True), lambda p: p.revoked_on is not None),
        (ProblemFilter(text="-000017"), lambda p: p.number.endswith("-000017")),
        (ProblemFilter(text="%"), lambda p: False),
        (ProblemFilter(text="小区公共"), lambda p: True),
    ],
)
def test_a_filter_lets_through_what_it_says(cursor, wanted, holds):
    expected = {item.id for item in every(cursor) if holds(item.problem)}

    assert {item.id for item in every(cursor, wanted)} == expected
    assert problem_ledger.count(cursor, ALL, wanted, day=DAY) == len(expected)


def test_pages_together_are_the_list(cursor):
    pages = [problem_ledger.problems(cursor, ALL, day=DAY, page=number, size=50) for number in range(1, 5)]

    assert [row.id for page in pages for row in page.rows] == [item.id for item in every(cursor)][:200]
    assert pages[0].pages == -(-pages[0].total // 50)


def test_a_page_beyond_the_last_is_the_last(cursor):
    last = problem_ledger.problems(cursor, ALL, day=DAY, page=10**12, size=50)

    assert last.page == last.pages
    assert last.rows


def test_a_problem_has_its_names_and_long_texts(cursor):
    item = every(cursor)[0]

    page = problem_ledger.problem(cursor, ALL, item.id, day=DAY)

    assert page.item == item
    assert None not in (item.unit_name, item.estate_name, item.company_name, item.responsible_name, item.item_name)
    assert page.description
    assert page.measures


def test_days_past_the_deadline_are_counted_until_it_is_closed(cursor):
    for item in every(cursor):
        late = (DAY - item.problem.due_on).days
        assert item.overdue_days == (0 if item.problem.closed_on else max(0, late))


def test_one_can_step_through_a_filtered_list(cursor):
    wanted = ProblemFilter(unit=TOWNS[4])
    [first, second, third] = every(cursor, wanted)[:3]

    around = problem_ledger.neighbours(cursor, ALL, wanted, second.problem.position, day=DAY)

    assert around == (first.id, third.id)


def test_each_card_counts_what_it_opens(cursor):
    cards = [c for role in todo.CARDS for c in todo.cards(cursor, ALL, role, day=DAY, soon=date(2026, 6, 4))]

    assert sum(card.count for card in cards) > 30
    for card in cards:
        assert todo.rows(cursor, ALL, card, day=DAY).total == card.count


def test_overdue_tips_are_those_nobody_verified(cursor):
    tips = tips_desk.tips(cursor, ALL, TipFilter(overdue=True), day=date(2027, 1, 1), size=1_000).rows

    assert tips
    assert all(item.overdue and item.tip.state in tip_filter.TO_VERIFY for item in tips)


def test_a_balance_is_its_decisions(cursor):
    companies = credit.companies(cursor, ALL, day=date(2027, 1, 1), size=100).rows
    company = max(companies, key=lambda item: item.deducted_x10)

    balance = credit.balance(cursor, ALL, company.id, day=date(2027, 1, 1))

    assert balance.balance_x10 == company.balance_x10 == 1000 - sum(d.deduction.points_x10 for d in balance.decided)
    assert {row.deduction.state for row in balance.decided} == {"decided"}
    first = min(row.deduction.decided_on for row in balance.decided)
    on_first = credit.balance(cursor, ALL, company.id, day=first)
    before = credit.balance(cursor, ALL, company.id, day=date(2025, 7, 1))
    assert (before.balance_x10, before.decided) == (1000, [])
    assert 0 < on_first.deducted_x10 <= balance.deducted_x10


def test_the_timeline_of_a_problem_tells_its_tip_and_its_deductions(cursor):
    deduction = credit.deductions(cursor, ALL).rows[-1]
    problem = deduction.deduction.problem

    told = timeline.of_matter(cursor, ALL, problem)

    assert {item.kind for item in told} == {"tip", "problem", "deduction"}
    assert [item.position for item in told] == sorted(item.position for item in told)
    assert told[0].topic == "tip.registered"
    assert timeline.of_matter(cursor, ALL, problem, linked=False) == [i for i in told if i.stream == problem]
    assert json.dumps(told[1].data)


def test_a_receipt_is_what_stands_in_the_log(cursor):
    cursor.execute("SELECT encode(leaf_hash, 'hex'), topic, stream::text FROM log.event WHERE position = 2000")
    [(leaf, topic, stream)] = cursor.fetchall()

    receipt = receipts.receipt(cursor, ALL, 2000, "nobody")

    assert (receipt.leaf_hash, receipt.topic, receipt.stream) == (leaf, topic, stream)
    assert receipt in receipts.of_matter(cursor, ALL, stream)
    assert receipts.receipt(cursor, ALL, LATER + 1, "nobody") is None


def test_what_is_adopted_is_the_latest_version(cursor):
    assert len(adopted.catalogue(cursor, day=date(2026, 3, 2))) == 24
    assert adopted.catalogue(cursor, day=date(2026, 3, 2), version=2) == []
    assert adopted.calendar(cursor, day=date(2026, 3, 2)) is None


def test_officials_are_found_by_role_and_unit(cursor):
    [closer] = registers.officials(cursor, ALL, role="town_closer", unit=TOWNS[0])

    assert closer.roles == (("town_closer", TOWNS[0]),)
    assert registers.officials(cursor, Scope(TOWNS[1]), role="town_closer", unit=TOWNS[0]) == []


def test_a_day_means_the_last_position_recorded_before_it_ends_in_shanghai(cursor):
    cursor.execute("SELECT max(since) FROM read.happening WHERE recorded_at < '2026-02-28T16:00:00.000000Z'")
    [(last,)] = cursor.fetchall()

    assert position_at(cursor, " 2026-02-28 ", TODAY) == (last, date(2026, 2, 28))
    assert position_at(cursor, str(last), TODAY)[0] == last
    assert position_at(cursor, f"{TODAY}", TODAY)[0] == LATER


@pytest.mark.parametrize(
    "text", ["", "0", "99999999", "2026-02-30", "2025-07-01", "x", "１２", "2031-01-01", "9999-12-31", "-1", "9" * 40]
)
def test_what_is_no_moment_of_the_log_is_refused(cursor, text):
    with pytest.raises(NotFound, match="请"):
        position_at(cursor, text, TODAY)
