"""The oversight door by itself: its pages, and the job that examines. 监督端服务"""

from __future__ import annotations

from typing import Any

from interface.oversight.app import beside, create_app
from interface.oversight.readonly_services import Overseen
from interface.oversight.verification_job import Examination
from interface.runtime import http_server, logs
from interface.runtime.proxies import NOTHING, Front
from interface.runtime.scheduler import scheduler

LOOK = 5.0  # seconds between two questions whether a verdict is due


def serve(overseen: Overseen, listener: Any, threads: int, front: Front = NOTHING) -> None:
    """Serve until KeyboardInterrupt, under the same address as beside the ordinary door."""
    logs.configure()
    server = http_server.serve(front.wrapped(beside(_elsewhere, create_app(overseen))), listener, threads)
    jobs = scheduler({"examine": (Examination(overseen.home, overseen.database).run_if_due, LOOK)})
    try:
        server.run()
    finally:
        jobs.shutdown(wait=True)
        server.close()


def _elsewhere(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """There is nothing but the oversight door."""
    start_response("303 See Other", [("Location", "/oversight/"), ("Content-Length", "0")])
    return []
