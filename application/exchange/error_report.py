"""The user's own sheet back, with a column that says what was wrong with each row. 错误信息回写"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from application.exchange.sheet import Sheet, harmless, text

COLUMN = "错误信息"
FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}
WIDE, NARROW = 48, 16  # characters


def name_of(file: Path, kind: str) -> str:
    """orders.xlsx → orders.错误信息.xlsx; that one, mended and imported, → the same name."""
    return f"{file.stem.removesuffix(f'.{COLUMN}')}.{COLUMN}.{kind}"


def with_errors(sheet: Sheet, sentences: Mapping[int, str]) -> bytes:
    """The file; `sentences` by number of the row. Nothing in a cell becomes a formula; an earlier such column is replaced."""
    place = sheet.heads.index(COLUMN) if COLUMN in sheet.heads else max(map(len, sheet.table))
    said = {number - 1: sentence for number, sentence in sentences.items()} | {sheet.top: COLUMN}
    table = [_row(row, place, said.get(number, "")) for number, row in enumerate(sheet.table)]
    return _csv(table) if sheet.kind == "csv" else _xlsx(table, sheet, place)


def _row(row: list[Any], place: int, said: str) -> list[Any]:
    """The row with `said` at its place; what stands right of it stays there."""
    return [*row[:place], *[""] * (place - len(row)), said, *row[place + 1 :]]


def _csv(table: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[harmless(text(cell)) for cell in row] for row in table])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: list[list[Any]], sheet: Sheet, place: int) -> bytes:
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(out, options) as book:
        try:
            page = book.add_worksheet(sheet.name)
        except XlsxWriterException:
            page = book.add_worksheet()
        formats = {kind: book.add_format({"num_format": shape}) for kind, shape in FORMATS.items()}
        head, red = book.add_format({"bold": True}), book.add_format({"font_color": "#b3261e"})
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                style = head if number == sheet.top else red if column == place else formats.get(type(cell))
                _write(page, number, column, cell, style)
        page.set_column(0, max(place - 1, 0), NARROW)
        page.set_column(place, place, WIDE)
        page.freeze_panes(sheet.top + 1, 0)
    return out.getvalue()


def _write(page: Any, row: int, column: int, cell: Any, style: Any) -> None:
    """As it was: a number stays a number, a day a day."""
    match cell:
        case "":
            return
        case bool():
            page.write_boolean(row, column, cell, style)
        case int() | float():
            page.write_number(row, column, cell, style)
        case date() | time() | timedelta() if getattr(cell, "year", 1900) >= 1900:
            page.write_datetime(row, column, cell, style)
        case _:
            page.write_string(row, column, text(cell)[:32_767], style)
