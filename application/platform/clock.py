"""What time it is. 时钟"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991


class Clock:
    """What time it is; a clock that is held against another one says more (platform/clock_watch.py)."""

    simulated = False

    def now(self) -> datetime:
        raise NotImplementedError

    def ran_ahead(self, newest: datetime) -> timedelta:
        """By how much too far, where nothing may be recorded before somebody looked; `newest` entry of the log."""
        return timedelta()

    def told(self) -> timedelta:
        """By how much it was set, ahead or (below zero) back, as administrators are told."""
        return timedelta()

    def look(self, newest: datetime) -> timedelta:
        """Hold it against the other clock again; returns the step since this was done last."""
        return timedelta()

    @property
    def may_promise(self) -> bool:
        """Whether a promise for a time of day can be kept."""
        return True


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class TrainingClock(Clock):
    """A clock that stands where it was put; only a training log accepts one."""

    simulated = True

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


def today(clock: Clock) -> date:
    """The day in Shanghai."""
    return clock.now().astimezone(SHANGHAI).date()


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
