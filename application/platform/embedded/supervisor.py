"""The thread that forks a server, lives as long as it and starts it again when it dies. 守护线程

PR_SET_PDEATHSIG fires when the forking thread ends, not the process: so the server is forked from a thread that lasts.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from application.platform.failures import OperatorError

PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before the 1st, 2nd, … start after a death; the last one for ever
HEALTHY = 30.0  # seconds after which a death counts as the first again
GRACE = 30.0  # seconds for a fast shutdown, before a hard one

log = logging.getLogger(__name__)


class Supervisor:
    """`launch` forks the server; it may raise OperatorError, which `start` passes on."""

    def __init__(self, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping, self._lock = threading.Event(), threading.Lock()
        self._settled = False
        self._first: Future[None] = Future()
        self._thread = threading.Thread(target=self._keep, name="postgres-keeper", daemon=True)

    def start(self) -> None:
        """Returns when the server is forked; it need not answer yet, and if it ends now it stays so."""
        self._thread.start()
        self._first.result()

    def settle(self) -> None:
        """It answers: from now on it is started again when it dies."""
        self._settled = True

    @property
    def pid(self) -> int | None:
        """None when the server has ended."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def stop(self) -> None:
        """Fast shutdown; returns when the server has ended."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            for ask in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if process.poll() is None:
                    process.send_signal(ask)
                try:
                    process.wait(GRACE)
                    break
                except subprocess.TimeoutExpired:
                    continue
        self._thread.join(GRACE)

    def _keep(self) -> None:
        try:
            self._process = self._launch()
        except BaseException as error:
            self._first.set_exception(error)
            return
        self._first.set_result(None)
        deaths, began = 0, time.monotonic()
        while True:
            self._process.wait()
            if not self._settled:
                return
            deaths = 0 if time.monotonic() - began > HEALTHY else deaths
            if self._stopping.wait(PAUSES[min(deaths, len(PAUSES) - 1)]):
                return
            deaths, began = deaths + 1, time.monotonic()
            self._again()

    def _again(self) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            log.warning("the database server has died and is started again")
            try:
                self._process = self._launch()
            except (
                OperatorError
            ) as error:  # a full disk, a predecessor that won't leave: tried again after the next pause
                log.warning("couldn't start the database server: %s", error)
