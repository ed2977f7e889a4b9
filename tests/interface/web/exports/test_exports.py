"""Lists as files: the same rows as on the page, nothing a spreadsheet would run, nothing of another town."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from application.exchange.problem_import import LedgerImport
from application.exchange.problem_rows import COLUMNS
from application.exchange.sheet import read
from application.tips.commands import AcceptTip, AssignTip
from interface.kit.access_text import LISTS as LISTS_IN_WORDS
from tests.application.deductions.test_deductions import proposed
from tests.cities import OTHER_TOWN, TOWN
from tests.matters import TOLD

ROWS = "/figures/rows?figure=problems_opened&start=2026-03-02&end=2026-03-08"


@pytest.fixture
def browser(matters, signed_in, services):
    matters.problem(title="=1+1 电梯停运", description="@公示缺失")
    matters.closed_problem()
    matters.verified_tip()
    services.projections.catch_up()
    return signed_in("town_handler")


def sheet(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_the_excel_file_has_the_rows_of_the_page(browser):
    rows = sheet(browser.get("/problems.xlsx"))

    assert rows[0][0].startswith("整治工作台账（格式待市专班确认）【演练】")
    assert rows[1][0] == "填报单位：琴川　截至日期：2026-03-02"
    assert rows[2][:3] == ["序号", "台账编号", "镇（街道）"]
    assert [row[1] for row in rows[3:5]] == ["常物整〔2026〕琴川-00002", "常物整〔2026〕琴川-00001"]
    assert rows[3][17] == date(2026, 3, 2)
    assert "共 2 条" in rows[5][0]


def test_the_filter_goes_along(browser):
    rows = sheet(browser.get("/problems.xlsx?state=closed"))
    assert rows[-1][0].startswith("筛选：状态：已销号；截至")
    assert "共 1 条" in rows[-1][0]
    assert sheet(browser.get("/problems.xlsx?state=nonsense"))[-1][0].startswith("筛选：全部；")


def test_no_cell_is_a_formula(browser):
    assert sheet(browser.get("/problems.xlsx"))[4][7] == "=1+1 电梯停运"
    rows = list(csv.reader(io.StringIO(browser.get("/problems.csv").data.decode("utf-8-sig"))))
    assert rows[2][7:9] == ["'=1+1 电梯停运", "'@公示缺失"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_exported_ledger_comes_in_again_without_effect(browser, city, tmp_path, kind):
    (tmp_path / f"ledger.{kind}").write_bytes(browser.get(f"/problems.{kind}").data)
    before = city.topics()

    task = LedgerImport(city.ledger, city.desk, read(tmp_path / f"ledger.{kind}", heads=COLUMNS), "原台账")
    task.run()

    assert task.counts == {"registered": 0, "repeated": 2, "refused": 0}
    assert city.topics() == before


def test_a_list_as_csv_says_once_what_it_is(browser):
    assert browser.get("/problems.csv").headers["Content-Type"] == "text/csv; charset=utf-8"


def test_another_towns_export_is_empty(browser, signed_in):
    stranger = signed_in("town_handler", OTHER_TOWN)
    assert len(list(csv.reader(io.StringIO(stranger.get("/problems.csv").data.decode("utf-8-sig"))))) == 1
    assert "琴川-0000" not in str(sheet(stranger.get("/problems.xlsx")))


LISTS = ["/problems", "/tips", "/companies", "/estates", "/deductions", ROWS]


def as_file(address, kind):
    """The address of a list's file, the filter kept."""
    path, _, query = address.partition("?")
    return f"{path}.{kind}?{query}"


