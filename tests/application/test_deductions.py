from datetime import date
from uuid import UUID

from application.deductions import DecideDeduction, DeclineDeduction, ProposeDeduction
from domain.deductions.deduction import Deduction
from domain.errors import Conflict, NotAllowed, RuleBroken
from domain.problems.problem import Problem
from tests.application.test_tips import refused

DECISION = {"document": "常住建信〔2026〕1号", "decided_on": date(2026, 3, 2)}


def proposed(matters, points_x10=10, problem=None, code="J-01"):
    problem = problem or matters.problem()
    receipt = matters.do(
        ProposeDeduction,
        matters.city.actor("town_handler"),
        problem=problem,
        seen=matters.seen(Problem, problem),
        score_code=code,
        points_x10=points_x10,
        reason="逾期未整改",
    )
    return matters.stream(receipt)


def housing(matters):
    return matters.city.actor("housing_decider", "320581-housing")


def test_the_housing_bureau_decides_what_a_town_proposed(matters):
    deduction = proposed(matters)

    matters.do(DecideDeduction, housing(matters), deduction=deduction, seen=1, points_x10=5, **DECISION)

    decided = matters.city.ledger.fetch(Deduction, deduction)
    assert (decided.state, decided.points_x10) == ("decided", 5)


def test_one_notice_number_stands_for_one_decision(matters):
    first, second = proposed(matters), proposed(matters)
    matters.do(DecideDeduction, housing(matters), deduction=first, seen=1, points_x10=5, **DECISION)

    asked = {"deduction": second, "seen": 1, "points_x10": 5}
    refused(matters, Conflict, "文号已用于另一项", matters.do, DecideDeduction, housing(matters), **asked, **DECISION)


def test_a_town_decides_nothing(matters):
    deduction = proposed(matters)
    handler = matters.city.actor("town_handler")
    refused(
        matters,
        NotAllowed,
        "由另一位同事决定|市住建局信用决定",
        matters.do,
        DecideDeduction,
        handler,
        deduction=deduction,
        seen=1,
        points_x10=5,
        **DECISION,
    )


def test_points_stay_within_the_table(matters):
    matters.problem()
    refused(matters, RuleBroken, "不超过 1 分", proposed_too_much, matters)


def proposed_too_much(matters):
    problem = UUID(next(e.stream for e in matters.city.ledger.read(after=0, limit=1000) if e.topic == "problem.opened"))
    matters.do(
        ProposeDeduction,
        matters.city.actor("town_handler"),
        problem=problem,
        seen=1,
        score_code="J-01",
        points_x10=11,
        reason="逾期",
    )


def test_a_declined_deduction_is_over(matters):
    deduction = proposed(matters)
    matters.do(DeclineDeduction, housing(matters), deduction=deduction, seen=1, reason="证据不足")
    refused(
        matters,
        RuleBroken,
        "不能再作决定",
        matters.do,
        DecideDeduction,
        housing(matters),
        deduction=deduction,
        seen=2,
        points_x10=5,
        **DECISION,
    )
