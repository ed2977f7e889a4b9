"""Tips on other ways than the straight one: the town's own, taken back, given to another town, joined, answered twice, reopened."""

from __future__ import annotations

from datetime import date

import pytest

from application.tips.commands import (
    AcceptTip,
    AcknowledgeTip,
    AnswerTip,
    AssignTip,
    InformReporter,
    JoinProblem,
    MarkTipUrgent,
    ReassignTip,
    RecallTip,
    RegisterTip,
    ReopenTip,
    TakeUpTip,
    VerifyTip,
)
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.problems.problem import Problem
from domain.tips.tip import Tip
from domain.values import CITY
from tests.cities import OTHER_TOWN, TOWN
from tests.matters import TOLD
from tests.support.refusals import assert_refused

HANDLER, DESK = "town_handler", "city_desk"


@pytest.fixture(name="handler")
def _handler(city):
    return city.actor(HANDLER)


def own_tip(matters, handler, **members):
    """A call to the town's own hotline, taken down by the town."""
    members = {"channel": "hotline", "received_on": matters.city.ledger.today, "text": TOLD} | members
    return matters.do(RegisterTip, handler, **members).stream


def said(matters, tip, topic):
    """The data of the last event of this type."""
    return [e.data for e in matters.city.ledger.read(after=0, limit=1000) if (e.stream, e.topic) == (str(tip), topic)][
        -1
    ]


def tip_of(matters, id) -> Tip:
    return matters.city.ledger.fetch(Tip, id)


def test_a_town_takes_up_what_it_received_without_the_city(matters, handler):
    tip = own_tip(matters, handler)
    matters.on_tip(TakeUpTip, handler, tip, due_on=matters.in_days(10))
    matters.on_tip(VerifyTip, handler, tip, result="true", finding="照明缺失", estate=matters.city.estate())

    assert (tip_of(matters, tip).state, tip_of(matters, tip).unit) == ("verified", TOWN)


def test_what_the_city_registered_waits_for_the_city(matters, handler):
    tip = matters.tip()

    assert_refused(
        matters, NotFound, "没有这条记录", matters.on_tip, TakeUpTip, handler, tip, due_on=matters.in_days(3)
    )


def test_the_city_takes_a_tip_back_after_the_term_for_returning_it(matters, handler):
    tip = matters.tip()
    matters.on_tip(AcceptTip, matters.city.desk, tip)
    matters.on_tip(AssignTip, matters.city.desk, tip, unit=TOWN, due_on=matters.in_days(10))
    matters.on_tip(AcknowledgeTip, handler, tip)
    matters.city.ledger.clock.advance(days=60)
    matters.on_tip(RecallTip, matters.city.desk, tip, reason="小区在邻镇")

    assert (tip_of(matters, tip).state, tip_of(matters, tip).unit) == ("accepted", CITY)
    matters.on_tip(AssignTip, matters.city.desk, tip, unit=OTHER_TOWN, due_on=matters.in_days(10))
    assert tip_of(matters, tip).unit == OTHER_TOWN


def test_a_tip_goes_from_one_town_to_another_in_one_act(matters, handler):
    tip = matters.tip()
    matters.on_tip(AcceptTip, matters.city.desk, tip)
    matters.on_tip(AssignTip, matters.city.desk, tip, unit=TOWN, due_on=matters.in_days(10))
    term = {"unit": OTHER_TOWN, "due_on": matters.in_days(10), "reason": "小区在邻镇"}
    assert_refused(matters, NotAllowed, "须由", matters.on_tip, ReassignTip, handler, tip, **term)
    matters.on_tip(ReassignTip, matters.city.desk, tip, **term)

    assert (tip_of(matters, tip).state, tip_of(matters, tip).unit) == ("assigned", OTHER_TOWN)


def test_a_second_complaint_joins_the_problem_that_is_known(matters, handler):
    problem = matters.city.ledger.fetch(Problem, matters.problem())
    tip = own_tip(matters, handler)
    matters.on_tip(TakeUpTip, handler, tip, due_on=matters.in_days(10))
    assert_refused(matters, RuleBroken, "没有这个编号", matters.on_tip, JoinProblem, handler, tip, number="琴川-4")
    matters.on_tip(JoinProblem, handler, tip, number=f" {problem.number} ")

    assert tip_of(matters, tip).state == "became_problems"
    assert said(matters, tip, "tip.joined_problem") == {"problem": str(problem.id)}


def test_whoever_reported_is_told_before_the_result_and_again_after_it(matters, handler):
    tip = matters.verified_tip("false")
    matters.on_tip(InformReporter, handler, tip, kind="interim", answer="已到现场查看")
    matters.on_tip(AnswerTip, handler, tip, answer="经查不属实")
    matters.on_tip(AnswerTip, handler, tip, answer="补充：照明已于当日复查")
    matters.on_tip(ReopenTip, matters.city.desk, tip, cause="complaint", reason="举报人不服", due_on=matters.in_days(9))

    assert tip_of(matters, tip).state == "acknowledged"
    assert said(matters, tip, "tip.reopened")["of"] == tip_of(matters, tip).version - 1
    matters.on_tip(VerifyTip, handler, tip, result="true", finding="确有缺失", estate=matters.city.estate())
    matters.on_tip(VerifyTip, handler, tip, result="partly", finding="再看一次", estate=matters.city.estate())
    assert said(matters, tip, "tip.verified")["replaces"] == tip_of(matters, tip).version - 1


def test_the_summary_is_the_officials_own(matters):
    tip = matters.tip()
    copied = {"summary": TOLD[:40]}
    assert_refused(matters, RuleBroken, "线索", matters.on_tip, AcceptTip, matters.city.desk, tip, **copied)
    matters.on_tip(AcceptTip, matters.city.desk, tip, summary="楼道照明", estate=matters.city.estate())

    assert said(matters, tip, "tip.accepted")["summary"] == "楼道照明"


def test_urgent_is_an_act_with_a_reason(matters):
    tip = matters.tip()
    matters.on_tip(MarkTipUrgent, matters.city.desk, tip, reason="外墙砖脱落")
    assert tip_of(matters, tip).is_urgent


@pytest.mark.parametrize(("channel", "due"), [("12345", True), ("hotline", False)])
def test_the_term_for_an_answer_is_the_channels(matters, channel, due):
    tip = matters.tip(channel=channel, received_on=date(2026, 3, 2))
    told = said(matters, tip, "tip.registered").get("answer_due_on")

    assert told == ("2026-03-09" if due else None)
