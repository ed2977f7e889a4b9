"""The cover of a pack says what it was given, on as many sheets as that takes."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from application.verifier.pack.cover import Cover, Row
from interface.oversight.pack_cover import pdf

ENTRY = ("12", "2026-03-01 09:00:00", "问题已销号", "琴川 经办14号", "ab" * 32)
ROW = Row(12, *ENTRY[1:4], "某事项", ENTRY[4], [])
LOG = "log.example"


def read(sheet: Cover) -> tuple[str, int]:
    """What stands on it without the ends of lines and spaces, and how many pages it has."""
    pages = PdfReader(BytesIO(pdf(sheet, LOG))).pages
    return "".join("".join(page.extract_text().split()) for page in pages), len(pages)


def test_it_names_log_entries_files_and_what_they_prove():
    said, pages = read(Cover("证据包", [("日志", LOG)], [ROW], [("files/a.jpg", "cd" * 32)]))

    for words in ("证据包", LOG, *ENTRY, "files/a.jpg", "cd" * 32, "不证明：所记内容属实"):
        assert words.replace(" ", "") in said
    assert pages == 1


def test_words_that_look_like_markup_are_words():
    said, _pages = read(Cover("证据包", [("事项", '<b>小区</b> & <img src="x"/>')]))

    assert '<b>小区</b>&<imgsrc="x"/>' in said


@pytest.mark.parametrize(("entries", "more_than"), [(0, 0), (400, 10)])
def test_it_has_as_many_sheets_as_it_takes(entries, more_than):
    said, pages = read(Cover("证据包", [("日志", LOG)], [ROW] * entries))

    assert pages > more_than
    assert said.count("ab" * 32) == entries
