"""证据包封面: the first sheet of a pack on paper: which log, which entries with which hashes, what that proves.

It is handed out beside the pack, never in it: no verifier could write it again. `verify --print` writes its own from the entries.
A PDF without embedded fonts: every reader of PDF has a Chinese font of its own for the standard name STSong-Light.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from application.verifier.pack.cover import COLUMNS, Cover, said

FONT, ASCII = "STSong-Light", "Courier"
MARGIN, LEADING = 20 * mm, 1.5
LINE, DARK = HexColor("#9aa5b1"), HexColor("#0b3a82")
FILES = ("佐证材料", "SHA-256")


def pdf(sheet: Cover, origin: str) -> bytes:
    """A4, as many pages as it takes; the same sheet makes the same bytes."""
    registerFont(UnicodeCIDFont(FONT))
    made = BytesIO()
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=sheet.title, author=origin, invariant=1,
    )  # fmt: skip
    document.build(list(_flow(sheet, document.width)), onFirstPage=_foot, onLaterPages=_foot)
    return made.getvalue()


def _flow(sheet: Cover, width: float) -> Iterable[Flowable]:
    yield _text(sheet.title, 22, after=6 * mm)
    yield _table(sheet.facts, [0.18, 0.82], width)
    if sheet.rows:
        yield _text("所附条目", 13, before=6 * mm)
        entries = [(str(row.position), row.at, row.what, row.who, row.leaf) for row in sheet.rows]
        yield _table([COLUMNS, *entries], [0.09, 0.14, 0.16, 0.21, 0.4], width, head=1)
    if sheet.files:
        yield _text("所附佐证材料", 13, before=6 * mm)
        yield _table([FILES, *sheet.files], [0.5, 0.5], width, head=1)
    yield _text("证明什么，不证明什么", 13, before=6 * mm)
    yield from (_text(text, 10) for text in said(sheet))


def _text(said: str, size: float, before: float = 0, after: float = 2 * mm) -> Paragraph:
    style = ParagraphStyle(
        "", fontName=ASCII if said.isascii() else FONT, fontSize=size, leading=size * LEADING, wordWrap="CJK",
        spaceBefore=before, spaceAfter=after, textColor=DARK if size > 10 else black,
    )  # fmt: skip
    return Paragraph(escape(said), style)


def _table(rows: Iterable[Sequence[str]], shares: Sequence[float], width: float, head: int = 0) -> Table:
    cells = [[_text(cell, 8, after=0) for cell in row] for row in rows]
    style = [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, [share * width for share in shares], repeatRows=head, style=style, hAlign="LEFT")


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, f"{document.author}　第 {document.page} 页")
