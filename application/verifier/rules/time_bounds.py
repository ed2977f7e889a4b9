"""时间区间: what witnesses saw bounds when an event can have been recorded (docs/format.md §8, attack A6). Pure.

An event is not later than the first cosignature of a tree that holds it, and not earlier than the newest cosignature of a
tree that doesn't hold it yet, with five minutes' grace. The second bound is that of witnesses who are asked at each publication:
a cosignature made from a copy on a stick may be days younger than the copy.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate
from typing import NamedTuple

GRACE = 300  # seconds by which clocks may differ
LATEST_TIME = 253_402_300_799 - GRACE  # the end of the year 9999
CHINA = timezone(timedelta(hours=8))
FIRST, LAST = "", "~"  # sort before and after every time


class Seen(NamedTuple):
    """A cosignature: at this time (POSIX seconds) a witness knew the tree of this size; `at_once` if it had just been published."""

    size: int
    time: int
    at_once: bool


class Brackets:
    """Asked with rising indices. An event recorded outside is named."""

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._seen = sorted(seen)
        self._newest_before = list(accumulate((each.time if each.at_once else 0 for each in self._seen), max))
        self._oldest_from = list(accumulate((each.time for each in reversed(self._seen)), min))[::-1]
        self._stop = 0
        self._earliest, self._latest = FIRST, LAST

    def __bool__(self) -> bool:
        return bool(self._seen)

    def wrong(self, index: int, recorded_at: str) -> str | None:
        """Why the event at this index can't have been recorded then; None if it can."""
        if index >= self._stop:
            self._move(index)
        if recorded_at > self._latest:
            return f"记录时间 {recorded_at} 晚于首次见证的时间"
        if recorded_at < self._earliest:
            return f"记录时间 {recorded_at} 早于见证人看到较短日志的时间"
        return None

    def _move(self, index: int) -> None:
        ahead = bisect_right(self._seen, index, key=lambda each: each.size)
        before = self._newest_before[ahead - 1] if ahead else 0
        self._earliest = told(before - GRACE) if before else FIRST
        if ahead < len(self._seen):
            self._stop, self._latest = self._seen[ahead].size, told(self._oldest_from[ahead] + GRACE)
        else:
            self._stop, self._latest = 1 << 64, LAST


def clock_face(time: int) -> str:
    """For people, as a clock on a wall in China shows it."""
    moment = datetime.fromtimestamp(max(0, min(time, LATEST_TIME - 24 * 3_600)), CHINA)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC+8")


def told(time: int) -> str:
    """As an event writes it; a time beyond all calendars is the last one."""
    moment = datetime.fromtimestamp(max(0, min(time, LATEST_TIME)), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
