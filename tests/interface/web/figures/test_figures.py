"""Figures: every number on the page opens exactly as many rows; deductions and companies beside them."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest

from application.deductions.deductions import DecideDeduction, ProposeDeduction
from application.log.log_keys import LogKeys
from application.problems.commands import RevokeClosure
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import Note
from domain.data import read
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.exports.test_exports import lines, sheet
from tests.interface.web.tips.test_tips import hidden

LINK = re.compile(r'href="(/figures/rows\?[^"]+)"[^>]*>(?:\s*<span>[^<]*</span><br>\s*<b>)?([\d.]+%?|—)<')


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def lived(matters, follow):
    """Something of every kind has happened this week."""
    matters.closed_problem()
    matters.reported_problem()
    matters.verified_tip("false")
    matters.tip()
    follow()


@pytest.mark.parametrize("address", ["/figures/weekly?week=2026-W10", "/figures/monthly?month=2026-03"])
def test_every_number_opens_as_many_rows(lived, signed_in, address):
    browser = signed_in("city_desk", "320581")
    page = browser.get(address).text
    links = {(unescape(link), number) for link, number in LINK.findall(page) if "%" not in number and number != "—"}

    assert len(links) > 30
    assert any(number != "0" for _, number in links)
    for link, number in links:
        assert f"共 {number} 件" in browser.get(link).text, link


def test_the_root_that_was_published_is_printed_with_the_report(lived, signed_in, services, city):
    browser = signed_in("city_desk", "320581")
    before = browser.get("/figures/monthly").text
    LogKeys.create(services.home.keys, services.origin)
    note = Publisher(services.home, LogKeys.load(services.home.keys), LogReader(services.ledger)).publish()
    root = Checkpoint.parse(Note.parse((services.home.trail / "checkpoint").read_bytes()).text).root.hex()

    assert ("根哈希" in before, root in browser.get("/figures/monthly").text) == (False, True)
    assert note.size == len(city.topics())


def test_a_week_of_the_trend_opens_its_rows(lived, signed_in):
    """In the middle of a week and of a month as well."""
    browser = signed_in("city_desk", "320581")
    page = browser.get("/figures/monthly?month=2026-03").text
    table = page.partition("周（周一）")[2].partition("</table>")[0]
    links = LINK.findall(table)

    assert len(links) == 48
    assert [number for _link, number in links[-4:]] == ["2", "1", "2", "1"]
    for link, number in links[-4:]:
        assert f"共 {number} 件" in browser.get(unescape(link)).text


def test_a_rate_shows_what_it_is_made_of(lived, signed_in):
    page = signed_in("city_desk", "320581").get("/figures/weekly?week=2026-W10").text
    assert "1 / 2" in page
    assert "close_rate@3" in page
    assert page.count('<small class="mute">1/2</small>') >= 3  # of the town, of the item, and of the whole


def test_in_english_the_items_have_their_english_names(lived, signed_in):
    browser = signed_in("city_desk", "320581")
    chinese = {address: browser.get(address).text for address in ("/figures/weekly", "/problems")}
    browser.client.set_cookie("language", "en")
    [item] = [one for one in read("catalogue")["items"] if one["code"] == "1.1"]

    for address in ("/figures/weekly", "/problems"):
        english = browser.get(address).text
        assert (item["name"] in chinese[address], item["name_en"] in chinese[address]) == (True, False)
        assert (item["name"] in english, escape(item["name_en"]) in english) == (False, True)


def test_before_anything_happened_everything_is_nought(lived, signed_in):
    page = signed_in("city_desk", "320581").get("/figures/weekly?week=2026-W10&as_of=10").text

    assert {number for _, number in LINK.findall(page)} == {"0", "—"}


@pytest.mark.parametrize("address", ["weekly?week=2031-W01", "monthly?month=2031-01", "weekly.csv?week=2031-W01"])
def test_a_period_that_has_not_begun_has_no_figures(signed_in, address):
    answer = signed_in("city_desk", "320581").get(f"/figures/{address}")

    assert (answer.status_code, "请选择较早的一期" in answer.text) == (404, True)


@pytest.mark.parametrize(("page", "earlier"), [("weekly", "week=2026-W09"), ("monthly", "month=2026-02")])
def test_after_the_present_period_comes_none_yet(lived, signed_in, page, earlier):
    browser = signed_in("city_desk", "320581")

    assert 'rel="next"' not in browser.get(f"/figures/{page}").text
    assert 'rel="next"' in browser.get(f"/figures/{page}?{earlier}").text


def test_a_week_that_does_not_exist_is_said_to_be_none(signed_in):
    assert signed_in("city_desk", "320581").get("/figures/weekly?week=2026-W99").status_code == 404
    assert signed_in("city_desk", "320581").get("/figures/rows?figure=x&start=1&end=2").status_code == 404


def test_a_deduction_goes_from_proposal_to_the_companys_balance(matters, signed_in, follow):
    problem = matters.closed_problem()
    follow()
    town, housing = signed_in("town_handler"), signed_in("housing_decider", "320581-housing")
    address = f"/deductions/new?problem={problem}"
    page = town.get(address).text
    typed = {"score_code": "J-01", "points": "0.5", "reason": "多次督促未整改"}
    own = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}

    proposed = town.post(address, page=address, **own, **typed)

    assert proposed.status_code == 303
    page = housing.get(proposed.location).text
    own = {f"decide-{field}": hidden(page, f"decide-{field}") for field in ("token", "seen")}
    typed = {"decide-points": "0.5", "decide-document": "常住建信〔2026〕1号", "decide-decided_on": "2026-03-02"}
    checked = {"checked": "1", "password_again": PASSWORD}
    decided = housing.post(f"{proposed.location}/decide", page=proposed.location, **own, **typed, **checked)
    assert decided.status_code == 303
    page = housing.get(f"/companies/{matters.city.company()}").text
    assert ("99.5" in page, "data-print" in page) == (True, True)
    assert '<a href="#decided">' in page.partition("信用余分")[0].rpartition("<li")[2]
    [address] = re.findall(r'href="(/deductions\.csv\?[^"]+)"', page)
    assert [row[4:6] for row in lines(housing.get(address))[1:]] == [["0.5", "0.5"]]


@pytest.mark.parametrize("typed", ["很多", "0.25", "NaN", "Infinity", "1e0"])
def test_points_that_are_no_number_with_one_decimal_are_refused(matters, signed_in, follow, typed):
    problem = matters.closed_problem()
    follow()
    town, address = signed_in("town_handler"), f"/deductions/new?problem={problem}"
    page = town.get(address).text
    own = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}

    answer = town.post(address, page=address, **own, score_code="J-01", points=typed, reason="理由")

    assert answer.status_code == 422
    assert "分值应为数字" in answer.text


def test_the_balance_as_of_an_earlier_entry_has_no_later_deduction(matters, signed_in, follow):
    problem = matters.closed_problem()
    before = len(matters.city.topics())
    town = matters.city.actor("town_handler")
    seen = matters.seen(Problem, problem)
    receipt = matters.do(
        ProposeDeduction, town, problem=problem, seen=seen, score_code="J-01", points_x10=10, reason="逾期"
    )
    housing = matters.city.actor("housing_decider", "320581-housing")
    matters.do(
        DecideDeduction,
        housing,
        deduction=receipt.stream,
        seen=1,
        points_x10=10,
        document="1号",
        decided_on=matters.city.ledger.today,
    )
    follow()
    browser, address = signed_in("city_desk", "320581"), f"/companies/{matters.city.company()}"

    assert "<b>99</b>" in browser.get(address).text
    assert "<b>100</b>" in browser.get(f"{address}?as_of={before}").text


@pytest.fixture
def revoked_later(matters, clock, follow):
    """A close-out of week 10 that turned out to be false in week 11."""
    problem = matters.closed_problem()
    matters.problem(title="另一问题")
    clock.advance(days=8)
    decider, due = matters.city.actor("city_decider", "320581"), matters.in_days(20)
    matters.on_problem(RevokeClosure, decider, problem, reason="照片不实", due_on=due)
    follow()
    return problem


def test_a_week_whose_close_out_was_revoked_shows_both_numbers(revoked_later, signed_in):
    browser = signed_in("city_desk", "320581")
    page = browser.get("/figures/weekly?week=2026-W10").text
    card = page.partition('id="mended"')[2].partition("</section>")[0]

    row = re.search(r'data-label="指标">销号问题</td>.*?href="([^"]+)">1</a>.*?href="([^"]+)">0</a>', card, re.DOTALL)
    assert "共 1 件" in browser.get(unescape(row[1])).text
    assert "共 0 件" in browser.get(unescape(row[2])).text
    assert (str(revoked_later) in card, "照片不实" in card) == (True, True)
    assert page.count("更正，原 1<") == 8  # closed and open: of the town, of the item, and of both wholes
    assert "更正，原 50.0%" in page


def test_the_week_itself_and_its_past_are_not_corrected(revoked_later, signed_in):
    browser = signed_in("city_desk", "320581")
    for address in ("week=2026-W11", "week=2026-W10&as_of=2026-03-09"):
        assert 'id="mended"' not in browser.get(f"/figures/weekly?{address}").text


def test_the_sheet_of_a_week_is_a_file(revoked_later, signed_in):
    """A row for each town, one for all; rates with their parts; what was corrected."""
    browser = signed_in("city_desk", "320581")

    rows = lines(browser.get("/figures/weekly.csv?week=2026-W10"))

    head, whole = rows[0], dict(zip(rows[0], rows[-1], strict=True))
    assert head[1:3] == ["单位", "新增线索"]
    assert (len(rows), whole["单位"], whole["销号率"], whole["停滞问题"]) == (16, "合计", "0.0%（0/2）", "0")
    assert "销号问题 1 → 0" in whole["更正"]
    book = sheet(browser.get("/figures/weekly.xlsx?week=2026-W10"))
    assert book[0][0] == "周调度表 2026-W10（格式待市专班确认）【演练】"
    assert all(
        words in book[-1][0] for words in ("期间 2026-03-02 至 2026-03-08", "口径：新增线索", "停滞问题：截至日")
    )
    assert browser.get("/figures/monthly.xlsx?month=2026-03").status_code == 200


def test_the_sheet_of_a_town_is_its_own(revoked_later, signed_in):
    own = lines(signed_in("town_handler", OTHER_TOWN).get("/figures/weekly.csv?week=2026-W10"))

    assert [row[1] for row in own] == ["单位", "虞山", "合计"]
    assert {cell for row in own[1:] for cell in row[2:]} <= {"0", "—（0/0）", ""}


@pytest.mark.parametrize(
    "address", ["weekly?week=0001-W01", "monthly?month=9999-12", "weekly.csv?week=x", "weekly.exe"]
)
def test_a_period_that_cannot_be_is_said_to_be_none(signed_in, address):
    assert signed_in("city_desk", "320581").get(f"/figures/{address}").status_code == 404


def test_another_town_sees_nothing_of_the_correction(revoked_later, signed_in):
    page = signed_in("town_handler", OTHER_TOWN).get("/figures/weekly?week=2026-W10").text
    assert ("更正" in page, "照片不实" in page) == (False, False)
