"""交接: what is open under the name of somebody who leaves goes to a successor, one event for each problem, signed by who may."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.officials.officials import RetireOfficial
from application.problems.commands import AssignProblem, CloseProblem, VerifyRectification
from application.problems.handovers import MOST, HandOver
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.problems.problem import Problem
from tests.application.core.test_ledger import verified
from tests.cities import CITY, OTHER_TOWN, TOWN


@pytest.fixture
def assigned(matters, leaving):
    problem = matters.problem()
    matters.on_problem(AssignProblem, leaving, problem, handler=UUID(leaving.id))
    return problem


def hand_over(matters, actor, leaving, successor, *problems, **members):
    city = matters.city
    told = {"owner": city.person(successor), "handler": UUID(successor.id), "reason": "调离"} | members
    return matters.do(HandOver, actor, leaving=city.person(leaving), problems=problems, **told)


def under(matters, problem):
    found = matters.city.ledger.fetch(Problem, problem)
    return found.stated["owner"], found.handler


def test_one_act_hands_all_over_also_of_somebody_retired(city, matters, leaving, successor, assigned):
    reported = matters.reported_problem()
    matters.do(RetireOfficial, city.administrator, official=UUID(leaving.id), reason="退休")
    mine, closer = (str(city.person(successor)), successor.id), city.actor("town_closer")
    before = len(city.topics())

    receipt = hand_over(matters, closer, leaving, successor, assigned, reported)

    assert (under(matters, assigned), under(matters, reported)) == (mine, mine)
    assert city.topics()[before:] == ["problem.owner_changed", "problem.assigned"] * 2
    assert (receipt.first, receipt.last) == (before + 1, before + 4)
    assert verified(city.ledger) == len(city.topics())


def test_what_is_closed_or_not_under_that_name_stays_as_it_is(city, matters, leaving, successor, assigned):
    closed = matters.closed_problem()
    others = matters.problem(owner=city.person(city.actor("town_verifier", TOWN, 2)))

    hand_over(matters, city.desk, leaving, successor, assigned, closed, others)

    assert under(matters, closed)[0] == str(city.person(leaving))
    assert under(matters, others)[0] == str(city.person(city.actor("town_verifier", TOWN, 2)))
    with pytest.raises(RuleBroken, match="已销号或已交接"):
        hand_over(matters, city.desk, leaving, successor, assigned, closed, others)


def test_whoever_answered_for_it_in_this_round_still_verifies_nothing(city, matters, successor):
    verifier = city.actor("town_verifier")
    problem = matters.reported_problem(owner=city.person(verifier))
    hand_over(matters, city.desk, verifier, successor, problem, handler=None)

    with pytest.raises(NotAllowed, match="您是此问题的责任人"):
        matters.on_problem(VerifyRectification, verifier, problem, method="on_site", note="正常")


def test_whoever_takes_it_over_does_not_close_it(city, matters, leaving):
    problem, closer = matters.verified_problem(), city.actor("town_closer")
    hand_over(matters, city.desk, leaving, closer, problem, handler=None)

    with pytest.raises(NotAllowed, match="您是此问题的责任人"):
        matters.on_problem(CloseProblem, closer, problem)


def test_whoever_verified_it_does_not_take_it_over(city, matters, leaving):
    problem = matters.verified_problem()

    with pytest.raises(RuleBroken, match="责任人和核查人不得为同一人"):
        hand_over(matters, city.desk, leaving, city.actor("town_verifier"), problem, handler=None)


@pytest.mark.parametrize(
    ("who", "error", "sentence"),
    [
        (("role_admin", CITY), NotAllowed, "此项须由"),
        (("auditor", CITY), NotAllowed, "此项须由"),
        (("town_handler", OTHER_TOWN), NotFound, "无权查看"),
    ],
    ids=["administrator", "auditor", "another town"],
)
def test_who_may_not_is_refused(city, matters, leaving, successor, assigned, who, error, sentence):
    before = len(city.topics())
    with pytest.raises(error, match=sentence):
        hand_over(matters, city.actor(*who, 2), leaving, successor, assigned)
    assert "problem.owner_changed" not in city.topics()[before:]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"reason": " "}, "请填写交接原因"),
        ({"reason": "电话 13812345678"}, "手机号码"),
        ({"owner": UUID(int=7)}, "新的责任人在该单位没有角色"),
        ({"handler": UUID(int=7)}, "新的经办人在该单位没有经办角色"),
    ],
    ids=["no reason", "phone", "nobody", "no handler"],
)
def test_what_is_not_said_well_is_refused_and_nothing_of_it_recorded(
    city, matters, leaving, successor, assigned, members, sentence
):
    before = under(matters, assigned)
    with pytest.raises(RuleBroken, match=sentence):
        hand_over(matters, city.desk, leaving, successor, assigned, **members)
    assert under(matters, assigned) == before


def test_somebody_of_another_town_does_not_take_over(city, matters, leaving, assigned):
    with pytest.raises(RuleBroken, match="没有角色"):
        hand_over(matters, city.desk, leaving, city.actor("town_handler", OTHER_TOWN), assigned)


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_none_and_too_many_are_refused(city, matters, leaving, successor, assigned, count):
    with pytest.raises(RuleBroken, match="一次最多"):
        hand_over(matters, city.desk, leaving, successor, *[assigned] * count)


def test_to_stay_where_it_is_is_no_hand_over(city, matters, leaving, assigned):
    with pytest.raises(RuleBroken, match="已是责任人"):
        hand_over(matters, city.desk, leaving, leaving, assigned)
