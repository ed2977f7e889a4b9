"""更正登记: who may, what is looked at before it is signed, and that the old value stays in sight."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.problems.commands import AssignProblem
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def problem(matters, services):
    problem = matters.problem(title="楼道照明损坏", item="1.1")
    services.projections.catch_up()
    return problem


def filled(matters, browser, problem, **typed):
    """What the page's form holds, with what somebody typed over it."""
    page = browser.get(f"/problems/{problem}/correct").text
    stated = matters.city.ledger.fetch(Problem, problem).stated
    return stated | {name: hidden(page, name) for name in ("token", "seen")} | {"reason": "登记时选错"} | typed


def send(browser, problem, form, **more):
    address = f"/problems/{problem}/correct"
    return browser.post(address, page=address, **form, **more)


def test_what_changes_is_looked_at_before_it_is_signed(matters, signed_in, problem):
    browser = signed_in("town_handler")
    form = filled(matters, browser, problem, item="2.3")

    asked = send(browser, problem, form)
    assert (asked.status_code, "1.1 " in asked.text, "2.3 " in asked.text, "楼道更换" in asked.text) == (
        200, True, True, False,
    )  # fmt: skip
    done = send(browser, problem, form, checked="1", password_again=PASSWORD)

    page = browser.get(done.location).text
    assert "整治条目：1.1 → 2.3" in page
    assert matters.city.ledger.fetch(Problem, problem).item == "2.3"


def test_the_same_correction_sent_twice_is_one(matters, signed_in, problem):
    browser = signed_in("town_handler")
    form = filled(matters, browser, problem, title="三号楼照明损坏") | {"checked": "1", "password_again": PASSWORD}
    send(browser, problem, form)
    again = send(browser, problem, form)

    assert (again.status_code, matters.city.topics().count("problem.corrected")) == (303, 1)


def test_what_corrects_nothing_is_refused_before_it_is_looked_at(matters, signed_in, problem):
    browser = signed_in("town_handler")

    answer = send(browser, problem, filled(matters, browser, problem))

    assert (answer.status_code, "登记内容没有改动" in answer.text, "核对：" in answer.text) == (422, True, False)


def test_somebody_else_was_quicker(matters, signed_in, problem):
    browser = signed_in("town_handler")
    form = filled(matters, browser, problem, title="三号楼照明损坏") | {"checked": "1", "password_again": PASSWORD}
    handler = matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))

    answer = send(browser, problem, form)

    assert (answer.status_code, "此事项已有更新" in answer.text, "三号楼照明损坏" in answer.text) == (409, True, True)
    assert "problem.corrected" not in matters.city.topics()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"reason": ""}, "请填写更正理由"), ({"found_on": "2026-02-30"}, "不是有效日期"), ({"title": "长" * 81}, "不得超过 80 字")],
    ids=["no reason", "no such day", "long"],
)  # fmt: skip
def test_what_is_wrong_is_said_and_kept(matters, signed_in, problem, typed, sentence):
    browser = signed_in("town_handler")
    answer = send(browser, problem, filled(matters, browser, problem, **typed))
    assert (answer.status_code, sentence in answer.text) == (422, True)


@pytest.mark.parametrize(("role", "town", "status"), [("town_closer", None, 403), ("town_handler", OTHER_TOWN, 404)])
def test_who_may_not_is_told_so(signed_in, problem, role, town, status):
    browser = signed_in(role, town) if town else signed_in(role)
    assert browser.get(f"/problems/{problem}/correct").status_code == status
