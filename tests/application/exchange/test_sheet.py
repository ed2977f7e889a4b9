"""Files as people have them: read by what they hold, and refused with a sentence where they can't be."""

from __future__ import annotations

import csv
import json
import os
import struct
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from application.exchange.error_report import name_of, with_errors
from application.exchange.excel_cells import _tagged, request, table
from application.exchange.sheet import READING, BadSheet, read
from application.exchange.xlsx_guard import BadPackage, check
from application.platform.limited.child import LimitedChild, LimitExceeded
from application.platform.limited.job import JobRefused

HERE = Path(__file__).parents[2] / "data"
HEADS = ("编号", "日期", "内容")


def workbook(path, rows, name="工单", **options):
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, **options}) as book:
        page = book.add_worksheet(name)
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell, *([days] if isinstance(cell, date) else []))
    return path


def cells(content):
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_numbers_and_days_of_excel_are_read_as_people_see_them(tmp_path):
    rows = [HEADS, (12345.0, date(2026, 2, 27), True), (1.5, datetime(2026, 2, 27, 8), "")]  # noqa: DTZ001

    assert read(workbook(tmp_path / "a.xlsx", rows)).rows == [
        ("12345", "2026-02-27", "是"),
        ("1.5", "2026-02-27 08:00:00", ""),
    ]


def test_heads_are_found_below_a_title_and_rows_counted_as_excel_does(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [("某镇线索表",), (), HEADS, ("1", "2026-02-27", "甲"), (), ("2", "", "乙")])

    sheet = read(path, heads=HEADS)

    assert sheet.heads == HEADS
    assert (sheet.numbers, [row[2] for row in sheet.rows]) == ([4, 6], ["甲", "乙"])


def test_heads_that_nobody_asked_for_are_told_without_the_title(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [("某镇线索表",), HEADS, ("1", "2026-02-27", "甲")])

    assert read(path, heads=["工单号"]).heads == HEADS


def test_a_formula_is_what_it_last_showed_and_a_text_like_one_stays_a_text(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "f.xlsx"), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADS)
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_string(1, 2, "=cmd|'/c calc'!A1")

    assert read(tmp_path / "f.xlsx").rows == [("2", "", "=cmd|'/c calc'!A1")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_texts_of_any_system_are_understood(tmp_path, encoding, delimiter):
    table = [HEADS, ("1", "2026-02-27", "三号楼\n电梯")]
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(table)

    assert read(tmp_path / "a.csv").rows == [table[1]]


def packed(**members):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def bomb():
    """It says of itself that it unpacks to ten bytes."""
    raw = bytearray(packed(xl__workbook_xml="<workbook/>", xl__worksheets__sheet1_xml=b"\0" * 9_000_000))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        raw[(at := raw.rindex(mark) + place) : at + 4] = struct.pack("<I", 10)
    return bytes(raw)


def far_cell():
    sheet = '<worksheet><sheetData><row r="1048576"><c t="n" r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    return packed(xl__workbook_xml="<workbook/>", xl__worksheets__sheet1_xml=sheet)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "bad.xlsx is no Excel file that can be read .*save it as .xlsx",
        ),
        (b"PK\x03\x04 and no more", "bad.xlsx is damaged: not a whole Excel file"),
        (packed(content_xml="<office/>"), "packed like an Excel file but is none"),
        (far_cell(), "a sheet of 1048576 rows and 16384 columns"),
        (b"\xef\xbb\xbf<html><table><tr><td>1", "is a web page that is called a table"),
        (b"\x00\x01\x02\x03", "neither Excel nor text$"),
        (b"\xff\xff\xff\xff\x81", "neither Excel nor text in UTF-8 or GB 18030"),
        (b'a,b\n"1,2', "no CSV that can be read"),
        (b"", "no row of heads: it is empty"),
        (b"\n\n", "no row of heads: it is empty"),
    ],
    ids=["xls", "damaged", "ods", "far cell", "web page", "binary", "bytes", "quote", "empty", "blank"],
)
def test_what_is_no_table_is_said_to_be_none(tmp_path, content, sentence):
    (tmp_path / "bad.xlsx").write_bytes(content)
    with pytest.raises(BadSheet, match=sentence):
        read(tmp_path / "bad.xlsx")


def test_what_a_package_says_of_its_size_is_not_believed(monkeypatch):
    monkeypatch.setattr("application.exchange.xlsx_guard.LARGEST", 8_000_000)
    with pytest.raises(BadPackage, match="would unpack to more than 8 MB"):
        check(bomb())


def moved(path, sheet, to="xl/elsewhere/one.xml"):
    """The workbook with its sheet in another folder, holding other cells: a package says itself where its sheets are."""
    out = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                name, content = to, sheet
            for place in ("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"):
                content = content.replace(f'"{place}"'.encode(), f'"/{to}"'.encode())
            new.writestr(name, content)
    path.write_bytes(out.getvalue())
    return path


def sheet_of(cells):
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return start + cells + b"</sheetData></worksheet>"


CORNER = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
# Without places of its cells: what the reader makes of it is known only when it has read it.
UNPLACED = b'<row r="1048575">' + b"<c><v>1</v></c>" * 16_000 + b"</row>"


