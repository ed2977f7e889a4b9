from datetime import date
from uuid import UUID

import pytest

from application.deductions.deductions import DecideDeduction, DeclineDeduction, ProposeDeduction, ServeDeduction
from application.problems.commands import VoidProblem
from domain.deductions.deduction import Deduction
from domain.errors import Conflict, NotAllowed, NotFound, RuleBroken
from domain.problems.problem import Problem
from domain.values import CITY
from tests.cities import OTHER_TOWN, TOWN
from tests.support.refusals import assert_refused

DECISION = {"document": "常住建信〔2026〕1号", "decided_on": date(2026, 3, 2)}


def proposed(matters, points_x10=10, problem=None, code="J-01", **members):
    problem = problem or matters.problem()
    receipt = matters.do(
        ProposeDeduction,
        matters.city.actor("town_handler"),
        problem=problem,
        seen=matters.seen(Problem, problem),
        score_code=code,
        points_x10=points_x10,
        reason="逾期未整改",
        **members,
    )
    return receipt.stream


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
    assert_refused(
        matters, Conflict, "文号已用于另一项", matters.do, DecideDeduction, housing(matters), **asked, **DECISION
    )


def test_a_town_decides_nothing(matters):
    deduction = proposed(matters)
    handler = matters.city.actor("town_handler")
    assert_refused(
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
    assert_refused(matters, RuleBroken, "不超过 1 分", proposed_too_much, matters)


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
    assert_refused(
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


def decided(matters):
    deduction = proposed(matters)
    matters.do(DecideDeduction, housing(matters), deduction=deduction, seen=1, points_x10=5, **DECISION)
    return deduction


def test_the_town_says_when_the_company_got_the_notice(matters):
    deduction, handler = decided(matters), matters.city.actor("town_handler")
    served = {"deduction": deduction, "served_on": date(2026, 3, 2), "way": "by_post"}

    matters.do(ServeDeduction, handler, seen=2, **served)

    assert matters.city.ledger.fetch(Deduction, deduction).served_on == "2026-03-02"
    assert_refused(
        matters, RuleBroken, "已登记于 2026-03-02 送达", matters.do, ServeDeduction, handler, seen=3, **served
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"served_on": date(2026, 3, 3)}, "与今天（2026-03-02）之间"),
        ({"served_on": date(2026, 3, 1)}, "决定日期（2026-03-02）"),
        ({"way": "pigeon"}, "送达方式应为直接送达"),
    ],
)
def test_a_service_that_can_not_be_is_refused(matters, change, sentence):
    served = {"deduction": decided(matters), "served_on": date(2026, 3, 2), "way": "left"} | change
    handler = matters.city.actor("town_handler")
    assert_refused(matters, RuleBroken, sentence, matters.do, ServeDeduction, handler, seen=2, **served)


def test_what_was_not_decided_has_no_notice_to_serve(matters):
    served = {"deduction": proposed(matters), "served_on": date(2026, 3, 2), "way": "left"}
    handler = matters.city.actor("town_handler")
    assert_refused(matters, RuleBroken, "没有可送达的告知单", matters.do, ServeDeduction, handler, seen=1, **served)


def test_another_town_serves_nothing(matters):
    served = {"deduction": decided(matters), "served_on": date(2026, 3, 2), "way": "left"}
    stranger = matters.city.actor("town_handler", OTHER_TOWN)
    assert_refused(matters, NotFound, "无权查看", matters.do, ServeDeduction, stranger, seen=2, **served)


def test_b8_the_same_conduct_is_proposed_again_only_by_whoever_says_so(matters):
    problem = matters.problem()
    proposed(matters, problem=problem)

    assert_refused(matters, RuleBroken, "已有扣分（待决定，1 分）", proposed, matters, problem=problem)
    again = proposed(matters, problem=problem, again=True)
    assert matters.city.ledger.fetch(Deduction, again).state == "proposed"
    assert_refused(matters, RuleBroken, "已有扣分", proposed, matters, problem=problem)


