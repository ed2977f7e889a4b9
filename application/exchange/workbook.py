"""A list on paper: title, unit and cut-off, heads, rows, and what the list was made from; as an Excel file. 表格导出"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Paper:
    """`footer` says filter, cut-off and position; `widths` in characters, one for each head."""

    title: str
    unit: str
    day: date
    heads: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Any]]
    footer: str


def xlsx(paper: Paper) -> bytes:
    """A4 landscape, heads repeated in print, days as days; nothing in a cell becomes a formula."""
    import xlsxwriter  # a large library: whoever starts the service need not wait for it

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
        day = book.add_format({"border": 1, "valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})
        page = book.add_worksheet(paper.title[:31])
        page.merge_range(0, 0, 0, len(paper.heads) - 1, paper.title, title)
        page.write_string(1, 0, f"填报单位：{paper.unit}　截至日期：{paper.day.isoformat()}")
        page.write_row(2, 0, paper.heads, head)
        number = 2
        for number, row in enumerate(paper.rows, 3):
            for place, value in enumerate(row):
                _write(page, number, place, value, cell, day)
        page.write_string(number + 1, 0, paper.footer)
        for place, width in enumerate(paper.widths):
            page.set_column(place, place, width)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(2)
        page.freeze_panes(3, 2)
        page.set_footer("&C第 &P 页，共 &N 页")
    return out.getvalue()


def _write(page: Any, number: int, place: int, value: Any, cell: Any, day: Any) -> None:
    match value:
        case date():
            page.write_datetime(number, place, value, day)
        case int() | float():
            page.write_number(number, place, value, cell)
        case _:
            page.write_string(number, place, str(value or "")[:32_767], cell)
