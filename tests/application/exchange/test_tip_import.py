"""Lists from elsewhere: dirt and all, each row once, a sentence for each that can't be taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xlsxwriter

from application.exchange import template
from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import read
from application.exchange.tip_import import DIFFERS, REPEATED, Import
from tests.plugin import DATA

HERE = Path(__file__).parents[2] / "data"
DOCS = Path(__file__).parents[3] / "docs" / "mappings"
MAPPING = Mapping.parse((HERE / "orders.toml").read_bytes())


def imported(city, path=HERE / "orders.csv", mapping=MAPPING):
    task = Import(city.ledger, city.desk, read(path, mapping.sheet, heads=mapping.heads), mapping)
    task.run()
    return task


def test_good_rows_go_in_and_every_other_row_says_why_not(city):
    task = imported(city)

    assert [outcome.sentence for outcome in task.outcomes] == [
        "",
        "",
        REPEATED,
        "收到日期“2026-02-30”无法识别或不存在，请写成 2026-03-01 这样",
        "没有内容",
        "收到日期 2199-12-31 晚于今天",
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


def test_a_known_number_with_another_text_is_told_and_changes_nothing(city, tmp_path):
    imported(city)
    before, changed = city.topics(), tmp_path / "orders.csv"
    told = (HERE / "orders.csv").read_text("utf-8")
    changed.write_text(told.replace("三年没有公示", "四年没有公示", 1).replace("三号楼电梯\t", "三号楼 电梯 "), "utf-8")

    task = imported(city, changed)

    assert [outcome.sentence for outcome in task.outcomes[:3]] == [REPEATED, DIFFERS, REPEATED]
    assert (task.differing, task.counts) == ([3], {"registered": 0, "repeated": 5, "refused": 3})
    assert city.topics() == before
    assert readings(city)[-1] == ("tips/compare/4", "import")


def test_one_number_with_two_texts_in_one_sheet_is_told(city, tmp_path):
    sheet = tmp_path / "orders.csv"
    rows = [f"W-9,甲,2026-02-27,电梯,{text},否" for text in ("困人", "困人 ", "停运")]
    sheet.write_text("\n".join(["工单号,来电人,来电时间,标题,内容,是否反映公职人员", *rows]), "utf-8")

    task = imported(city, sheet)

    assert [outcome.sentence for outcome in task.outcomes] == ["", REPEATED, DIFFERS]


def readings(city):
    with city.ledger.vault.database.cursor() as cursor:
        cursor.execute("SELECT what, why FROM vault.access WHERE what LIKE 'tips/compare/%'")
        return cursor.fetchall()


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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("channel", "channle"), "mean nothing here"),
        (('"12345"', '"fax"'), "channel must be one of"),
        (("text =", "texts ="), r"\[columns\] knows"),
        (("[columns]", "columns = 3\n[x]"), "mean nothing here"),
        (('source = "测试工单"', 'source = ""'), "source must name"),
        (('number = "工单号"', "number = 3"), "named by the text at its head"),
        (('"%Y-%m-%d"', '"%Q"'), "can't be used: %Q"),
        (('"%Y-%m-%d"', '"%H:%M"'), "doesn't say year, month and day: %H:%M"),
        (('channel = "12345"', "sheet = 1\nchannel = '12345'"), "sheet must be the name"),
    ],
    ids=["member", "channel", "field", "columns", "source", "column", "directive", "no day", "sheet"],
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


def test_a_sheet_with_a_named_column_twice_says_which(city, tmp_path):
    (tmp_path / "twice.csv").write_text((HERE / "orders.csv").read_text("utf-8").replace("来电人", "内容", 1), "utf-8")
    mapping = Mapping.parse((HERE / "orders.toml").read_text("utf-8").replace('sender = "来电人"', "").encode())
    with pytest.raises(BadMapping, match="more than one column 内容"):
        imported(city, tmp_path / "twice.csv", mapping)


def test_a_column_says_the_channel_of_each_row(city, tmp_path):
    """Numbers of two channels are two numbers; a row without a channel has the mapping's, if it has one."""
    rows = [
        "编号,来源,日期,内容",
        "1,12345热线,2026-03-01,甲",
        "1,信访举报,2026-03-01,乙",
        "2,传真,2026-03-01,丙",
        "3,,2026-03-01,丁",
    ]
    (tmp_path / "mixed.csv").write_text("\n".join(rows), "utf-8")
    mapping = Mapping.parse(MIXED.encode())

    task = imported(city, tmp_path / "mixed.csv", mapping)

    channels = [e.data["channel"] for e in city.ledger.read(after=0, limit=1000) if e.topic == "tip.registered"]
    assert channels == ["12345", "petition"]
    assert [each.refused for each in task.outcomes] == [False, False, True, True]
    assert "线索来源应为举报电话、" in task.outcomes[2].sentence


MIXED = """
source = "混合"
dates = ["%Y-%m-%d"]
[columns]
number = "编号"
channel = "来源"
received_at = "日期"
text = "内容"
"""


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


def test_what_was_registered_on_the_page_is_not_imported_again(city, matters, tmp_path):
    """One order number of one channel is one tip, by the form and by the sheet of the template."""
    matters.tip(source="12345", number="GD-7")
    path = tmp_path / "orders.csv"
    path.write_text(
        "工单号,线索来源,收到日期,反映人,联系方式,线索内容,是否反映公职人员\nGD-7,12345热线,2026-03-01,,,电梯又停了,否\n"
    )

    task = imported(city, path, template.TIPS)

    assert task.counts == {"registered": 0, "repeated": 1, "refused": 0}
