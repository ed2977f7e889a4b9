"""Whether a document is what its first bytes say, and does nothing by itself; runs in a limited child. 文件检查

PDF (ISO 32000), Word and Excel (Office Open XML, ECMA-376). What is found right is kept as it is, byte for byte.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from application.platform.limited.job import JobRefused

PDF, WORD, EXCEL = "pdf", "docx", "xlsx"
# Why a document is refused.
WEB_PAGE, OLD_OFFICE, MACROS, ACTIVE, LOCKED, DAMAGED, UNKNOWN = (
    "web page", "old office", "macros", "active", "locked", "damaged", "unknown",
)  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}
MACRO_PARTS = re.compile(r"vbaproject|vbadata|activex|embeddings/|macrosheets/|\.bin$", re.I)
LARGEST = 100 << 20  # bytes of a package, unpacked
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.S)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")  # of a letter in a name of a PDF (ISO 32000-1 §7.3.5)
DOES = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
REMOTE = re.compile(rb"attachedTemplate[^>]*External|External[^>]*attachedTemplate")


def kind_of(body: bytes) -> str:
    """pdf, or zip of which `check` says more, by the first bytes. Raises JobRefused for every other kind."""
    if body.startswith(b"%PDF-"):
        return PDF
    if body.startswith(b"PK\x03\x04"):
        return "zip"
    if body.startswith(OLE):
        raise JobRefused(OLD_OFFICE)
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    raise JobRefused(WEB_PAGE if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<script")) else UNKNOWN)


def check(body: bytes) -> bytes:
    """pdf, docx or xlsx. Raises JobRefused."""
    kind = kind_of(body)
    try:
        return (_pdf(body) if kind == PDF else _office(body)).encode()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError) as wrong:
        raise wrong if isinstance(wrong, JobRefused) else JobRefused(DAMAGED) from None
    except (RuntimeError, NotImplementedError):
        raise JobRefused(LOCKED) from None


def _pdf(body: bytes) -> str:
    if b"%%EOF" not in body[-4096:]:
        raise JobRefused(DAMAGED)
    named = _plain(STREAM.sub(b"", body))
    if b"/Encrypt" in named:
        raise JobRefused(LOCKED)
    if DOES.search(named) or any(DOES.search(_plain(one)) for one in _objects(body)):
        raise JobRefused(ACTIVE)
    return PDF


def _objects(body: bytes) -> list[bytes]:
    """What object streams unpack to, where dictionaries may stand too (ISO 32000-1 §7.5.7)."""
    found, left = [], LARGEST
    for match in STREAM.finditer(body):
        if b"/ObjStm" not in _plain(body[max(match.start() - 512, 0) : match.start()]):
            continue
        try:
            found.append(zlib.decompressobj().decompress(match.group(1), left))
        except zlib.error:
            raise JobRefused(DAMAGED) from None
        left -= len(found[-1])
        if left <= 0:
            raise JobRefused(DAMAGED)
    return found


def _plain(text: bytes) -> bytes:
    return ESCAPED.sub(lambda match: bytes([int(match.group(1), 16)]), text)


def _office(body: bytes) -> str:
    with zipfile.ZipFile(BytesIO(body)) as package:
        parts = package.infolist()
        names = {part.filename.lower() for part in parts}
        kind = next((kind for name, kind in MAIN_PARTS.items() if name in names), None)
        if kind is None or "[content_types].xml" not in names:
            raise JobRefused(UNKNOWN)
        if any(part.flag_bits & 1 for part in parts):
            raise JobRefused(LOCKED)
        if any(MACRO_PARTS.search(name) for name in names - {"xl/printersettings/printersettings1.bin"}):
            raise JobRefused(MACROS)
        left = LARGEST
        for part in parts:
            content = _read(package, part, left)
            left -= len(content)
            _judge(part.filename.lower(), content)
    return kind


def _read(package: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> bytes:
    """Its bytes, counted as they come: what a package says of its own size may be a lie."""
    with package.open(part) as stream:
        content = stream.read(left + 1)
    if len(content) > left:
        raise JobRefused(DAMAGED)
    return content


def _judge(name: str, content: bytes) -> None:
    if name == "[content_types].xml" and b"macroenabled" in content.lower():
        raise JobRefused(MACROS)
    if name.endswith(".rels") and REMOTE.search(content):
        raise JobRefused(ACTIVE)
