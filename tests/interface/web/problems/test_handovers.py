"""工作交接: an administrator sees how much is open under a name, the unit's officials hand it over in one act."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from application.officials.officials import RetireOfficial
from application.problems.commands import AssignProblem
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.officials.test_officials import do
from tests.interface.web.test_frame import Marks
from tests.interface.web.tips.test_tips import CITY, hidden


@pytest.fixture
def problems(matters, leaving, successor, services):
    """One that they answer for, and one that they handle besides."""
    owned, both = matters.problem(title="楼道照明损坏"), matters.problem(title="电梯停运")
    matters.on_problem(AssignProblem, leaving, both, handler=UUID(leaving.id))
    services.projections.catch_up()
    return owned, both


@pytest.fixture
def address(city, leaving):
    return f"/hand-over/{TOWN}/{city.person(leaving)}"


def filled(browser, address, city, successor, **typed):
    page = browser.get(address).text
    ticked = re.findall(r'<input checked[^>]*name="problems"[^>]*value="([^"]+)"', page)
    told = {"owner": str(city.person(successor)), "handler": successor.id, "reason": "调离", "problems": ticked}
    return {"token": hidden(page, "token")} | told | typed


def send(browser, address, form, **more):
    return browser.post(address, page="/desk", **form, **more)


CHECKED = {"checked": "1", "password_again": PASSWORD}


def test_whoever_left_is_on_the_desk_and_is_relieved_in_one_act(
    city, matters, signed_in, services, leaving, successor, problems, address
):
    matters.do(RetireOfficial, city.administrator, official=UUID(leaving.id), reason="退休")
    services.projections.catch_up()
    browser = signed_in("town_verifier")

    assert "离岗人员名下有未办结问题" in browser.get("/desk").text
    assert "已离岗" in browser.get("/hand-over").text
    form = filled(browser, address, city, successor)
    assert sorted(form["problems"]) == sorted(map(str, problems))
    asked = send(browser, address, form)
    assert ("核对：工作交接" in asked.text, "电梯停运" in asked.text, asked.status_code) == (True, True, 200)
    done = send(browser, address, form, **CHECKED)

    assert (done.status_code, done.location) == (303, "/hand-over")
    for problem in problems:
        assert city.ledger.fetch(Problem, problem).stated["owner"] == str(city.person(successor))
    page = browser.get(f"/problems/{problems[1]}").text
    assert "责任人：测试town_handler1 → 测试town_handler2" in page
    assert "离岗人员名下有未办结问题" not in browser.get("/desk").text
    assert browser.get(address).status_code == 404


def test_what_is_not_ticked_stays(city, signed_in, leaving, successor, problems, address):
    browser = signed_in("town_closer")
    form = filled(browser, address, city, successor, problems=[str(problems[0])])

    assert send(browser, address, form, **CHECKED).status_code == 303

    owners = [city.ledger.fetch(Problem, one).stated["owner"] for one in problems]
    assert owners == [str(city.person(successor)), str(city.person(leaving))]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"problems": []}, "请选择要交接的问题"),
        ({"problems": ["x"]}, "要交接的问题不在可选范围内"),
        ({"owner": ""}, "请选择新的责任人"),
        ({"handler": "nobody"}, "新的经办人不在可选范围内"),
        ({"reason": ""}, "请填写交接原因"),
        ({"reason": "电话 13812345678"}, "不得出现手机号码"),
    ],
    ids=["none", "no problem", "no owner", "no handler", "no reason", "phone"],
)
def test_what_is_wrong_is_said_and_kept(city, signed_in, successor, problems, address, typed, words):
    browser = signed_in("town_handler", TOWN, 2)
    answer = send(
        browser, address, filled(browser, address, city, city.actor("town_handler", TOWN, 3), **typed), **CHECKED
    )

    assert (answer.status_code, words in answer.text) == (422, True)
    assert typed.get("reason", "调离") in answer.text
    assert "problem.owner_changed" not in city.topics()


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [("town_handler", OTHER_TOWN, 404), ("role_admin", CITY, 403), ("auditor", CITY, 403), ("city_decider", CITY, 403)],
)
def test_who_may_not_is_told_so(signed_in, problems, address, role, unit, status):
    assert signed_in(role, unit, 2).get(address).status_code == status


def test_an_address_that_is_none_is_not_found(signed_in, city, leaving, problems):
    browser = signed_in("city_desk", CITY)
    for unit in ("3", "999999", "x"):
        assert browser.get(f"/hand-over/{unit}/{city.person(leaving)}").status_code == 404


def test_an_administrator_sees_numbers_and_no_matters(signed_in, city, leaving, problems):
    keeper = signed_in("role_admin", CITY)

    page = keeper.get(f"/people/{leaving.id}").text
    assert ("责任人 2 件，经办人 1 件" in page, "电梯停运" in page) == (True, False)
    own = {f"retire-{name}": hidden(page, f"retire-{name}") for name in ("token", "seen")}
    asked = keeper.post(f"/people/{leaving.id}/retire", page="/desk", **own, **{"retire-reason": "退休"})
    assert "名下未办结问题</dt><dd>2</dd>" in asked.text
    assert do(keeper, leaving.id, "retire", reason="退休").status_code == 303


def test_the_pages_keep_the_house_rules(signed_in, problems, address):
    browser = signed_in("town_handler", TOWN, 2)
    for page in ("/hand-over", address):
        marks = Marks(browser.get(page).text)
        assert (marks.headings, marks.fields - marks.labels, marks.blocked) == (1, set(), [])


def test_without_another_handler_the_rest_is_handed_over_already(city, matters, signed_in, services, leaving):
    problem, closer = matters.problem(), city.actor("town_closer")
    matters.on_problem(AssignProblem, leaving, problem, handler=UUID(leaving.id))
    services.projections.catch_up()
    browser, address = signed_in("town_closer"), f"/hand-over/{TOWN}/{city.person(leaving)}"

    assert "本单位没有其他经办人员" in browser.get(address).text
    form = filled(browser, address, city, closer)
    assert send(browser, address, form, **CHECKED).status_code == 303

    found = city.ledger.fetch(Problem, problem)
    assert (found.stated["owner"], found.handler) == (str(city.person(closer)), leaving.id)
