"""The wall clock held against one that nobody sets: how long this machine has been running. 时钟监视

What tells a wrong clock from a long pause:

* While the machine runs, a pause is as long on both clocks. Once the wall clock was seen beside the running time, every later
  time is expected to the second, also after weeks without an entry and after the service was off; a wall clock that is
  more than LONGEST_STEP ahead of that was set. Linux counts sleep as running time (`/proc/uptime`), but not a virtual
  machine's frozen hours: after a day of those a key administrator is asked too.
* After a restart of the machine nothing is left to hold it against but the last time that was seen. Switched off over the
  longest public holiday it is LONGEST_OFF later at most; what is later than that may be a date typed in wrongly.

A key administrator's confirmation makes the present time the one that was seen, once: the next jump is judged anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from application.platform.clock import Clock, SystemClock
from application.platform.clock_check import PATIENCE_WITH_CLOCKS
from application.platform.database import Database

LONGEST_STEP = timedelta(days=1)
LONGEST_OFF = timedelta(days=10)
TOLD_FOR = 3_600.0  # seconds of running time in which a step that was taken stays a warning
PROMISED = timedelta(minutes=30)  # a promise to a citizen has an hour to spare
NEVER = datetime.min.replace(tzinfo=UTC)  # the newest entry of an empty log
SEEN = "SELECT boot, uptime, wall FROM log.clock"
SEE = """
    INSERT INTO log.clock (boot, uptime, wall) VALUES (%s, %s, %s)
    ON CONFLICT (one) DO UPDATE SET boot = excluded.boot, uptime = excluded.uptime, wall = excluded.wall"""
CONFIRM = "INSERT INTO log.clock_confirmed (actor, newest, wall, expected) VALUES (%s, %s, %s, %s)"


class RunningTime(NamedTuple):
    """Which start of a machine, and for how many seconds since it has been running."""

    boot: str
    seconds: float


class Sighting(NamedTuple):
    """The wall clock as it was when nothing was wrong with it."""

    boot: str
    uptime: float
    wall: datetime


_PROCESS = uuid4().hex  # where a machine does not tell, this process is all that is known to have run on


def running_time() -> RunningTime:
    """Read from files: whoever fakes the time of a process does not fake these."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return RunningTime(boot, float(Path("/proc/uptime").read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return RunningTime(_PROCESS, time.monotonic())


class WatchedClock(Clock):
    """The system's clock, which is refused where it ran ahead; `exempt`: a training log takes any time, and is told only."""

    def __init__(
        self,
        database: Database,
        *,
        exempt: bool = False,
        wall: Clock | None = None,
        running: Callable[[], RunningTime] = running_time,
    ) -> None:
        self.database, self.exempt = database, exempt
        self._wall, self._running = wall or SystemClock(), running
        self._seen: Sighting | None = None
        self._off = timedelta()  # how it stood when it was looked at last
        self._step: tuple[float, timedelta] | None = None  # when one was seen, and how far

    def now(self) -> datetime:
        return self._wall.now()

    def ran_ahead(self, newest: datetime) -> timedelta:
        """By how much more than may be, compared with all that is known; zero where it may be right. Once this is so,
        what another process may have confirmed meanwhile is asked for.
        """
        if ahead := self._ahead(newest):
            self._seen = None
            ahead = self._ahead(newest)
        if not ahead and not self._is_seen:
            self._remember(Sighting(*self._running(), self.now()))  # of this start of the machine the first
        return ahead

    def _ahead(self, newest: datetime) -> timedelta:
        now, running, seen = self.now(), self._running(), self._sighting()
        if self.exempt or now - newest <= LONGEST_STEP:
            return timedelta()
        if seen is not None and seen.boot == running.boot:
            ahead, most = now - _expected(seen, running), LONGEST_STEP
        else:
            known = [moment for moment in (newest, seen and seen.wall) if moment and moment > NEVER]
            ahead, most = now - max(known, default=now), LONGEST_OFF
        return ahead if ahead > most else timedelta()

    @property
    def _is_seen(self) -> bool:
        seen = self._sighting()
        return seen is not None and seen.boot == self._running().boot

    def deviation(self) -> timedelta:
        """How far the clock was set since it was seen, ahead or (below zero) back; zero where this machine can't tell."""
        seen = self._sighting()
        if seen is None or not self._is_seen:
            return timedelta()
        off = self.now() - _expected(seen, self._running())
        return off if abs(off) > PATIENCE_WITH_CLOCKS else timedelta()

    @property
    def may_promise(self) -> bool:
        """Whether what is promised for a time of day can be kept: the clock was not set by more than a promise has to spare."""
        return abs(self.deviation()) <= PROMISED

    def told(self) -> timedelta:
        """The deviation, or the step that was seen within the last hour."""
        if off := self.deviation():
            return off
        if self._step and self._running().seconds - self._step[0] < TOLD_FOR:
            return self._step[1]
        return timedelta()

    def look(self, newest: datetime) -> timedelta:
        """See the clock again, and remember it where it may be right; returns the step since it was looked at last.

        A step that promises have to spare is taken: time servers do so. A larger one stays a deviation until the clock is put
        right, or a key administrator confirms it.
        """
        self._seen = None
        off, running, now = self.deviation(), self._running(), self.now()
        step, self._off = off - self._off, off
        if abs(step) <= PATIENCE_WITH_CLOCKS:
            step = timedelta()
        else:
            self._step = (running.seconds, step)
        if abs(off) <= PROMISED and newest - now <= PATIENCE_WITH_CLOCKS and self._ahead(newest) == timedelta():
            self._remember(Sighting(running.boot, running.seconds, now))
            self._off = timedelta()
        return step

    def confirm(self, actor: str, newest: datetime) -> None:
        """`actor`, a key administrator, says that the clock is right now; who and when is kept in log.clock_confirmed."""
        running, now, seen = self._running(), self.now(), self._sighting()
        expected = _expected(seen, running) if seen and seen.boot == running.boot else None
        with self.database.transaction() as cursor:
            cursor.execute(CONFIRM, (actor, newest, now, expected))
            cursor.execute(SEE, (running.boot, running.seconds, now))
        self._seen, self._off, self._step = Sighting(running.boot, running.seconds, now), timedelta(), None

    def _sighting(self) -> Sighting | None:
        if self._seen is None:
            with self.database.cursor() as cursor:
                cursor.execute(SEEN)
                row = cursor.fetchone()
            self._seen = Sighting(row[0], row[1], row[2].astimezone(UTC)) if row else None
        return self._seen

    def _remember(self, sighting: Sighting) -> None:
        with self.database.cursor() as cursor:
            cursor.execute(SEE, sighting)
        self._seen = sighting


def _expected(seen: Sighting, running: RunningTime) -> datetime:
    return seen.wall + timedelta(seconds=running.seconds - seen.uptime)
