"""What runs by itself beside the pages: read models, publishing. 后台作业"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()


def scheduler(jobs: dict[str, tuple[Callable[[], object], float]]) -> BackgroundScheduler:
    """Started; each job {name: (function, seconds)} alone at a time, and none stops because it failed once."""
    made = BackgroundScheduler(timezone="Asia/Shanghai")
    for name, (job, seconds) in jobs.items():
        made.add_job(
            _guarded(name, job),
            "interval",
            seconds=seconds,
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    made.start()
    return made


def _guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("job failed; it is tried again", job=name)

    return run
