"""Verifies signatures in processes of its own, beside the one that reads and judges. Pure. 并行验签

Threads would wait for each other: only the signature itself is computed without Python's lock. Short logs are not worth a
second process; then everything is verified at once, here.
"""

from __future__ import annotations

import marshal
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing import connection, get_context
from multiprocessing.context import BaseContext
from operator import attrgetter
from typing import Any

from application.verifier.formats.signature import first_invalid

WORTH_IT = 4_000  # signatures from which on processes are started
MOST_WORKERS = 4  # reading and judging keep this many busy, not more
# Signatures that are sent at once, and portions with each worker. Sending costs and asking who is free costs more, so portions
# are large; a worker has one at hand and one waiting, or it would stand still while others are read and judged.
PORTION, AHEAD = 256, 2

Signed = tuple[bytes, bytes, bytes]
"""A public key, a signature, and the payload's bytes that it should stand under."""


class SignaturePool:
    """`expected` is the number of signatures to come. After `close` nothing more may be asked."""

    def __init__(self, expected: int, workers: int | None = None) -> None:
        if workers is None:
            workers = min(MOST_WORKERS, _cores()) if expected >= WORTH_IT else 0
        self._workers = [_Worker(_context()) for _ in range(workers)] if workers > 1 else []
        self.failed: int | None = None

    def submit(self, first: int, batch: Sequence[Signed]) -> None:
        """Have these verified; `first` numbers the first of them. `failed` is known later, after `wait` at the latest."""
        if not self._workers:
            self._note(first_invalid(first, batch))
            return
        for at in range(0, len(batch), PORTION):
            self._least_busy().give(first + at, batch[at : at + PORTION])

    def wait(self) -> int | None:
        """The lowest number whose signature is wrong, None if all are right; everything that was submitted counts."""
        for worker in self._workers:
            while worker.waiting:
                self._note(worker.answer())
        return self.failed

    def _least_busy(self) -> _Worker:
        """Whose work goes on while another's core is taken; waits if all have as much as they may have, and asks only then."""
        worker = min(self._workers, key=attrgetter("waiting"))
        if worker.waiting >= AHEAD:
            for ready in connection.wait([worker.pipe for worker in self._workers]):
                worker = next(worker for worker in self._workers if worker.pipe is ready)
                self._note(worker.answer())
        return min(self._workers, key=attrgetter("waiting"))

    def close(self) -> None:
        for worker in self._workers:
            worker.end()

    def _note(self, wrong: int | None) -> None:
        if wrong is not None and (self.failed is None or wrong < self.failed):
            self.failed = wrong


class _Worker:
    def __init__(self, context: BaseContext) -> None:
        self.pipe, theirs = context.Pipe()
        start: Callable[..., Any] = context.Process  # type: ignore[attr-defined]
        self._process = start(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.waiting = 0

    def give(self, first: int, batch: Sequence[Signed]) -> None:
        self.pipe.send_bytes(marshal.dumps((first, list(batch))))
        self.waiting += 1

    def answer(self) -> int | None:
        """EOFError if the process is gone: nothing then counts as verified."""
        self.waiting -= 1
        first: int | None = marshal.loads(self.pipe.recv_bytes())  # noqa: S302 (from our own process)
        return first

    def end(self) -> None:
        self.pipe.close()
        self._process.terminate()
        self._process.join()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> BaseContext:
    """Copies of this process where that is cheap and safe; where other threads may hold locks, new ones."""
    return get_context("fork" if hasattr(os, "fork") and threading.active_count() == 1 else "spawn")


def _work(pipe: connection.Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            first, batch = marshal.loads(pipe.recv_bytes())  # noqa: S302 (from our own process)
            pipe.send_bytes(marshal.dumps(first_invalid(first, batch)))
    except EOFError:
        return
