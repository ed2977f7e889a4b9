"""What runs by itself beside the pages: read models, publishing, sealing the record of readings. 后台作业

APScheduler reckons in wall time. Set back, its jobs would stop until the clock has caught up: a thread that waits on the
monotonic clock notices who sets it, and all jobs go on from then. Set ahead, its own interval trigger would count through
every run that was missed, with all jobs waiting (400 days of twice a second are 69 million).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from application.log.event_table import EventTable
from application.platform.clock import Clock
from application.platform.failures import OperatorError
from application.publication.cosigning import Witnesses
from domain.errors import Unavailable
from interface.runtime.logs import failure

log = structlog.get_logger()
FIRST = 10.0  # seconds after the start, however seldom a job runs: a service that starts often would never run it
GLANCE, STEP = 1.0, 2.0  # seconds between two looks at both clocks, and by how much they then differ if one was set


class Every(BaseTrigger):
    """So many seconds after the last run; what was missed meanwhile is missed."""

    def __init__(self, seconds: float) -> None:
        self.interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self.interval


class Steady(BackgroundScheduler):
    """Jobs of an interval keep it whatever happens to the wall clock; `shutdown` ends the thread that sees to it."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        super().__init__(timezone="Asia/Shanghai")
        self._wall, self._ended = wall, Event()
        self._glancing = Thread(target=self._glance, name="clock watch", daemon=True)

    def start(self, paused: bool = False) -> None:
        super().start(paused)
        self._glancing.start()

    def shutdown(self, wait: bool = True) -> None:
        self._ended.set()
        self._glancing.join()
        super().shutdown(wait)

    def _glance(self) -> None:
        between = self._wall() - time.monotonic()
        while not self._ended.wait(GLANCE):
            before, between = between, self._wall() - time.monotonic()
            if abs(between - before) > STEP:
                guarded("clock watch", self.set_anew)()

    def set_anew(self) -> None:
        """The wall clock was set: what is due at an interval runs now, and from now on again at its interval."""
        for job in self.get_jobs():
            if isinstance(job.trigger, Every):
                job.modify(next_run_time=datetime.now(UTC))


def scheduler(jobs: dict[str, tuple[Callable[[], object], float]], wall: Callable[[], float] = time.time) -> Steady:
    """Started; each job {name: (function, seconds)} alone at a time, and none stops because it failed once."""
    made = Steady(wall)
    for name, (job, seconds) in jobs.items():
        made.add_job(
            guarded(name, job),
            Every(seconds),
            next_run_time=datetime.now(UTC) + timedelta(seconds=min(seconds, FIRST)),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    made.start()
    return made


def look_at_clock(clock: Clock, table: EventTable) -> None:
    """A step in either direction is told once, as soon as it is seen."""
    if step := clock.look(table.newest()):
        log.warning("the wall clock was set", seconds=round(step.total_seconds()), promises=clock.may_promise)


def ask_witnesses(witnesses: Witnesses) -> None:
    """Whoever does not cosign is named by the address in the policy, and asked again."""
    for outcome in witnesses.ask():
        if outcome.trouble:
            log.warning("a witness did not cosign; it is asked again", witness=outcome.url, trouble=outcome.trouble)


def said_by(error: Exception) -> dict[str, str]:
    """The sentence of a job that was refused: these are written for operators, and quote nothing that anybody typed."""
    return {"said": str(error)} if isinstance(error, OperatorError | Unavailable) else {}


def guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    """The job, which says that it failed and goes on; the same failure again and again is said once."""
    said: dict[str, str] = {}

    def run() -> None:
        try:
            job()
        except Exception as error:
            told = failure(error) | said_by(error)
            if told != said:
                said.clear()
                said.update(told)
                log.error("job failed; it is tried again", job=name, **told)
        else:
            if said:
                said.clear()
                log.warning("job works again", job=name)

    return run
