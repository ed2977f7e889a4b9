"""依据文件 in a browser: the editions, a later one proposed from the sheet in force, what it changes, and its adoption."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from application.campaign.documents import in_force
from domain.campaign.documents import Calendar

CITY = "320581"


@pytest.fixture(name="desk")
def _desk(signed_in):
    return signed_in("city_desk", CITY)


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{re.escape(name)}" type="hidden" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def propose(browser, city, **typed):
    address = "/documents/calendar/new"
    page = browser.get(address).text
    sheet = re.search(r"<textarea[^>]*name=\"sheet\"[^>]*>(.*?)</textarea>", page, re.S)
    assert sheet is not None
    told = {
        "sheet": sheet[1].strip() + "\n2027-10-04,放假",
        "years": "2025 2026 2027",
        "provisional": "",
        "basis": "国务院办公厅通知",
    }
    told |= {"effective_on": (city.ledger.today + timedelta(5)).isoformat(), "note": "录入2027年节假日"}
    return browser.post(address, page=address, token=hidden(page, "token"), **told | typed)


def test_a_later_calendar_is_proposed_looked_at_and_adopted_by_another(desk, signed_in, city):
    assert propose(desk, city).status_code == 303
    listed = desk.get("/documents").text
    assert ("第 2 版" in listed, "待采用" in listed) == (True, True)
    proposal = re.findall(r"/documents/([0-9a-f-]{36})", listed)
    pages = {id: desk.get(f"/documents/{id}").text for id in proposal}
    [(id, page)] = [(id, page) for id, page in pages.items() if "2027-10-04" in page and "待采用" in page]
    for words in ("与现行版本的不同", "2027-10-04", "放假", "在办线索", "录入2027年节假日"):
        assert words in page, words
    assert 'name="adopt-token"' not in page  # whoever proposed it does not adopt it

    decider = signed_in("city_decider", CITY)
    assert "待采用的依据文件" in decider.get("/desk").text
    assert "待采用的依据文件" not in desk.get("/desk").text
    page = decider.get(f"/documents/{id}").text
    sent = {"adopt-token": hidden(page, "adopt-token"), "adopt-seen": hidden(page, "adopt-seen")}
    asked = decider.post(f"/documents/{id}/adopt", page=f"/documents/{id}", **sent)
    assert "核对" in asked.text
    more = {
        name: hidden(asked.text, name)
        for name in re.findall(r'name="([a-z-]*(?:token|seen|look[a-z]*))" type="hidden"', asked.text)
    }
    answer = decider.post(f"/documents/{id}/adopt", page="/desk", checked="1", **sent | more)
    assert (answer.status_code, city.topics()[-1]) == (303, "document.adopted")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"sheet": "日期,放假或上班\n2027-10-04,休息"}, "第 2 行须写"),
        ({"sheet": "日期,放假或上班\n2027-10-04,放假\n2027-10-04,放假"}, "出现了 2 次"),
        ({"years": "二〇二七"}, "不是年份"),
        ({"years": "2027"}, "新版不能少"),
        ({"effective_on": "2025-01-01"}, "生效日期不能早于今天"),
        ({"note": ""}, "请填写修改说明"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(desk, city, typed, words):
    answer = propose(desk, city, **typed)

    assert (answer.status_code, words in answer.text) == (422, True)
    assert in_force(city.ledger, Calendar).edition == 1
    assert "document.proposed" not in city.topics()


def test_a_town_looks_and_proposes_nothing(signed_in):
    town = signed_in("town_handler")
    page = town.get("/documents").text

    assert ("工作日历" in page, "提请新版" in page) == (True, False)
    assert town.get("/documents/calendar/new").status_code == 403
    assert town.get("/documents/rumour/new").status_code == 404


def test_the_sheet_of_an_edition_comes_as_a_file(desk):
    first = re.search(r"/documents/([0-9a-f-]{36})", desk.get("/documents").text)
    assert first is not None
    sheet = desk.get(f"/documents/{first[1]}.csv")

    assert sheet.mimetype == "text/csv"
    assert sheet.data.startswith(b"\xef\xbb\xbf")
