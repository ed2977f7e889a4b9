"""The errand of a tip that went wrong first: to the wrong town, taken back, joined, answered twice, reopened; each by its form."""

from __future__ import annotations

import pytest

from domain.problems.problem import Problem
from domain.tips.tip import Tip
from tests.cities import OTHER_TOWN
from tests.interface.web.tips.test_tips import act

CITY, SOON = "320581", "2026-03-20"


@pytest.fixture(name="follow")
def _follow(services):
    return services.projections.catch_up


@pytest.fixture(name="desk")
def _desk(signed_in):
    return signed_in("city_desk", CITY)


@pytest.fixture(name="town")
def _town(signed_in):
    return signed_in("town_handler")


def state(city, tip) -> str:
    return city.ledger.fetch(Tip, tip).state


def test_the_wrong_town_has_it_no_more_and_the_list_says_what_it_is_about(desk, town, matters, city, follow):
    tip = matters.tip()
    matters.city.estate()
    follow()
    wrong = act(desk, tip, "accept", summary="楼道照明长期损坏", estate="没有的小区")
    assert (wrong.status_code, "没有登记过这个小区" in wrong.text) == (422, True)
    act(desk, tip, "accept", summary="楼道照明长期损坏", estate="演练花园")
    act(desk, tip, "assign", unit=OTHER_TOWN, due_on=SOON)
    act(desk, tip, "reassign", unit="320581003", due_on=SOON, reason="小区在本镇")
    assert "楼道照明长期损坏" in town.get("/tips").text

    act(desk, tip, "recall", reason="重新研究")
    assert state(city, tip) == "accepted"
    assert town.get(f"/tips/{tip}").status_code == 404


def test_what_is_urgent_stands_first_and_is_marked(desk, matters, follow):
    first, second = matters.tip(), matters.tip(text="外墙砖掉到楼下，差一点砸到行人")
    follow()
    act(desk, first, "mark_urgent", reason="危及行人")

    page = desk.get("/tips").text
    assert page.index(str(first)) < page.index(str(second))
    assert "紧急" in desk.get(f"/tips/{first}").text
    assert "列为紧急" not in {
        one for one in desk.get(f"/tips/{first}").text.split('"') if one.startswith("mark_urgent-token")
    }


def test_a_complaint_joins_a_problem_and_its_page_leads_there(town, desk, matters, city, follow):
    problem = city.ledger.fetch(Problem, matters.problem())
    tip = matters.verified_tip()
    follow()
    answer = act(town, tip, "join", number="没有这个")
    assert (answer.status_code, "台账中没有这个编号的问题" in answer.text) == (422, True)
    act(town, tip, "join", number=problem.number)

    page = town.get(f"/tips/{tip}").text
    assert f"/problems/{problem.id}" in page
    assert "线索已并入问题" in page


def test_the_reporter_is_informed_answered_twice_and_the_tip_reopened(town, desk, matters, city, follow):
    tip = matters.verified_tip("false")
    follow()
    act(town, tip, "inform", kind="interim", answer="已到现场查看")
    act(town, tip, "answer", answer="经查不属实")
    act(town, tip, "answer_again", answer="补充说明")
    refused = act(desk, tip, "reopen", cause="order", reason="上级要求复查")
    assert (refused.status_code, "请填写重新核查的办理期限" in refused.text) == (422, True)
    act(desk, tip, "reopen", cause="order", reason="上级要求复查", ordered_by="常信〔2026〕3号", due_on=SOON)

    page = town.get(f"/tips/{tip}").text
    for words in ("阶段答复", "已到现场查看", "补充说明", "原因：上级交办", "常信〔2026〕3号"):
        assert words in page, words
    assert state(city, tip) == "acknowledged"


def test_a_town_takes_up_its_own_call(town, matters, city, follow):
    from application.tips.commands import RegisterTip

    tip = matters.do(
        RegisterTip,
        city.actor("town_handler"),
        channel="hotline",
        received_on=city.ledger.today,
        text="夜里施工噪声很大",
    ).stream
    follow()
    assert "自办" in town.get(f"/tips/{tip}").text
    act(town, tip, "take_up", due_on=SOON)

    assert state(city, tip) == "acknowledged"


def test_the_list_of_overdue_answers_is_the_card(desk, matters, city, follow):
    matters.tip()
    follow()
    city.ledger.clock.advance(days=30)

    desk.get("/")
    assert "逾期未答复" in desk.get("/desk").text
    assert "线索 " in desk.get("/tips?due=answer").text
