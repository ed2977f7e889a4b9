"""The ledger as a file: the same rows as on the page, nothing a spreadsheet would run, nothing of another town."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from tests.cities import OTHER_TOWN


@pytest.fixture
def browser(matters, signed_in, services):
    matters.problem(title="=1+1 电梯停运", description="@公示缺失")
    matters.closed_problem()
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
    assert ("state=closed" in rows[-1][0], "共 1 条" in rows[-1][0]) == (True, True)


def test_no_cell_is_a_formula(browser):
    assert sheet(browser.get("/problems.xlsx"))[4][7] == "=1+1 电梯停运"
    rows = list(csv.reader(io.StringIO(browser.get("/problems.csv").data.decode("utf-8-sig"))))
    assert rows[2][7:9] == ["'=1+1 电梯停运", "'@公示缺失"]


def test_another_towns_export_is_empty(browser, signed_in):
    stranger = signed_in("town_handler", OTHER_TOWN)
    assert len(list(csv.reader(io.StringIO(stranger.get("/problems.csv").data.decode("utf-8-sig"))))) == 1
    assert "琴川-0000" not in str(sheet(stranger.get("/problems.xlsx")))


def test_there_is_no_other_kind(browser):
    assert browser.get("/problems.exe").status_code == 404
