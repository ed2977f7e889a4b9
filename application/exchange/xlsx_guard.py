"""Looks into an Excel file before it is opened: what it unpacks to, and how far its cells reach. Excel 文件检查

What a package says of itself may be a lie, and one cell at the far corner of a sheet would take all memory there is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

LARGEST = 200_000_000  # bytes unpacked
MOST_CELLS = 1_000_000  # of all sheets together
LARGEST_AREA = 10_000_000  # rows × columns of a sheet up to its farthest cell
PIECE = 1 << 20
LONGEST_PLACE = 64  # bytes of XML that may be cut between two pieces
WORKBOOK = "xl/workbook.xml"
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Z]{1,3})(\d{1,7})\b""")


class BadPackage(ValueError):
    """What is wrong with it, as the end of a sentence that begins with its name."""


@dataclass
class _Counted:
    """Bytes and cells of the whole package; rows and columns of the part that is being read."""

    unpacked: int = 0
    cells: int = 0
    rows: int = 0
    columns: int = 0


def check(raw: bytes) -> None:
    """Raises BadPackage."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as package:
            names = {member.filename.lower() for member in package.infolist()}
            if WORKBOOK not in names:
                raise BadPackage("is packed like an Excel file but is none; open it in Excel and save it as .xlsx")
            counted = _Counted()
            for member in package.infolist():
                _check_member(package, member, counted)
    except (zipfile.BadZipFile, EOFError, OSError):
        raise BadPackage("is damaged: not a whole Excel file") from None
    except (RuntimeError, NotImplementedError):
        raise BadPackage("is encrypted or packed in an unknown way; save it without a password") from None


def _check_member(package: zipfile.ZipFile, member: zipfile.ZipInfo, counted: _Counted) -> None:
    """Every part alike: which of them is a sheet is said by the package itself, and any of them may be one."""
    counted.rows = counted.columns = 0
    before = b""
    for piece in _pieces(package, member):
        counted.unpacked += len(piece)
        if counted.unpacked > LARGEST:
            raise BadPackage(f"would unpack to more than {LARGEST // 1_000_000} MB; that is no list of tips")
        whole = before + piece
        counted.cells += sum(found.end() > len(before) for found in CELL.finditer(whole))
        if counted.cells > MOST_CELLS:
            raise BadPackage(f"has more than {MOST_CELLS} cells; split it into several files")
        _measure(whole, counted)
        before = piece[-LONGEST_PLACE:]


def _measure(xml: bytes, counted: _Counted) -> None:
    for letters, number in PLACE.findall(xml):
        counted.rows, counted.columns = max(counted.rows, int(number)), max(counted.columns, _column(letters))
    if counted.rows * counted.columns > LARGEST_AREA:
        raise BadPackage(
            f"has a sheet of {counted.rows} rows and {counted.columns} columns;"
            " remove the cells far from the list, or split it"
        )


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that is really in it: its stated size and checksum are not believed."""
    member.file_size, member.CRC = LARGEST + PIECE, None  # type: ignore[assignment]  # None: not compared
    with package.open(member) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
