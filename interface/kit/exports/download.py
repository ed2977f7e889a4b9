"""导出: any list of the pages as Excel or CSV, with the page's filter and within the scope of whoever asks.

LISTING = Listing("listings.companies", "企业清单", {"企业名称": 24, …}, page, cells)
return download(kind, LISTING)
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response, g, request, send_file, stream_with_context
from flask_babel import gettext

from application.exchange.sheet import harmless
from application.exchange.workbook import Paper, xlsx
from domain.errors import NotFound
from interface.kit.filters import FilterForm
from interface.kit.request_context import reading
from projections.figures.report import position
from projections.query.page import LARGEST, Page, walk

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
AT_ONCE = 2_000  # rows in memory while a CSV goes out


@dataclass(frozen=True)
class Listing:
    """A list as a file. `code` is what the sealed record of readings calls it for ever, whatever becomes of its address; it is
    told in words by access_words.LISTS. 序号 comes first by itself, then `columns` (head → width in characters).

    `page(cursor, number, size)` is the page's own query with the page's own filter and scope; `cells(cursor, rows)` makes
    one row of cells for each of its rows. `form(cursor)` is its filter, if it has one; `note` stands below an Excel list.
    """

    code: str
    title: str
    columns: dict[str, int]
    page: Callable[[Any, int, int], Page[Any]]
    cells: Callable[[Any, list[Any]], Iterable[Sequence[Any]]]
    form: Callable[[Any], FilterForm] | None = None
    note: str = ""


def download(kind: str, listing: Listing) -> Response:
    """The list as `xlsx` (at most 20,000 rows) or `csv` (all of them, sent as they are read). Raises NotFound."""
    if kind not in TYPES:
        raise NotFound(gettext("没有这种文件格式"))
    g.services.vault.record_access(g.actor, what=f"export/{listing.code}/{kind}", why=_asked()[:1000])
    response = _excel(listing) if kind == "xlsx" else _csv(listing)
    name = f"{'演练-' if g.training else ''}{listing.title}-{g.day.isoformat()}.{kind}"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> str:
    """The filter of the list; what was typed freely may be a name, so only that it was is kept."""
    given = ((name, value) for name, value in request.args.items(multi=True) if value and name != "page")
    return "&".join(f"{name}=…" if name in ("text", "number") else f"{name}={value}" for name, value in given) or "all"


def _excel(listing: Listing) -> Response:
    with reading() as cursor:
        first = listing.page(cursor, 1, AT_ONCE)
        rows = islice(_rows(listing, cursor, first), LARGEST)
        widths = {"序号": 6, **listing.columns}
        title = listing.title + ("【演练】" if g.training else "")
        unit, footer = g.people.unit(g.actor.unit), _footer(cursor, listing, first.total)
        content = xlsx(Paper(title, unit, g.day, list(widths), list(widths.values()), rows, footer))
    return send_file(BytesIO(content), mimetype=TYPES["xlsx"])


def _footer(cursor: Any, listing: Listing, total: int) -> str:
    said = "，".join(_in_words(listing.form(cursor)) if listing.form else _as_asked())
    more = f"，此表为前 {LARGEST} 条，全部请导出 CSV" if total > LARGEST else ""
    until = f"截至 {g.day.isoformat()}，日志第 {position(cursor, g.at)} 条"
    return f"筛选：{said[:500] or '全部'}；{until}；共 {total} 条{more}{listing.note}"


def _in_words(form: FilterForm) -> list[str]:
    form.validate()
    return form.asked


def _as_asked() -> list[str]:
    """A figure's rows are asked for by the figure's own address."""
    return [f"{name}={value}" for name, value in request.args.items(multi=True) if value and name != "page"]


def _csv(listing: Listing) -> Response:
    lines = stream_with_context(_lines(listing))
    next(lines)
    return Response(lines, content_type=TYPES["csv"])


def _lines(listing: Listing) -> Iterator[bytes]:
    """After the first, empty one nothing is refused any more: the answer may begin."""
    with reading() as cursor:
        first = listing.page(cursor, 1, AT_ONCE)
        yield b""
        yield "\ufeff".encode() + _line(["序号", *listing.columns])
        for row in _rows(listing, cursor, first):
            yield _line([harmless("" if value is None else str(value)) for value in row])


def _line(cells: Sequence[str]) -> bytes:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _rows(listing: Listing, cursor: Any, first: Page[Any]) -> Iterator[tuple[Any, ...]]:
    pages = walk(lambda number: first if number == 1 else listing.page(cursor, number, AT_ONCE))
    made = (row for page in pages for row in listing.cells(cursor, page.rows))
    for number, row in enumerate(made, 1):
        yield number, *row
