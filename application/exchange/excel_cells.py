"""Reads the cells of one Excel sheet; runs in a limited child, since the reader is a program that trusts its file. Excel 读取

A sheet outside xl/worksheets, or one cell at the far corner, makes the reader ask for more memory than there is, and abort.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from application.exchange.xlsx_guard import BadPackage, check
from application.platform.limited.job import JobRefused

NO_EXCEL = "is no Excel file that can be read ({}); open it in Excel and save it as .xlsx, without a password"


def request(raw: bytes, sheet: str | None) -> bytes:
    """What `cells` is given: the name of the sheet, or null, as a line of JSON, and the file behind it."""
    return json.dumps(sheet).encode() + b"\n" + raw


def cells(asked: bytes) -> bytes:
    """The sheet's name and its rows, as JSON. Raises JobRefused: the end of a sentence that begins with the file's name."""
    wanted, _, raw = asked.partition(b"\n")
    try:
        if raw[:2] == b"PK":
            check(raw)
        name, rows = _read(raw, json.loads(wanted))
    except BadPackage as bad:
        raise JobRefused(str(bad)) from None
    except CalamineError as error:
        raise JobRefused(NO_EXCEL.format(error)) from None
    return json.dumps([name, rows], default=_tagged).encode()


def _read(raw: bytes, sheet: str | None) -> tuple[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    if not book.sheet_names:
        raise JobRefused("has no sheet")
    if sheet is not None and sheet not in book.sheet_names:
        raise JobRefused(f"has no sheet {sheet!r}; it has {', '.join(book.sheet_names)}")
    chosen = sheet or book.sheet_names[0]
    return chosen, book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)


def _tagged(cell: Any) -> list[Any]:
    """What JSON has no word for, as a list of its kind and its text."""
    match cell:
        case datetime():
            return ["datetime", cell.isoformat()]
        case date():
            return ["date", cell.isoformat()]
        case time():
            return ["time", cell.isoformat()]
        case timedelta():
            return ["timedelta", [cell.days, cell.seconds, cell.microseconds]]
    raise TypeError(f"no cell of a sheet: {type(cell)}")


_MADE = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
}


def table(answer: bytes) -> tuple[str, list[list[Any]]]:
    """The way back: the sheet's name, and its rows with days and times as Python knows them."""
    name, rows = json.loads(answer)
    return name, [[_MADE[cell[0]](cell[1]) if isinstance(cell, list) else cell for cell in row] for row in rows]
