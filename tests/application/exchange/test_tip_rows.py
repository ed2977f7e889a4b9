"""What a row says, and the sentence for each that says it wrongly."""

from __future__ import annotations

from datetime import date

import pytest

from application.exchange.mapping import Mapping
from application.exchange.sheet import Sheet
from application.exchange.tip_rows import BadRow, Reader, clean

TODAY = date(2026, 3, 2)
MAPPING = """
source = "测试"
channel = "12345"
dates = ["%Y/%m/%d", "%Y年%m月%d日", "%d.%m.%Y", "%m.%d.%Y"]
[columns]
number = "编号"
received_at = "日期"
text = "内容"
accuses_official = "公职"
"""


def told(day="2026/3/1", text="电梯困人", number="1", accuses="否"):
    row = (number, day, text, accuses)
    sheet = Sheet(("编号", "日期", "内容", "公职"), [row], [2], [], 0, "", "csv", "")
    return Reader(sheet, Mapping.parse(MAPPING.encode())).read(row, TODAY)


@pytest.mark.parametrize(
    "day", ["2026/2/27", "2026/02/27", "2026年2月27日", "2026-02-27", "2026-02-27 08:15:00", "27.02.2026", "02.27.2026"]
)
def test_all_date_styles_of_one_column_are_understood(day):
    assert told(day).received_on == date(2026, 2, 27)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026/2/30", "“2026/2/30”无法识别或不存在"),
        ("9999-99-99", "无法识别或不存在"),
        ("", "没有填写收到日期"),
        ("46082", "无法识别或不存在"),
        ("01.02.2026", "可读作 2026-02-01 或 2026-01-02，请写成 2026-03-01 这样"),
        ("2026/3/3", "2026-03-03 晚于今天"),
        ("1900-01-01", "1900-01-01 早于 2000 年"),
    ],
)
def test_a_day_that_is_none_or_may_be_two_is_refused(day, sentence):
    with pytest.raises(BadRow, match=sentence):
        told(day)


def test_a_long_text_goes_in_and_one_without_end_does_not():
    assert len(told(text="字" * 7_000).text) == 7_000
    with pytest.raises(BadRow, match="内容有 50001 字，最多 50000 字"):
        told(text="字" * 50_001)


def test_a_number_as_long_as_a_text_stands_in_the_wrong_column():
    with pytest.raises(BadRow, match="编号有 201 字，最多 200 字，请核对是否错列"):
        told(number="9" * 201)


def test_neither_yes_nor_no_is_refused():
    with pytest.raises(BadRow, match="应为是或否，现为“不详”"):
        told(accuses="不详")


def test_tabs_and_invisible_characters_become_blanks():
    assert clean("\n\t\t 三号楼\t电梯 \u200b\r\n\r\n困人 \n") == "三号楼 电梯\n困人"
