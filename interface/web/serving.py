"""One process for everything: the embedded database, the pages through waitress, the jobs beside them. 单进程服务"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from application.access import seal_readings
from application.genesis import adopt_in_training
from application.public_tips import register_public_tips
from application.shredding import NIGHTLY, end_epoch
from application.store.home import Home
from interface import bodies, logs
from interface.bootstrap import services
from interface.oversight.app import beside
from interface.oversight.app import create_app as create_oversight
from interface.oversight.examination import Examination
from interface.oversight.parts import overseen
from interface.oversight.serving import LOOK
from interface.web.app import create_app
from interface.worker import ask_witnesses, look_at_clock, scheduler

CATCH_UP, PUBLISH, WITNESS, SEAL, REGISTER, CLOCK = 0.5, 60.0, 60.0, 3_600.0, 5.0, 5.0  # seconds


def run(home: Home, listener: Any, ready: Callable[[], None], threads: int) -> None:
    """Serve until KeyboardInterrupt. The main thread must call it: the database ends with the thread that began it."""
    logs.configure()
    with services(home, serving=True) as made, overseen(home, made.logins.oversight) as shown:
        adopt_in_training(made.ledger)
        made.projections.catch_up()
        server = bodies.serve(beside(create_app(made), create_oversight(shown)), listener, threads)
        jobs = scheduler(
            {
                "catch_up": (made.projections.catch_up, CATCH_UP),
                "publish": (made.publisher.publish, PUBLISH),
                "witness": (partial(ask_witnesses, made.witnesses), WITNESS),
                "look_at_clock": (partial(look_at_clock, made.clock, made.ledger.table), CLOCK),
                "register_public_tips": (partial(register_public_tips, made.ledger), REGISTER),
                "seal_access": (partial(seal_readings, made.ledger), SEAL),
                "examine": (Examination(home, shown.database).run_if_due, LOOK),
                "end_epoch": (partial(end_epoch, made.ledger), NIGHTLY),
            }
        )
        try:
            with suppress(KeyboardInterrupt):
                ready()
                server.run()
        finally:
            jobs.shutdown(wait=True)
            server.close()
