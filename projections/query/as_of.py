"""Rows as they stood at a position of the log, and which position a day means. 截至"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from domain.errors import NotFound

SHANGHAI = timezone(timedelta(hours=8))


def alive(at: int | None, alias: str) -> str:
    """The condition that picks, of each row, the version that stood at position `at` (None: now)."""
    if at is None:
        return f"{alias}.until IS NULL"
    return f"{alias}.since <= {at:d} AND ({alias}.until IS NULL OR {alias}.until > {at:d})"


def until(at: int | None, alias: str) -> str:
    """The same for append-only tables, whose rows never end."""
    return "true" if at is None else f"{alias}.since <= {at:d}"


def position_at(cursor: Any, text: str, today: date) -> tuple[int, date]:
    """Of `2026-03-01`: the last position recorded before that day ends in Shanghai, and that day. Of digits: that position,
    and the Shanghai day it was recorded on. Raises NotFound for anything else, for a day that has not come, or if nothing
    was recorded by then.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 16:
        return _of_position(cursor, int(text))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("截至日期请写成 2026-03-01 这样的日期，或写序号（纯数字）") from None
    if day > today:
        raise NotFound(f"截至日期不能晚于今天（{today:%Y-%m-%d}），请改填")
    return _of_day(cursor, day)


def _of_position(cursor: Any, position: int) -> tuple[int, date]:
    cursor.execute("SELECT recorded_at FROM read.happening WHERE since = %s", (position,))
    found = cursor.fetchone()
    if found is None:
        raise NotFound(f"日志中还没有第 {position} 条记录，请改填较小的序号")
    return position, datetime.fromisoformat(found[0]).astimezone(SHANGHAI).date()


def _of_day(cursor: Any, day: date) -> tuple[int, date]:
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
    moment = end.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    cursor.execute("SELECT coalesce(max(since), 0) FROM read.happening")
    low, high = 0, cursor.fetchone()[0]
    while low < high:  # recorded_at never decreases along the log
        middle = (low + high + 1) // 2
        cursor.execute(
            "SELECT since, recorded_at FROM read.happening WHERE since <= %s ORDER BY since DESC LIMIT 1", (middle,)
        )
        found = cursor.fetchone()
        if found is None or found[1] < moment:
            low = middle
        else:
            high = found[0] - 1
    if not low:
        raise NotFound(f"{day:%Y-%m-%d} 之前还没有任何记录，请改填较晚的日期")
    return low, day
