"""Lists from elsewhere: dirt and all, each row once, a sentence for each that can't be taken."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import xlsxwriter

from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import BadSheet, read, write_back
from application.exchange.tips import REPEATED, Import, clean
from tests.plugin import DATA

HERE = Path(__file__).parents[2] / "data"
DOCS = Path(__file__).parents[3] / "docs" / "mappings"
MAPPING = Mapping.parse((HERE / "orders.toml").read_bytes())


def imported(city, path=HERE / "orders.csv", mapping=MAPPING):
    task = Import(city.ledger, city.desk, read(path, mapping.sheet), mapping)
    task.run()
    return task


def test_good_rows_go_in_and_every_other_row_says_why_not(city):
    task = imported(city)

    assert [outcome.sentence for outcome in task.outcomes] == [
        "",
        "",
        REPEATED,
        "收到日期“2026-02-30”无法识别或不存在，请核对后再导入",
        "没有内容",
        "收到日期 2026-12-01 晚于今天",
        "",
        "",
    ]
    assert task.counts == {"registered": 4, "repeated": 1, "refused": 3}


def test_the_events_say_where_each_row_came_from(city):
    task = imported(city)
    events = [e for e in city.ledger.read(after=0, limit=1000) if e.topic.startswith(("import.", "tip.", "lead."))]

    assert [e.topic for e in events] == [
        "import.started",
        *["tip.registered"] * 2,
        "lead.referred",
        "tip.registered",
        "import.finished",
    ]
    assert events[0].data["file_sha256"] == task.sheet.sha256
    assert events[1].data["import"] == {"batch": str(task.batch), "row": 2}
    assert events[-1].data == task.counts


def test_a_second_time_is_harmless(city):
    imported(city)
    before = city.topics()

    task = imported(city)

    assert task.counts == {"registered": 0, "repeated": 5, "refused": 3}
    assert city.topics() == before


def test_a_run_that_was_cut_off_is_completed_by_the_next(city):
    task = Import(city.ledger, city.desk, read(HERE / "orders.csv"), MAPPING)
    with pytest.raises(KeyboardInterrupt):
        task.run(stop_after(5))

    imported(city)

    assert city.topics().count("tip.registered") == 3
    assert city.topics().count("lead.referred") == 1


def stop_after(rows):
    seen = iter(range(rows))

    def progress():
        if next(seen, None) is None:
            raise KeyboardInterrupt

    return progress


def test_the_same_rows_as_an_excel_file_are_the_same_rows(city, tmp_path):
    sheet = read(HERE / "orders.csv")
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate([sheet.heads, *sheet.rows]):
            page.write_row(number, 0, row)
    imported(city)

    assert imported(city, path).counts["registered"] == 0


def test_the_file_comes_back_with_its_faults_beside_the_rows(tmp_path):
    sheet = read(HERE / "orders.csv")
    write_back(sheet, "错误信息", ["不行"] * len(sheet.rows), tmp_path / "back.csv")

    with (tmp_path / "back.csv").open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.reader(file))
    assert back[0][-1] == "错误信息"
    assert back[1][-1] == "不行"
    assert back[-1][1] == "'=cmd|'/c calc'!A1"


def test_tabs_and_invisible_characters_become_blanks():
    assert clean("\n\t\t 三号楼\t电梯 \u200b\r\n\r\n困人 \n") == "三号楼 电梯\n困人"


def test_an_old_excel_file_with_a_new_name_is_said_to_be_unreadable(tmp_path):
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(BadSheet, match="no Excel file that can be read"):
        read(tmp_path / "old.xlsx")


def test_a_file_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(BadSheet, match="200 MB; at most 50 MB"):
        read(path)


def test_chinese_text_of_an_old_system_is_understood(tmp_path):
    (tmp_path / "gb.csv").write_bytes((HERE / "orders.csv").read_text("utf-8").encode("gb18030"))
    assert read(tmp_path / "gb.csv").rows == read(HERE / "orders.csv").rows


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("channel", "channle"), "mean nothing here"),
        (('"12345"', '"fax"'), "channel must be one of"),
        (("text =", "texts ="), r"\[columns\] knows"),
        (("[columns]", "columns = 3\n[x]"), "mean nothing here"),
        (('source = "测试工单"', 'source = ""'), "source must name"),
    ],
    ids=["member", "channel", "field", "columns", "source"],
)
def test_a_mapping_that_is_wrong_says_where(change, sentence):
    with pytest.raises(BadMapping, match=sentence):
        Mapping.parse((HERE / "orders.toml").read_text("utf-8").replace(*change).encode())


def test_a_sheet_without_a_named_column_says_which(city, tmp_path):
    shutil.copy(HERE / "orders.csv", tmp_path / "orders.csv")
    text = (tmp_path / "orders.csv").read_text("utf-8").replace("来电时间", "时间", 1)
    (tmp_path / "orders.csv").write_text(text, "utf-8")
    with pytest.raises(BadMapping, match="no column 来电时间"):
        imported(city, tmp_path / "orders.csv")


@pytest.mark.realdata
def test_the_real_files_register_each_message_once(city):
    """603 of the 829 rows of the CSV file are also in the Excel file."""
    messages = Mapping.parse((DOCS / "messages.toml").read_bytes())
    first = imported(city, DATA / "tips_cn" / "messages_4326.xlsx", messages)
    second = imported(city, DATA / "tips_cn" / "property_829.csv", Mapping.parse((DOCS / "property.toml").read_bytes()))
    third = imported(
        city, DATA / "hotline_fuzhou" / "requests_1464.csv", Mapping.parse((DOCS / "hotline.toml").read_bytes())
    )

    assert first.counts == {"registered": 4326, "repeated": 0, "refused": 0}
    assert second.counts == {"registered": 226, "repeated": 603, "refused": 0}
    assert third.counts == {"registered": 1464, "repeated": 0, "refused": 0}
