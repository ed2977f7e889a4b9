"""One process for everything: the embedded database, the pages through waitress, the jobs beside them. 单进程服务"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from application.audit.access_record import seal_readings
from application.campaign.genesis import adopt_in_training
from application.platform.home import Home
from application.preflight.letterbox_key import record_fingerprint
from application.tips.public_tips import register_public_tips
from application.tips.shredding import end_epoch_if_due
from interface.bootstrap import services
from interface.daily_backup import DailyBackup
from interface.oversight.app import beside
from interface.oversight.app import create_app as create_oversight
from interface.oversight.readonly_services import overseen
from interface.oversight.serving import LOOK
from interface.oversight.verification_job import Examination
from interface.runtime import http_server, logs
from interface.runtime.proxies import NOTHING, Front
from interface.runtime.scheduler import ask_witnesses, look_at_clock, scheduler
from interface.web.app import create_app

log = structlog.get_logger()
CATCH_UP, PUBLISH, WITNESS, SEAL, REGISTER, CLOCK = 0.5, 60.0, 60.0, 3_600.0, 5.0, 5.0  # seconds
DAY_IS_OVER, BACKUP = 60.0, 300.0  # seconds between two looks at whether it is due


def run(home: Home, listener: Any, ready: Callable[[], None], threads: int, front: Front = NOTHING) -> None:
    """Serve until KeyboardInterrupt. The main thread must call it: the database ends with the thread that began it."""
    logs.configure()
    with services(home, serving=True) as made, overseen(home, made.logins.oversight) as shown:
        for trouble in made.troubles:
            log.warning("something in the home is not as it should be", said=trouble)
        record_fingerprint(home)
        adopt_in_training(made.ledger)
        made.projections.catch_up()
        doors = beside(create_app(made), create_oversight(shown))
        server = http_server.serve(front.wrapped(doors), listener, threads)
        jobs = scheduler(
            {
                "catch_up": (made.projections.catch_up, CATCH_UP),
                "publish": (made.publisher.publish, PUBLISH),
                "witness": (partial(ask_witnesses, made.witnesses), WITNESS),
                "look_at_clock": (partial(look_at_clock, made.clock, made.ledger.table), CLOCK),
                "register_public_tips": (partial(register_public_tips, made.ledger), REGISTER),
                "seal_access": (partial(seal_readings, made.ledger), SEAL),
                "examine": (Examination(home, shown.database).run_if_due, LOOK),
                "end_epoch": (partial(end_epoch_if_due, made.ledger), DAY_IS_OVER),
                "backup": (DailyBackup(made).run_if_due, BACKUP),
            }
        )
        try:
            with suppress(KeyboardInterrupt):
                ready()
                server.run()
        finally:
            jobs.shutdown(wait=True)
            server.close()
