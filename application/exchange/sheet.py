"""Excel and CSV as rows of text, by what a file holds and not by what it is called. 读取表格"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any

from application.exchange.excel_cells import request, table
from application.platform.limited.child import LimitedChild, LimitExceeded, Limits
from application.platform.limited.job import JobRefused

LARGEST_FILE = 50_000_000  # bytes
ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WEB_PAGE = ("<!doctype", "<html", "<table", "<?xml", "<meta")
LIMITS = Limits(memory=800 << 20, cpu=60, wall=300.0, answer=400 << 20)
READING = LimitedChild("application.exchange.excel_cells:cells", LIMITS)
HEADS_WITHIN = 20  # rows: above the heads there may be a title and who reports


class BadSheet(ValueError):
    """`couldn't read the sheet: …`"""


@dataclass(frozen=True)
class Sheet:
    """`rows` are those with something in them, as text, each as wide as the heads; `numbers` counts them as Excel does.

    `table` holds all cells as they are in the file, `top` is the place of the heads in it; `kind` is xlsx or csv.
    """

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: list[int]
    table: list[list[Any]]
    top: int
    name: str
    kind: str
    sha256: str


def read(path: Path, sheet: str | None = None, *, heads: Collection[str] = ()) -> Sheet:
    """The heads are in the first row that has the most of `heads`, in whatever order. Raises BadSheet."""
    raw = _bytes(path)
    if raw[:2] == b"PK" or raw[:8] == OLE:
        kind, (name, table) = "xlsx", _workbook(raw, sheet, path.name)
    else:
        kind, name, table = "csv", "", _csv(raw, path.name)
    top = max(range(min(len(table), HEADS_WITHIN)), key=lambda place: _hits(table[place], heads), default=0)
    if not table or not any(table[top]):
        raise BadSheet(f"{path.name} has no row of heads: it is empty")
    known = tuple(text(head).strip() for head in table[top])
    below = [(place + 1, _wide(row, len(known))) for place, row in enumerate(table) if place > top]
    rows = [(number, row) for number, row in below if any(cell.strip() for cell in row)]
    return Sheet(
        known, [row for _, row in rows], [number for number, _ in rows], table, top, name, kind, sha256(raw).hexdigest()
    )


def _hits(row: Sequence[Any], heads: Collection[str]) -> tuple[int, int]:
    """A title stands alone in its row, so where none of the heads is known, the first row of several cells has them."""
    cells = {text(cell).strip() for cell in row} - {""}
    return len(cells & set(heads)), min(len(cells), 2)


def _wide(row: Sequence[Any], width: int) -> tuple[str, ...]:
    return tuple(text(cell) for cell in (*row, *[""] * width)[:width])


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise BadSheet(
                f"{path.name} has {size // 1_000_000} MB; at most {LARGEST_FILE // 1_000_000} MB are read, split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise BadSheet(f"{path.name or path}: {error.strerror}") from None


def _workbook(raw: bytes, sheet: str | None, name: str) -> tuple[str, list[list[Any]]]:
    try:
        return table(READING.run(request(raw, sheet)))
    except JobRefused as refused:
        raise BadSheet(f"{name} {refused}") from None
    except LimitExceeded:
        raise BadSheet(
            f"{name} can't be read within {LIMITS.memory >> 20} MB and {LIMITS.cpu} seconds; it is damaged, or holds far more"
            " than a list: copy the list into a new file and save that as .xlsx"
        ) from None


def _csv(raw: bytes, name: str) -> list[list[str]]:
    decoded = _decoded(raw, name)
    start = decoded[:1_000].lstrip().casefold()
    if start.startswith(WEB_PAGE):
        raise BadSheet(f"{name} is a web page that is called a table; open it in Excel and save it as .xlsx")
    first = start.partition("\n")[0]
    csv.field_size_limit(LARGEST_FILE)
    try:
        delimiter = max(",\t;", key=first.count)
        lines = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True)
        return [[_unguarded(cell) for cell in line] for line in lines]
    except csv.Error as error:
        raise BadSheet(f"{name} is no CSV that can be read: {error}") from None


def _decoded(raw: bytes, name: str) -> str:
    encodings = ("utf-16",) if raw.startswith(UTF_16) else ENCODINGS
    for encoding in encodings:
        try:
            decoded = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in decoded:
            raise BadSheet(f"{name} is neither Excel nor text")
        return decoded
    raise BadSheet(f"{name} is neither Excel nor text in UTF-8 or GB 18030")


def text(cell: Any) -> str:
    """A cell as people see it: numbers read as floats without .0, days as ISO."""
    match cell:
        case str():
            return cell
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
    return str(cell)


def harmless(cell: str) -> str:
    """A CSV cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _unguarded(cell: str) -> str:
    """The way back, so that a file of ours means the same when it comes in again."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