@pytest.mark.parametrize(
    ("cells", "to", "sentence"),
    [
        (CORNER, "xl/elsewhere/one.xml", "a sheet of 1048576 rows and 16384 columns"),
        (CORNER, "one.bin", "a sheet of 1048576 rows and 16384 columns"),
        (CORNER.replace(b' r="XFD', b'  r = "XFD'), "xl/worksheets/sheet1.xml", "1048576 rows"),
        (b'<row r="1">' + b"<c><v>1</v></c>" * 1_000_001 + b"</row>", "xl/one.xml", "more than 1000000 cells; split"),
        (b"<row>" + b'<c t="n"/>' * 1_000_001 + b"</row>", "xl/worksheets/sheet1.xml", "more than 1000000 cells"),
    ],
    ids=["elsewhere", "no xml by its name", "blanks", "a million", "a million empty ones"],
)
def test_e15_cells_are_counted_in_every_part_before_the_reader_sees_them(tmp_path, cells, to, sentence):
    path = moved(workbook(tmp_path / "a.xlsx", [HEADS]), sheet_of(cells), to)
    with pytest.raises(BadSheet, match=sentence):
        read(path)


def test_e15_a_sheet_that_makes_the_reader_abort_is_answered_in_words_and_the_next_is_read(tmp_path):
    """Straight to the reader, as if nothing had counted: without a child this ended the process."""
    tight = LimitedChild(READING.job, replace(READING.limits, memory=200 << 20, cpu=20))
    path = moved(workbook(tmp_path / "a.xlsx", [HEADS]), sheet_of(UNPLACED))
    try:
        with pytest.raises((LimitExceeded, JobRefused)):
            tight.run(request(path.read_bytes(), None))
        assert table(tight.run(request(workbook(tmp_path / "b.xlsx", [HEADS]).read_bytes(), None)))[1] == [list(HEADS)]
    finally:
        tight.close()


def test_cells_come_back_from_the_reader_as_they_were(tmp_path):
    row = ["甲", 1.5, True, datetime(2026, 2, 27, 8, 1, 2), date(2026, 2, 27), time(8, 1), timedelta(days=1, seconds=5)]  # noqa: DTZ001

    assert table(json.dumps(["工单", [row]], default=_tagged).encode()) == ("工单", [row])


def test_a_file_too_large_is_not_even_read(tmp_path):
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(BadSheet, match="200 MB; at most 50 MB"):
        read(tmp_path / "large.csv")


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    with pytest.raises(BadSheet, match="no sheet '甲'; it has 工单"):
        read(workbook(tmp_path / "a.xlsx", [HEADS]), "甲")


def test_a_folder_and_a_missing_file_are_said_to_be_that(tmp_path):
    with pytest.raises(BadSheet, match="Is a directory"):
        read(tmp_path)
    with pytest.raises(BadSheet, match=r"a\.csv: No such file"):
        read(tmp_path / "a.csv")


def test_a_file_without_permission_is_said_to_be_closed(tmp_path):
    path = tmp_path / "closed.csv"
    path.write_text("编号\n1\n", "utf-8")
    path.chmod(0)
    with nobody_in_particular(), pytest.raises(BadSheet, match="Permission denied"):
        read(path)


@contextmanager
def nobody_in_particular():
    """Root may read everything, so the test steps down."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_the_users_own_sheet_comes_back_with_a_column_more(tmp_path):
    """Title, kinds of cells, the name of the sheet and what stands beside the list are as they were."""
    rows = [("某镇线索表",), HEADS, ("1", date(2026, 2, 27), 7_000), ("=1+1", "无", "乙", "批注")]
    sheet = read(workbook(tmp_path / "a.xlsx", rows), heads=HEADS)

    content = with_errors(sheet, {4: "没有内容"})

    assert cells(content) == [
        ["某镇线索表", "", "", "", ""],
        [*HEADS, "", "错误信息"],
        ["1", date(2026, 2, 27), 7_000.0, "", ""],
        ["=1+1", "无", "乙", "批注", "没有内容"],
    ]
    assert CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names == ["工单"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_mended_file_comes_back_under_the_same_name_without_a_second_column(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        workbook(path, [HEADS, ("1", "-5", "@甲")])
    else:
        path.write_text("编号,日期,内容\n1,-5,@甲\n", "utf-8")
    back = tmp_path / name_of(path, kind)
    back.write_bytes(with_errors(read(path), {2: "没有内容"}))

    mended = read(back)
    again = tmp_path / name_of(back, kind)
    again.write_bytes(with_errors(mended, {}))

    assert again == back == tmp_path / f"a.错误信息.{kind}"
    assert read(again).heads == (*HEADS, "错误信息")
    assert read(again).rows == [("1", "-5", "@甲", "")]


def test_nothing_becomes_a_formula_on_its_way_back(tmp_path):
    back = with_errors(read(HERE / "orders.csv"), {})

    last = back.decode("utf-8-sig").splitlines()[-1]
    assert "'=cmd|'/c calc'!A1" in last


def test_an_entity_of_a_sheet_reads_no_file_and_does_not_grow(tmp_path):
    """XML's entities (a file's content, or ten thousand copies of themselves) are not resolved."""
    secret, path = tmp_path / "secret.txt", workbook(tmp_path / "a.xlsx", [HEADS, ("1", "2026-02-27", "甲")])
    secret.write_text("KEEP-OUT")
    for name, entity in (("b.xlsx", f'SYSTEM "{secret.as_uri()}"'), ("c.xlsx", f'"{"KEEP-OUT" * 1000}"')):
        changed = tmp_path / name
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
            for member in old.namelist():
                text = old.read(member)
                if member == "xl/sharedStrings.xml":
                    doctype = f"<!DOCTYPE sst [<!ENTITY x {entity}>]>".encode()
                    text = text.replace(b"<sst", doctype + b"<sst", 1).replace("甲".encode(), b"&x;")
                new.writestr(member, text)
        try:
            found = str(read(changed).rows)
        except BadSheet as refusal:
            found = str(refusal)

        assert "KEEP-OUT" not in found
