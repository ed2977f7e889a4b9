"""What runs by itself beside the pages: read models, publishing, sealing the record of readings. 后台作业"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from application.failures import CouldNot
from application.trail.cosigning import Witnesses
from domain.errors import Unavailable
from interface.logs import failure

log = structlog.get_logger()
FIRST = 10.0  # seconds after the start, however seldom a job runs: a service that starts often would never run it


def scheduler(jobs: dict[str, tuple[Callable[[], object], float]]) -> BackgroundScheduler:
    """Started; each job {name: (function, seconds)} alone at a time, and none stops because it failed once."""
    made = BackgroundScheduler(timezone="Asia/Shanghai")
    for name, (job, seconds) in jobs.items():
        made.add_job(
            guarded(name, job),
            "interval",
            seconds=seconds,
            next_run_time=datetime.now(UTC) + timedelta(seconds=min(seconds, FIRST)),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    made.start()
    return made


def ask_witnesses(witnesses: Witnesses) -> None:
    """Whoever does not cosign is named by the address in the policy, and asked again."""
    for outcome in witnesses.ask():
        if outcome.trouble:
            log.warning("a witness did not cosign; it is asked again", witness=outcome.url, trouble=outcome.trouble)


def said_by(error: Exception) -> dict[str, str]:
    """The sentence of a job that was refused: these are written for operators, and quote nothing that anybody typed."""
    return {"said": str(error)} if isinstance(error, CouldNot | Unavailable) else {}


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
