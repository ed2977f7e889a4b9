"""Each rule finds what it is about and nothing else; every number is the number of its rows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from application.platform.database import Database
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    RecordStep,
    RefuseRectification,
    ReportCompletion,
    RevokeClosure,
    VerifyRectification,
)
from application.tips.commands import AcceptTip, AcknowledgeTip, AssignTip, DeclineTip, ReturnTip
from application.verifier.formats.entry import body_of
from domain.recorded import shanghai_day
from projections import alerts, todo
from projections import tips as tips_desk
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from projections.query.scope import Scope
from projections.tip_filter import TipFilter
from tests.cities import TOWN, City
from tests.matters import LATER, PHOTO, Matters


@pytest.fixture(name="count")
def _count(database: Database, city: City):
    following = ReadModels(database, body_of, models=MODELS)

    def of(code: str, after: int = 0) -> int:
        following.catch_up()
        with database.cursor() as cursor:
            number = alerts.count(cursor, code, day=city.ledger.today, after=after)
            assert alerts.rows(cursor, code, day=city.ledger.today, after=after, page=1).total == number
        return number

    return of


def later(city: City, **span: int) -> None:
    city.ledger.clock.at += timedelta(**span)


def close_slowly(matters: Matters) -> UUID:
    """Hours lie between the report and the closure."""
    city = matters.city
    problem = matters.verified_problem()
    later(city, hours=3)
    matters.on_problem(CloseProblem, city.actor("town_closer"), problem)
    return problem


def test_a_quiet_log_alerts_nobody(count, city: City):
    quiet = {code: count(code) for code in alerts.RULES}

    assert quiet.pop("authority") > 0
    assert set(quiet.values()) == {0}


def test_a_problem_past_its_deadline(count, matters: Matters, city: City):
    matters.problem()
    later(city, days=14)
    assert count("problems_overdue") == 0

    later(city, days=1)

    assert count("problems_overdue") == 1


def test_a_closure_soon_after_the_report(count, matters: Matters):
    close_slowly(matters)
    assert count("closed_fast") == 0

    matters.closed_problem()

    assert count("closed_fast") == 1


def test_of_two_reports_the_later_one_counts(count, matters: Matters, city: City):
    problem, handler = matters.reported_problem(), city.actor("town_handler")
    matters.on_problem(RefuseRectification, city.actor("town_verifier"), problem, reason="灯仍不亮")
    later(city, hours=5)
    matters.on_problem(RecordStep, handler, problem, note="再次更换灯具", evidence=(LATER,))
    matters.on_problem(ReportCompletion, handler, problem, note="已完成", completed_on=city.ledger.today)
    later(city, minutes=20)
    matters.on_problem(VerifyRectification, city.actor("town_verifier"), problem, method="on_site", note="照明正常")
    matters.on_problem(CloseProblem, city.actor("town_closer"), problem)

    assert count("closed_fast") == 1


def test_one_photo_for_two_problems(count, matters: Matters):
    matters.reported_problem()
    assert count("same_photo") == 0

    matters.reported_problem()

    assert count("same_photo") == 2


def test_many_closures_of_one_person_at_once(count, matters: Matters, city: City):
    problems = [matters.verified_problem() for _ in range(10)]
    closer = city.actor("town_closer")
    for problem in problems[:9]:
        matters.on_problem(CloseProblem, closer, problem)
    assert count("bulk") == 0

    matters.on_problem(CloseProblem, closer, problems[9])

    assert count("bulk") == 10


def test_closures_that_crowd_before_the_monthly_deadline(count, matters: Matters, city: City):
    close_slowly(matters)
    later(city, days=16)  # from 2 March to the 18th
    for _ in range(4):
        close_slowly(matters)
    assert count("burst") == 0

    close_slowly(matters)

    assert count("burst") == 5


def correct(matters: Matters, problem: UUID) -> None:
    matters.correct(problem, "标题有误", title="楼道照明损坏未及时修复")


def test_corrections_after_the_deadline_or_after_the_20th(count, matters: Matters, city: City):
    first = matters.problem(due_on=matters.in_days(60))
    correct(matters, first)
    assert count("corrected_late") == 0

    later(city, days=19)
    second = matters.problem(due_on=matters.in_days(60))
    correct(matters, second)

    assert shanghai_day(city.ledger.clock.now().isoformat()) == "2026-03-21"
    assert count("corrected_late") == 1


def test_a_day_long_before_it_was_recorded(count, matters: Matters, city: City):
    handler, problem = city.actor("town_handler"), matters.problem()
    later(city, days=5)
    claim = city.ledger.today - timedelta(days=2)
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id), occurred_on=claim)
    assert count("backdated") == 0

    claim = city.ledger.today - timedelta(days=4)
    matters.on_problem(
        ReportCompletion, handler, problem, note="已完成", completed_on=claim, occurred_on=claim, evidence=(PHOTO,)
    )

    assert count("backdated") == 1


def test_a_revoked_closure(count, matters: Matters, city: City):
    problem = matters.closed_problem()
    members = {"reason": "现场复查未整改", "due_on": matters.in_days(10)}
    matters.on_problem(RevokeClosure, city.actor("city_decider", "320581"), problem, **members)

    assert count("closures_revoked") == 1


def test_new_officials_and_their_keys_are_told(count, city: City):
    before = count("authority")
    city.actor("town_handler", TOWN, 7)

    assert count("authority") == before + 3


def test_a_period_leaves_out_what_lies_before(count, matters: Matters, city: City):
    matters.closed_problem()
    size = len(city.topics())

    assert count("closed_fast", after=size) == 0
    assert count("authority", after=size) == 0


def test_the_position_before_a_moment(database: Database, count, city: City, matters: Matters):
    count("bulk")
    size = len(city.topics())
    later(city, days=1)
    matters.problem()
    count("bulk")

    with database.cursor() as cursor:
        assert alerts.position_before(cursor, "2026-03-03T00:00:00.000000Z") >= size
        assert alerts.position_before(cursor, "2026-01-01T00:00:00.000000Z") == 0
        assert alerts.position_before(cursor, "2099-01-01T00:00:00.000000Z") == len(city.topics())


def assigned_tip(matters: Matters) -> UUID:
    tip = matters.tip()
    matters.on_tip(AcceptTip, matters.city.desk, tip)
    matters.on_tip(AssignTip, matters.city.desk, tip, unit=TOWN, due_on=matters.in_days(10))
    return tip


def returned_tip(matters: Matters) -> UUID:
    tip = assigned_tip(matters)
    matters.on_tip(ReturnTip, matters.city.actor("town_handler"), tip, reason="不属本镇", basis="other_town")
    return tip


def declined_tip(matters: Matters) -> UUID:
    tip = returned_tip(matters)
    matters.on_tip(DeclineTip, matters.city.desk, tip, reason="不属受理范围", basis="not_in_items")
    return tip


def acknowledged_tip(matters: Matters) -> UUID:
    tip = assigned_tip(matters)
    matters.on_tip(AcknowledgeTip, matters.city.actor("town_handler"), tip)
    return tip


@pytest.mark.parametrize(
    ("made", "is_overdue"),
    [
        (Matters.tip, False),
        (assigned_tip, True),
        (acknowledged_tip, True),
        (returned_tip, False),
        (declined_tip, False),
        (Matters.verified_tip, False),
    ],
    ids=["registered", "assigned", "acknowledged", "returned", "declined", "verified"],
)
def test_b8_desk_list_row_and_alert_say_the_same_of_an_overdue_tip(count, matters, city, database, made, is_overdue):
    """A tip that was declined after its term was set is not overdue for ever."""
    tip = made(matters)
    later(city, days=30)
    day = city.ledger.today

    alerted = count("tips_overdue")
    with database.cursor() as cursor:
        listed = tips_desk.tips(cursor, Scope.all(), TipFilter(overdue=True), day=day).rows
        item = tips_desk.tip(cursor, Scope.all(), str(tip), day=day)
        term = item.tip.due_on or day
        soon = tips_desk.tips(cursor, Scope.all(), TipFilter(due_by=term), day=term).rows
        cards = {card.code: card.count for card in todo.cards(cursor, Scope.all(), "city_desk", day=day, soon=day)}

    assert (alerted, len(listed), item.overdue, cards["tips_overdue"]) == (
        is_overdue,
        is_overdue,
        is_overdue,
        is_overdue,
    )
    assert bool(soon) == is_overdue
