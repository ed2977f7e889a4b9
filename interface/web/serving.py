"""One process for everything: the embedded database, the pages through waitress, the jobs beside them. 单进程服务"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from waitress.server import create_server

from application.access import seal_readings
from application.public_tips import register_public_tips
from application.store.home import Home
from interface import logs
from interface.bootstrap import services
from interface.web.app import create_app
from interface.worker import scheduler

CATCH_UP, PUBLISH, SEAL, REGISTER = 0.5, 60.0, 3_600.0, 5.0  # seconds


def run(home: Home, listener: Any, ready: Callable[[], None], threads: int) -> None:
    """Serve until KeyboardInterrupt. The main thread must call it: the database ends with the thread that began it."""
    logs.configure()
    with services(home, serving=True) as made:
        made.projections.catch_up()
        server = create_server(create_app(made), sockets=[listener], threads=threads, ident="xiaohao")
        jobs = scheduler(
            {
                "catch_up": (made.projections.catch_up, CATCH_UP),
                "publish": (made.publisher.publish, PUBLISH),
                "register_public_tips": (partial(register_public_tips, made.ledger), REGISTER),
                "seal_access": (partial(seal_readings, made.ledger), SEAL),
            }
        )
        try:
            with suppress(KeyboardInterrupt):
                ready()
                server.run()
        finally:
            jobs.shutdown(wait=True)
            server.close()
