"""A page of a list, and the rows a query names. 分页"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
SIZE = 20
LARGEST = 20_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """`rows` of page number `page` (from 1) of `total` in all."""

    rows: list[Item]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def fetch_page(
    cursor: Any,
    query: str,
    bound: dict[str, Any],
    make: Callable[..., Item],
    *,
    page: int,
    size: int,
    total: int | None = None,
) -> Page[Item]:
    """One page of `query`, an ordered SELECT; `total` where its rows were counted without its joins. A page beyond the last
    one is the last one.
    """
    page, size = max(1, page), min(max(1, size), LARGEST)
    if total is None:
        cursor.execute(f"SELECT count(*) FROM ({query}) counted", bound)
        total = int(cursor.fetchone()[0])
    page = min(page, max(1, -(-total // size)))
    cursor.execute(f"{query} LIMIT {size:d} OFFSET {(page - 1) * size:d}", bound)
    return Page([make(*row) for row in cursor.fetchall()], total, page, size)


def walk(page_of: Callable[[int], Page[Item]]) -> Iterator[Page[Item]]:
    """Every page of a list, one after the other. `page_of(number)` reads within one snapshot, so no row is missed."""
    page = page_of(1)
    yield page
    for number in range(2, page.pages + 1):
        yield page_of(number)


def fetch(cursor: Any, query: str, bound: dict[str, Any], make: Callable[..., Item]) -> list[Item]:
    cursor.execute(query, bound)
    return [make(*row) for row in cursor.fetchall()]


def containing(text: str) -> str:
    """A LIKE pattern for texts that contain this one literally."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
