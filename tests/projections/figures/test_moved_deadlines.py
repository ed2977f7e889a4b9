"""What is voided, given more time or paused: in figures and lists, as known then and as known now."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from application.platform.database import Database
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    GrantExtension,
    PauseProblem,
    RecordStep,
    RefuseClosure,
    RequestExtension,
    ResumeProblem,
    UrgeProblem,
    UrgeProblems,
    VoidProblem,
)
from application.verifier.formats.entry import body_of
from domain.errors import RuleBroken
from domain.problems.problem import Problem
from projections import problems as ledger
from projections import todo
from projections.engine.catch_up import ReadModels
from projections.figures import corrections, report
from projections.models import MODELS
from projections.problem_filter import ProblemFilter
from projections.query.scope import Scope
from tests.cities import City
from tests.matters import Matters

ALL = Scope.all()


class Read:
    """The read models, caught up."""

    def __init__(self, city: City, database: Database) -> None:
        self.city, self.database = city, database
        self.models = ReadModels(database, body_of, models=MODELS)

    def figures(self, upto: date, *, day: date | None = None, at: int | None = None) -> dict[str, int]:
        self.models.catch_up()
        with self.database.cursor() as cursor:
            made = report.report(cursor, ALL, date(2026, 1, 1), upto, day=day or upto, at=at)
            for figure in made.total.values():
                page = report.rows(cursor, ALL, figure.filter, day=figure.day, at=figure.at)
                assert page.total == figure.numerator
        return {name: figure.numerator for name, figure in made.total.items()}

    def count(self, **wanted: object) -> int:
        self.models.catch_up()
        with self.database.cursor() as cursor:
            return ledger.count(cursor, ALL, ProblemFilter(**wanted), day=self.city.ledger.today)

    def row(self, problem: UUID) -> ledger.ProblemItem:
        self.models.catch_up()
        with self.database.cursor() as cursor:
            found = ledger.problem(cursor, ALL, str(problem), day=self.city.ledger.today)
        assert found is not None
        return found.item

    def later(self, days: int) -> date:
        self.city.ledger.clock.at += timedelta(days)
        return self.city.ledger.today


@pytest.fixture
def read(city: City, database: Database) -> Read:
    return Read(city, database)


@pytest.fixture
def under_way(matters: Matters) -> UUID:
    """Due in 14 days."""
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    return problem


def decider(matters: Matters):
    return matters.city.actor("city_decider", "320581")


def extend(matters: Matters, problem: UUID, days: int) -> None:
    until = matters.in_days(days)
    asked = {"due_on": until, "reason": "材料未到", "measures": "先行围挡"}
    matters.on_problem(RequestExtension, matters.city.actor("town_handler"), problem, **asked)
    matters.on_problem(GrantExtension, decider(matters), problem, due_on=until)


def test_overdue_follows_the_deadline_of_that_day(matters: Matters, read: Read, under_way: UUID):
    first_due = matters.in_days(14)
    read.later(10)
    extend(matters, under_way, 20)
    day = read.later(10)  # six days after the first deadline

    assert (read.count(overdue=True), read.figures(day)["problems_overdue"]) == (0, 0)
    item = read.row(under_way)
    assert (item.problem.original_due_on, item.problem.due_on, item.problem.extensions, item.overdue_days) == (
        first_due, first_due + timedelta(16), 1, 0,
    )  # fmt: skip
    late = read.later(11)
    assert (read.count(overdue=True), read.figures(late)["problems_overdue"]) == (1, 1)
    assert read.row(under_way).overdue_days == 1
    assert read.figures(day, day=late)["problems_overdue"] == 0


def test_an_extension_after_the_period_changes_no_figure_of_it(matters: Matters, read: Read, under_way: UUID):
    """Whoever asked in time is late until it is granted."""
    asked = {"due_on": matters.in_days(30), "reason": "材料未到", "measures": "先行围挡"}
    matters.on_problem(RequestExtension, matters.city.actor("town_handler"), under_way, **asked)
    day = read.later(15)
    assert read.figures(day)["problems_overdue"] == 1
    granted = read.later(1)
    matters.on_problem(GrantExtension, decider(matters), under_way, due_on=asked["due_on"])

    assert read.figures(day, day=granted)["problems_overdue"] == 1
    assert read.figures(granted)["problems_overdue"] == 0


def test_while_it_is_paused_the_deadline_moves_with_every_day(matters: Matters, read: Read, under_way: UUID):
    read.later(4)
    matters.on_problem(PauseProblem, decider(matters), under_way, reason="冬季无法施工", until=matters.in_days(20))
    paused = read.later(18)  # 22 days after it was entered with 14

    assert (read.count(overdue=True), read.count(paused=True), read.count(open=True)) == (0, 1, 1)
    assert read.figures(paused)["problems_overdue"] == 0
    matters.on_problem(ResumeProblem, matters.city.actor("town_handler"), under_way)
    assert read.row(under_way).problem.due_on == matters.in_days(10)
    late = read.later(11)
    assert (read.count(overdue=True), read.count(paused=True)) == (1, 0)
    assert (read.figures(late)["problems_overdue"], read.figures(paused, day=late)["problems_overdue"]) == (1, 0)


def test_a_pause_that_nobody_ended_ends_on_its_last_day(matters: Matters, read: Read, under_way: UUID):
    matters.on_problem(PauseProblem, decider(matters), under_way, reason="冬季无法施工", until=matters.in_days(5))
    last = read.later(19)
    assert (read.count(overdue=True), read.figures(last)["problems_overdue"]) == (0, 0)
    late = read.later(1)
    assert (read.count(overdue=True), read.figures(late)["problems_overdue"]) == (1, 1)


def test_what_was_entered_twice_counts_nowhere_and_did_when_it_was_known(matters: Matters, read: Read):
    """A closed one too; the original stays."""
    original, double = matters.closed_problem(), matters.closed_problem()
    sunday = read.later(6)
    before = read.figures(sunday)
    at = len(matters.city.topics())
    day = read.later(3)
    number = matters.city.ledger.fetch(Problem, original).number
    matters.on_problem(VoidProblem, matters.city.desk, double, reason="同一件事登记两次", duplicate_of=number)

    after = read.figures(sunday, day=day)
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert changed == {
        "problems_opened": (2, 1), "problems_closed": (2, 1), "pass_rate": (2, 1), "close_rate": (2, 1),
    }  # fmt: skip
    assert read.figures(sunday, day=sunday, at=at) == before
    assert read.figures(day)["problems_voided"] == 1
    assert (read.count(states=("voided",)), read.count(open=True)) == (1, 0)
    with read.database.cursor() as cursor:
        now = report.report(cursor, ALL, date(2026, 1, 1), sunday, day=day)
        found = corrections.corrections(cursor, ALL, now)
    assert [(one.problem, one.reason) for one in found.voided] == [(str(double), "同一件事登记两次")]


def test_a_close_out_that_was_sent_back_is_counted(matters: Matters, read: Read):
    problem = matters.verified_problem()
    matters.on_problem(RefuseClosure, matters.city.actor("town_closer"), problem, reason="缺验收单")

    assert read.figures(matters.city.ledger.today)["closures_refused"] == 1
    assert (read.row(problem).problem.state, read.row(problem).problem.refusals) == ("refused", 1)


def test_reminders_are_counted_and_wait_until_something_is_done(matters: Matters, read: Read, under_way: UUID):
    closer, second, closed = matters.city.actor("town_closer"), matters.problem(), matters.closed_problem()
    matters.on_problem(UrgeProblem, closer, under_way, note="请抓紧")
    matters.do(UrgeProblems, matters.city.desk, problems=(under_way, second, closed))

    assert read.row(under_way).problem.urgings == 2
    assert (read.count(urged=True), read.figures(matters.city.ledger.today)["problems_urged"]) == (2, 3)
    with pytest.raises(RuleBroken, match="无需催办"):
        matters.do(UrgeProblems, matters.city.desk, problems=(closed,))
    matters.on_problem(RecordStep, matters.city.actor("town_handler"), under_way, note="已进场")
    assert (read.count(urged=True), read.row(under_way).problem.urgings) == (1, 2)


@pytest.mark.parametrize("role", ["town_closer", "city_decider"])
def test_whoever_decides_finds_what_waits(matters: Matters, read: Read, under_way: UUID, role: str):
    asked = {"due_on": matters.in_days(30), "reason": "材料未到", "measures": "先行围挡"}
    matters.on_problem(RequestExtension, matters.city.actor("town_handler"), under_way, **asked)
    read.models.catch_up()
    with read.database.cursor() as cursor:
        cards = todo.cards(cursor, ALL, role, day=matters.city.ledger.today, soon=matters.in_days(3))
    assert [one.count for one in cards if one.code == "extensions_to_decide"] == [1]


def test_a_voided_problem_is_open_nowhere(matters: Matters, read: Read, under_way: UUID):
    matters.on_problem(UrgeProblem, matters.city.desk, under_way)
    matters.on_problem(VoidProblem, matters.city.desk, under_way, reason="登记有误")
    day = read.later(20)

    assert (read.count(open=True), read.count(overdue=True), read.count(urged=True)) == (0, 0, 0)
    assert read.row(under_way).overdue_days == 0
    assert read.figures(day)["problems_open"] == 0


def test_a_voided_problem_is_no_original(matters: Matters):
    first, second = matters.problem(), matters.problem()
    numbers = [matters.city.ledger.fetch(Problem, one).number for one in (first, second)]
    matters.on_problem(VoidProblem, matters.city.desk, first, reason="登记有误")
    for number, sentence in ((numbers[0], "已作废，不能作为原问题"), ("常物整〔2026〕琴川-99999", "台账中没有编号")):
        with pytest.raises(RuleBroken, match=sentence):
            matters.on_problem(VoidProblem, matters.city.desk, second, reason="重复", duplicate_of=number)
    with pytest.raises(RuleBroken, match="不能与自身重复"):
        matters.on_problem(VoidProblem, matters.city.desk, second, reason="重复", duplicate_of=numbers[1])
    with pytest.raises(RuleBroken, match="已作废，不能销号"):
        matters.on_problem(CloseProblem, matters.city.actor("town_closer"), first)
