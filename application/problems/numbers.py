"""Readable numbers of problems: 常物整〔2026〕琴川-00123. Given by events, never reused; gaps are allowed. 台账编号"""

from __future__ import annotations

from application.core.ledger import Ledger
from domain.base import public_id


def next_number(ledger: Ledger, *, year: int, town: str) -> str:
    """The first free number after the last one known here: doubling, then halving, over what the log holds."""
    stem = f"常物整〔{year}〕{town}-"
    last: dict[str, int] = ledger.__dict__.setdefault("_last_numbers", {})

    def taken(number: int) -> bool:
        return ledger.exists(public_id(ledger.origin, "problem", f"{stem}{number:05}"))

    low, step = last.get(stem, 0), 1
    while taken(low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if taken(middle) else (low, middle)
    last[stem] = low
    return f"{stem}{high:05}"


def later(number: str, after: int) -> str:
    """The number so many places after this one."""
    stem, _, count = number.rpartition("-")
    return f"{stem}-{int(count) + after:05}"
