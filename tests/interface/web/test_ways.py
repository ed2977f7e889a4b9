"""From a list to a matter and back; from a tip to its problems and to the file it came in. 来路与去路"""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest

from application.imports.imports import StartImport
from application.tips.commands import RegisterTip, TurnTipIntoProblems
from tests.cities import OTHER_TOWN
from tests.matters import TOLD


@pytest.fixture
def follow(services):
    return services.projections.catch_up


def first(pattern: str, page: str) -> str:
    return unescape(re.findall(pattern, page)[0])


def test_a_problem_leads_to_its_neighbours_and_back_within_the_filter(matters, signed_in, follow):
    for title in ("电梯停运一", "照明损坏", "电梯停运二"):
        matters.problem(title=title)
    follow()
    browser = signed_in("town_handler")
    asked = "/problems?text=电梯&page=1"

    newest = first(r'data-label="台账编号"[^>]*><a href="([^"]+)"', browser.get(asked).text)
    page = browser.get(newest).text
    other = browser.get(first(r'rel="next" href="([^"]+)"', page)).text

    assert ("电梯停运一" in other, 'rel="next"' in other) == (True, False)
    back = browser.get(first(r'<a href="(/problems\?[^"]+)">问题台账', other)).text
    assert ("共 2 条" in back, 'value="电梯"' in back) == (True, True)


def test_a_tip_leads_to_its_neighbours_and_back_within_the_filter(matters, signed_in, follow, city):
    matters.do(RegisterTip, city.desk, channel="mail", received_on=city.ledger.today, text=TOLD)
    matters.do(RegisterTip, city.desk, channel="petition", received_on=city.ledger.today, text=TOLD)
    matters.do(RegisterTip, city.desk, channel="mail", received_on=city.ledger.today, text=TOLD)
    follow()
    browser = signed_in("city_desk", "320581")

    newest = first(r'<a href="(/tips/[0-9a-f-]{36}[^"]*)">线索', browser.get("/tips?channel=mail").text)
    other = browser.get(first(r'rel="next" href="([^"]+)"', browser.get(newest).text)).text

    assert 'rel="next"' not in other
    assert "共 2 条" in browser.get(first(r'<a href="(/tips\?[^"]+)">问题线索', other)).text


def test_an_act_leads_back_to_the_matter_within_its_list(matters, signed_in, follow):
    problem = matters.reported_problem()
    follow()
    browser = signed_in("town_verifier")
    page = browser.get(f"/problems/{problem}?state=reported&act=verify").text

    assert f'action="/problems/{problem}/verify?state=reported"' in page


def test_a_tip_leads_to_the_problems_it_became(matters, signed_in, follow):
    tip, handler = matters.verified_tip(), matters.city.actor("town_handler")
    matters.on_tip(
        TurnTipIntoProblems, handler, tip, problems=(matters.findings(title="甲"), matters.findings(title="乙"))
    )
    follow()
    browser = signed_in("town_handler")

    found = re.findall(r'<a class="row" href="([^"]+)">(\S+) (\S+)</a>', browser.get(f"/tips/{tip}").text)

    assert {title for _href, _number, title in found} == {"甲", "乙"}
    for href, number, title in found:
        page = browser.get(href).text
        assert (number in page, title in page) == (True, True)


def test_an_imported_tip_says_which_row_of_which_file_it_was(matters, signed_in, follow, city):
    batch, sha256 = uuid4(), "ab" * 32
    start = {"kind": "tips", "source": "12345", "file_sha256": sha256, "mapping_sha256": "cd" * 32, "rows": 9}
    matters.do(StartImport, city.desk, batch=batch, **start)
    own = {"source": "12345", "number": "GD-1", "batch": batch, "row": 7}
    told = {"channel": "12345", "received_on": city.ledger.today, "text": TOLD}
    tip = matters.do(RegisterTip, city.desk, **told, **own).stream
    follow()

    page = signed_in("city_desk", "320581").get(f"/tips/{tip}").text

    assert ("12345，2026-03-02，第 7 行" in page, sha256 in page) == (True, True)
    assert signed_in("town_handler", OTHER_TOWN).get(f"/tips/{tip}").status_code == 404


def test_whoever_closed_a_problem_is_told_what_another_must_do(matters, signed_in, follow):
    problem = matters.closed_problem()
    follow()

    page = signed_in("town_closer").get(f"/problems/{problem}").text

    assert ("如需撤销销号，请由另一位同事办理" in page, "下一环节" in page) == (True, False)
    assert "如需撤销销号" not in signed_in("town_closer", number=2).get(f"/problems/{problem}").text
