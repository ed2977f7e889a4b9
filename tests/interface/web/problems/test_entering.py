"""The city's desk and the departments enter what they find in a town; the town assigns it."""

from __future__ import annotations

import pytest

from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.problems.test_problems import photo
from tests.interface.web.tips.test_tips import hidden

DESK, DEPARTMENT = ("city_desk", "320581"), ("department_handler", "320581-housing")


@pytest.fixture
def typed(matters, services):
    found = matters.findings()
    services.projections.catch_up()
    said = {
        "title": "消防通道被占用", "item": "1.4", "estate": str(found.estate), "description": "三号楼前堆放杂物",
        "found_on": found.found_on.isoformat(), "found_by": "inspection", "source": "督导检查通知书〔2026〕3号",
        "kind": "by_deadline", "responsible": found.responsible, "owner": str(found.owner), "measures": "立即清理",
        "due_on": found.due_on.isoformat(),
    }  # fmt: skip
    return {f"problem-{name}": value for name, value in said.items()}


def enter(browser, typed, unit=TOWN):
    address = f"/problems/new?unit={unit}"
    token = hidden(browser.get(address).text, "token")
    return browser.post(address, page=address, token=token, evidence=photo(), **typed)


@pytest.mark.parametrize("who", [DESK, DEPARTMENT])
def test_it_is_the_towns_and_waits_to_be_assigned(matters, signed_in, services, typed, who):
    browser = signed_in(*who)
    assert "先选择问题所在镇（街道）" in browser.get("/problems/new").text

    answer = enter(browser, typed)

    assert answer.status_code == 303, answer.text
    [opened] = [one for one in matters.city.ledger.read(after=0, limit=500) if one.topic == "problem.opened"]
    assert (opened.unit, opened.data["unit"], opened.data["found_by"]) == (who[1], TOWN, "inspection")
    services.projections.catch_up()
    town = signed_in("town_handler")
    page = town.get(f"/problems/{opened.stream}").text
    assert all(words in page for words in ("待交办", "监督检查", "督导检查通知书〔2026〕3号", 'id="act-assign"'))
    assert browser.get(answer.location).status_code == 200
    assert "消防通道被占用" not in signed_in("town_handler", OTHER_TOWN).get("/problems").text


def test_another_town_enters_nothing_here(matters, signed_in, typed):
    other = signed_in("town_handler", OTHER_TOWN)
    answer = enter(other, typed)
    assert answer.status_code in (404, 422)
    assert "problem.opened" not in matters.city.topics()


def test_who_only_watches_is_not_offered_it(signed_in):
    assert signed_in("auditor", "320581").get("/problems/new").status_code == 403


def test_an_address_that_names_no_town_is_answered_in_words(signed_in):
    answer = signed_in(*DESK).get("/problems/new?unit=x")
    assert (answer.status_code, "没有这个镇（街道）" in answer.text) == (404, True)


def test_the_city_enters_no_close_out_of_its_own(signed_in, typed):
    """What was mended on the spot is the town's to say."""
    assert "当场整改情况" not in signed_in(*DESK).get(f"/problems/new?unit={TOWN}").text
