"""Days that somebody can mean. 日期范围

Python's calendar ends at 9999-12-31 and begins at 0001-01-01, and whoever counts on from there, or turns midnight in Shanghai
into UTC, falls off it.
"""

from __future__ import annotations

from datetime import date

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def is_meant(day: date) -> bool:
    return FIRST <= day <= LAST
