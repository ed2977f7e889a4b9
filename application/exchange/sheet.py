"""Excel and CSV as rows of text, by what a file holds and not by what it is called; and back. 表格读写"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

LARGEST_FILE = 50_000_000  # bytes
LARGEST_UNPACKED = 500_000_000
ENCODINGS = ("utf-8-sig", "gb18030")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadSheet(ValueError):
    """`couldn't read the sheet: …`"""


@dataclass(frozen=True)
class Sheet:
    """`heads` and rows of text, each row as wide as the heads; `kind` is xlsx or csv."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    kind: str
    sha256: str


def read(path: Path, sheet: str | None = None) -> Sheet:
    """Raises BadSheet."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise BadSheet(
                f"{path.name} has {size // 1_000_000} MB; at most {LARGEST_FILE // 1_000_000} MB are read, split it"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise BadSheet(f"{path.name}: {error.strerror}") from None
    if raw[:2] == b"PK" or raw[:8] == OLE:
        kind, table = "xlsx", _workbook(raw, sheet, path.name)
    else:
        kind, table = "csv", _csv(raw, path.name)
    if not table or not any(table[0]):
        raise BadSheet(f"{path.name} has no row of heads")
    heads = tuple(head.strip() for head in table[0])
    rows = [tuple((*row, *[""] * len(heads)))[: len(heads)] for row in table[1:]]
    return Sheet(heads, rows, kind, sha256(raw).hexdigest())


def _workbook(raw: bytes, sheet: str | None, name: str) -> list[list[str]]:
    if raw[:2] == b"PK":
        try:
            unpacked = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(raw)).infolist())
        except zipfile.BadZipFile:
            raise BadSheet(f"{name} is damaged: not a whole Excel file") from None
        if unpacked > LARGEST_UNPACKED:
            raise BadSheet(f"{name} would unpack to {unpacked // 1_000_000} MB; that is no list of tips")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        if sheet is not None and sheet not in book.sheet_names:
            raise BadSheet(f"{name} has no sheet {sheet!r}; it has {', '.join(book.sheet_names)}")
        cells = (book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)).to_python(
            skip_empty_area=False
        )
    except CalamineError as error:
        raise BadSheet(f"{name} is no Excel file that can be read: {error}") from None
    return [[text(cell) for cell in row] for row in cells]


def _csv(raw: bytes, name: str) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            decoded = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadSheet(f"{name} is neither Excel nor text in UTF-8 or GB 18030")
    if "\0" in decoded:
        raise BadSheet(f"{name} is neither Excel nor text")
    csv.field_size_limit(LARGEST_FILE)
    try:
        return list(csv.reader(io.StringIO(decoded, newline=""), strict=True))
    except csv.Error as error:
        raise BadSheet(f"{name} is no CSV that can be read: {error}") from None


def text(cell: Any) -> str:
    """A cell as people see it: numbers read as floats without .0, days as ISO."""
    match cell:
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
    return str(cell)


def write_back(sheet: Sheet, column: str, sentences: Sequence[str], path: Path) -> None:
    """The same rows with one column more; nothing in a cell becomes a formula."""
    table = [(*sheet.heads, column), *((*row, said) for row, said in zip(sheet.rows, sentences, strict=True))]
    if sheet.kind == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([[harmless(cell) for cell in row] for row in table])
        return
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        written = book.add_worksheet()
        written.freeze_panes(1, 0)
        for number, row in enumerate(table):
            for place, cell in enumerate(row):
                written.write_string(number, place, cell[:32_767])


def harmless(cell: str) -> str:
    """A CSV cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
