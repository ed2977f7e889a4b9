"""Documents of evidence: what they are is read from their bytes, and what does something by itself is refused by name."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

import pytest
import xlsxwriter

from application.platform.limited.job import JobRefused
from interface.kit import document_check as documents

PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


def excel() -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(0, 0, "收支明细")
    return out.getvalue()


def package(*, main: str = "word/document.xml", types: bytes = b"<Types/>", **parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr(main, b"<w:document/>")
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


def with_objects(dictionary: bytes) -> bytes:
    packed = zlib.compress(dictionary)
    stream = b"5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>\nstream\n" + packed + b"\nendstream\nendobj\n"
    return PDF[:9] + stream + PDF[9:]


@pytest.mark.parametrize(
    ("body", "kind"),
    [(PDF, b"pdf"), (excel(), b"xlsx"), (package(), b"docx"), (with_objects(b"1 0 <</Type/Page>>"), b"pdf")],
    ids=["pdf", "excel", "word", "pdf with packed objects"],
)
def test_what_is_right_is_told(body, kind):
    assert documents.check(body) == kind


def locked() -> bytes:
    body = bytearray(package())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (found := body.find(mark, start)) >= 0:
            body[found + at] |= 1
            start = found + 4
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!DOCTYPE html><html><body>PDF</body></html>", documents.WEB_PAGE),
        (b"\xef\xbb\xbf\n <html></html>", documents.WEB_PAGE),
        (documents.OLE + bytes(512), documents.OLD_OFFICE),
        (package(word__vbaProject_DOT_bin=b"x"), documents.MACROS),
        (package(main="xl/workbook.xml", xl__embeddings__oleObject1_DOT_bin=b"x"), documents.MACROS),
        (
            package(types=b'<Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'),
            documents.MACROS,
        ),
        (
            package(word___rels__settings_DOT_xml_DOT_rels=b'Type="attachedTemplate" TargetMode="External"'),
            documents.ACTIVE,
        ),
        (PDF.replace(b"/Pages", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Pages"), documents.ACTIVE),
        (PDF.replace(b"/Pages", b"/Names<</#4aavaScript 3 0 R>>/Pages"), documents.ACTIVE),
        (with_objects(b"<</S/Launch/F(cmd.exe)>>"), documents.ACTIVE),
        (PDF.replace(b"<</Root", b"<</Encrypt 9 0 R/Root"), documents.LOCKED),
        (locked(), documents.LOCKED),
        (PDF[:-6], documents.DAMAGED),
        (excel()[:200], documents.DAMAGED),
        (package(main="ppt/presentation.xml"), documents.UNKNOWN),
        (b"just some text", documents.UNKNOWN),
        (b"", documents.UNKNOWN),
    ],
)
def test_what_is_wrong_is_refused_by_name(body, why):
    with pytest.raises(JobRefused) as refused:
        documents.check(body)
    assert str(refused.value) == why


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 10_000)
    with pytest.raises(JobRefused, match=documents.DAMAGED):
        documents.check(package(word__media__image1_DOT_png=bytes(20_000)))
    with pytest.raises(JobRefused, match=documents.DAMAGED):
        documents.check(with_objects(bytes(20_000)))
