"""Looks into an Excel file before it is opened: what it unpacks to, and how far its cells reach. Excel 文件检查

What a package says of itself may be a lie, and one cell at the far corner of a sheet would take all memory there is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

LARGEST = 200_000_000  # bytes unpacked
MOST_CELLS = 10_000_000  # rows × columns up to the farthest cell
PIECE = 1 << 20
LONGEST_PLACE = 64  # bytes of XML that may be cut between two pieces
WORKBOOK, SHEETS = "xl/workbook.xml", "xl/worksheets/"
PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Z]{1,3})(\d{1,7})\b""")


class BadPackage(ValueError):
    """What is wrong with it, as the end of a sentence that begins with its name."""


def check(raw: bytes) -> None:
    """Raises BadPackage."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as package:
            names = {member.filename.lower() for member in package.infolist()}
            if WORKBOOK not in names:
                raise BadPackage("is packed like an Excel file but is none; open it in Excel and save it as .xlsx")
            unpacked = 0
            for member in package.infolist():
                unpacked = _check_member(package, member, unpacked)
    except (zipfile.BadZipFile, EOFError, OSError):
        raise BadPackage("is damaged: not a whole Excel file") from None
    except (RuntimeError, NotImplementedError):
        raise BadPackage("is encrypted or packed in an unknown way; save it without a password") from None


def _check_member(package: zipfile.ZipFile, member: zipfile.ZipInfo, unpacked: int) -> int:
    rows = columns = 0
    sheet, before = member.filename.lower().startswith(SHEETS), b""
    for piece in _pieces(package, member):
        unpacked += len(piece)
        if unpacked > LARGEST:
            raise BadPackage(f"would unpack to more than {LARGEST // 1_000_000} MB; that is no list of tips")
        if not sheet:
            continue
        for letters, number in PLACE.findall(before + piece):
            rows, columns = max(rows, int(number)), max(columns, _column(letters))
        if rows * columns > MOST_CELLS:
            raise BadPackage(
                f"has a sheet of {rows} rows and {columns} columns; remove the cells far from the list, or split it"
            )
        before = piece[-LONGEST_PLACE:]
    return unpacked


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