def lines(answer):
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", LISTS)
def test_every_list_is_a_file_with_as_many_rows(browser, address):
    total = re.search(r"共 (\d+) 条", browser.get(address).text)[1]

    assert len(lines(browser.get(as_file(address, "csv")))) == int(total) + 1
    assert f"共 {total} 条" in sheet(browser.get(as_file(address, "xlsx")))[-1][0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("address", LISTS)
def test_no_file_holds_anything_of_another_town(browser, signed_in, address, kind):
    """Companies are public; what they have done in another town is not, nor what is left of their points."""
    stranger = signed_in("town_handler", OTHER_TOWN)
    answer = stranger.get(as_file(address, kind))
    said = str(sheet(answer) if kind == "xlsx" else lines(answer))

    assert not [secret for secret in ("琴川", "演练花园", "电梯停运", "多次督促") if secret in said]
    if address == "/companies" and kind == "csv":
        assert lines(answer)[1][3:] == ["0", "0", "0.0", ""]


def test_a_deduction_is_in_the_file_as_on_the_page(matters, signed_in, services):
    proposed(matters, points_x10=5)
    services.projections.catch_up()

    [head, row] = lines(signed_in("town_handler").get("/deductions.csv?state=proposed"))

    assert dict(zip(head, row, strict=True))["建议分值"] == "0.5"
    assert row[6:] == ["常物整〔2026〕琴川-00001", "楼道照明损坏未修复", "琴川", "待决定", "", "", "", ""]


def test_an_earlier_file_is_of_the_earlier_state(browser, matters):
    opened = matters.city.topics().index("problem.opened")
    assert len(lines(browser.get(f"/problems.csv?as_of={opened}"))) == 1
    assert len(lines(browser.get(f"/problems.csv?as_of={opened + 1}"))) == 2


@pytest.mark.parametrize(
    "address", ["/deductions.csv?state=nonsense", "/companies.csv?text=%25", "/estates.csv?page=x"]
)
def test_nonsense_in_the_address_is_no_fault(browser, address):
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/figures/rows.csv", "/figures/rows.csv?figure=x&start=2026-03-01&end=2026-03-02"])
def test_a_figure_that_does_not_exist_has_no_file(browser, address):
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("more", ["kind=exe", "_external=1&_scheme=javascript", "_anchor=x", "_method=POST"])
def test_an_address_cannot_bend_the_links_of_its_page(browser, more):
    page = browser.get(f"/problems?{more}")
    assert (page.status_code, "javascript:" in page.text) == (200, False)
    assert 'href="/problems.xlsx' in page.text


def test_a_file_is_recorded_by_the_code_of_its_list(browser, signed_in, database):
    """The record is sealed: what stands in it today is what a later reader knows the list by, wherever its page has gone."""
    weeks = {"/figures/weekly": "weekly", "/figures/monthly": "monthly", ROWS: "figure_rows"}
    lists = {
        "/problems": "ledger",
        **{f"/{name}": name for name in ("tips", "companies", "estates", "deductions")},
        **weeks,
    }
    keeper = signed_in("role_admin", "320581")
    expected = {f"export/listings.{code}/csv" for code in lists.values()}
    expected |= {"export/official_listings.file/csv", "export/official_listings.keys_file/csv"}

    assert {browser.get(as_file(address, "csv")).status_code for address in lists} == {200}
    assert {keeper.get(f"/people/{name}.csv").status_code for name in ("officials", "keys")} == {200}

    with database.cursor() as cursor:
        cursor.execute("SELECT DISTINCT what FROM vault.access WHERE what LIKE 'export/%'")
        recorded = {what for (what,) in cursor.fetchall()}
    assert recorded == expected
    assert {what.split("/")[1].rpartition(".")[2] for what in recorded} == LISTS_IN_WORDS.keys()


def test_there_is_no_other_kind(browser):
    assert browser.get("/problems.exe").status_code == 404


def test_a_tip_is_in_the_file_with_its_terms_and_without_its_words(matters, city, signed_in, services, clock):
    tip = matters.tip(reporter="张某", contact="13800000000")
    matters.on_tip(AcceptTip, city.desk, tip, item="3.1")
    matters.on_tip(AssignTip, city.desk, tip, unit=TOWN, due_on=matters.in_days(10))
    matters.verified_tip()
    clock.advance(days=9)
    services.projections.catch_up()

    answer = signed_in("town_handler").get("/tips.csv?state=assigned")

    [head, row] = lines(answer)
    said = dict(zip(head, row, strict=True))
    assert (said["初判条目"], said["签收期限"], said["备注"]) == ("电梯故障维保不力", "2026-03-09", "签收逾期 2 日")
    assert not [secret for secret in (TOLD[:6], "张某", "13800000000") if secret in answer.text]


def test_a_file_of_tips_keeps_the_state_of_the_past(matters, signed_in, services, clock):
    matters.tip()
    clock.advance(days=2)
    matters.tip()
    services.projections.catch_up()
    browser = signed_in("city_desk", "320581")

    assert (len(lines(browser.get("/tips.csv"))), len(lines(browser.get("/tips.csv?as_of=2026-03-02")))) == (3, 2)