def test_b8_another_conduct_or_another_problem_is_no_repetition(matters):
    problem = matters.problem()
    proposed(matters, problem=problem)

    for other in (proposed(matters, problem=problem, code="J-02", points_x10=1), proposed(matters)):
        assert matters.city.ledger.fetch(Deduction, other).state == "proposed"


def test_b8_what_was_declined_may_be_proposed_anew(matters):
    problem = matters.problem()
    first = proposed(matters, problem=problem)
    matters.do(DeclineDeduction, housing(matters), deduction=first, seen=1, reason="证据不足")

    assert matters.city.ledger.fetch(Deduction, proposed(matters, problem=problem)).state == "proposed"


def test_b8_what_was_decided_stands(matters):
    problem = matters.problem()
    first = proposed(matters, problem=problem)
    matters.do(DecideDeduction, housing(matters), deduction=first, seen=1, points_x10=5, **DECISION)

    assert_refused(matters, RuleBroken, "已有扣分（已扣分，0.5 分）", proposed, matters, problem=problem)


def corrected(matters, problem, responsible):
    matters.correct(problem, "责任单位登记有误", responsible=responsible)


def other_company(matters):
    return matters.city.company(2)


def company_of(matters, deduction):
    return matters.city.ledger.fetch(Deduction, deduction).company


def test_b8_a_deduction_goes_to_the_company_that_a_correction_named(matters):
    problem, other = matters.problem(), other_company(matters)
    assert company_of(matters, proposed(matters, problem=problem)) != str(other)

    corrected(matters, problem, str(other))

    assert company_of(matters, proposed(matters, problem=problem, again=True)) == str(other)


def test_b8_a_problem_that_a_unit_answers_for_costs_no_company_its_points(matters):
    problem = matters.problem()

    corrected(matters, problem, TOWN)

    assert_refused(matters, RuleBroken, "没有关联物业服务企业", proposed, matters, problem=problem)


def test_b8_a_company_that_only_serves_the_estate_stays_when_another_unit_answers(matters):
    company = matters.city.company()
    problem = matters.problem(responsible=TOWN, company=company)
    corrected(matters, problem, CITY)

    assert company_of(matters, proposed(matters, problem=problem)) == str(company)


def test_b8_what_was_proposed_before_the_correction_is_not_decided_against_the_old_company(matters):
    problem, other = matters.problem(), other_company(matters)
    deduction = proposed(matters, problem=problem)
    corrected(matters, problem, str(other))

    asked = {"deduction": deduction, "seen": 1, "points_x10": 5}
    assert_refused(
        matters, RuleBroken, "责任单位已经更正", matters.do, DecideDeduction, housing(matters), **asked, **DECISION
    )
    matters.do(DeclineDeduction, housing(matters), deduction=deduction, seen=1, reason="责任单位已更正")


def test_a_voided_problem_costs_no_company_its_points(matters):
    """Neither is it proposed, nor decided where it was proposed before."""
    problem = matters.problem()
    deduction = proposed(matters, problem=problem)
    matters.on_problem(VoidProblem, matters.city.desk, problem, reason="登记有误")

    asked = {"deduction": deduction, "seen": 1, "points_x10": 5}
    assert_refused(
        matters, RuleBroken, "所涉问题已作废", matters.do, DecideDeduction, housing(matters), **asked, **DECISION
    )
    assert_refused(matters, RuleBroken, "此问题已作废", proposed, matters, problem=problem, again=True)


def test_a_company_that_was_cleared_pays_for_nothing(matters):
    problem = matters.problem(responsible=TOWN)
    deduction = proposed(matters, problem=problem)
    matters.correct(problem, company=None)

    asked = {"deduction": deduction, "seen": 1, "points_x10": 5}
    assert_refused(
        matters, RuleBroken, "责任单位已经更正", matters.do, DecideDeduction, housing(matters), **asked, **DECISION
    )
    assert_refused(matters, RuleBroken, "没有关联物业服务企业", proposed, matters, problem=problem, again=True)
