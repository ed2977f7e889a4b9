"""分派: the estate proposes the town and the page says why; a person decides."""

from __future__ import annotations

import re

import pytest

from application.tips.commands import AcceptTip
from domain.tips.tip import Tip
from interface.web.tips import town_suggestion
from projections.registers import EstateItem
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.tips.test_tips import act

CITY = "320581"


def estate(id: str, name: str, unit: str, *aliases: str) -> EstateItem:
    return EstateItem(
        id, name, unit, {TOWN: "琴川", OTHER_TOWN: "虞山"}[unit], "commercial", None, aliases, *[None] * 5, 0
    )


GARDEN, EAST = estate("1", "演练花园", TOWN, "老演练厂宿舍"), estate("2", "演练花园东区", TOWN)
TWIN, OTHER_TWIN = estate("3", "枫林苑", TOWN), estate("4", "枫林苑", OTHER_TOWN)
ESTATES = [GARDEN, EAST, TWIN, OTHER_TWIN]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("琴川 · 演练花园", GARDEN),
        ("演练花园", GARDEN),
        ("老演练厂宿舍", GARDEN),
        ("枫林苑", None),
        ("虞山 · 枫林苑", OTHER_TWIN),
        ("没有的小区", None),
    ],
)
def test_an_estate_is_found_by_what_is_typed(typed, found):
    assert town_suggestion.find(typed, ESTATES) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我住演练花园，电梯坏了", [GARDEN]),
        ("演练花园东区的电梯坏了", [EAST]),
        ("老演练厂宿舍（演练花园）漏水", [GARDEN]),
        ("枫林苑的保安", [TWIN, OTHER_TWIN]),
        ("路上积水", []),
    ],
)
def test_estates_are_recognised_in_a_text(text, found):
    assert town_suggestion.named(text, ESTATES) == found


@pytest.fixture
def accepted(matters, city, services):
    city.estate()
    tip = matters.tip(text="演练花园三号楼的电梯坏了三个月，打电话没人来修")
    matters.on_tip(AcceptTip, city.desk, tip)
    services.projections.catch_up()
    return tip


@pytest.fixture
def desk(signed_in):
    return signed_in("city_desk", CITY)


def test_the_estate_proposes_its_town_and_a_person_decides(desk, accepted, city):
    proposed = act(desk, accepted, "assign", estate="演练花园", due_on="2026-03-20")
    assert (proposed.status_code, "建议交办琴川。依据：小区“演练花园”登记于琴川" in proposed.text) == (422, True)
    assert f'<option selected value="{TOWN}">' in proposed.text

    act(desk, accepted, "assign", estate="演练花园", unit=TOWN, due_on="2026-03-20")

    assert city.ledger.fetch(Tip, accepted).unit == TOWN
    assert "依据：小区“演练花园”登记于琴川街道" in desk.get(f"/tips/{accepted}").text


def test_the_form_knows_the_registered_estates(desk, accepted):
    page = desk.get(f"/tips/{accepted}").text

    assert re.search(
        r'list="assign-estate-list".*?<datalist id="assign-estate-list"><option value="琴川 · 演练花园">', page, re.S
    )


def test_an_estate_that_the_opened_text_names_is_proposed(desk, accepted):
    page = desk.post(f"/tips/{accepted}/text", page=f"/tips/{accepted}", **{"text-why": "screen"}).text

    assert ("建议交办琴川" in page, f'<option selected value="{TOWN}">' in page) == (True, True)


def test_of_two_estates_of_one_name_none_is_proposed_and_the_page_says_so(desk, accepted, city, services):
    city.estate(OTHER_TOWN)
    services.projections.catch_up()

    page = desk.post(f"/tips/{accepted}/text", page=f"/tips/{accepted}", **{"text-why": "screen"}).text

    assert ("2 个可能：虞山 · 演练花园、琴川 · 演练花园" in page, "建议交办" in page) == (True, False)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"estate": "没有的小区", "due_on": "2026-03-20"}, "没有登记过这个小区"),
        ({"due_on": "2026-03-20"}, "请选择镇（街道）"),
        ({"unit": OTHER_TOWN, "estate": "演练花园", "due_on": "2026-03-20"}, "与所选镇（街道）不同"),
        ({"unit": TOWN, "due_on": "2026-02-30"}, "不是有效日期"),
    ],
    ids=["no such estate", "no town", "another town", "no such day"],
)
def test_what_is_wrong_is_said(desk, accepted, city, typed, words):
    answer = act(desk, accepted, "assign", **typed)

    assert (answer.status_code, words in answer.text, "tip.assigned" in city.topics()) == (422, True, False)
