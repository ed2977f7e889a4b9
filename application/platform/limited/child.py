"""A child process that works on one hostile input at a time, with limits of memory, processor time and waiting. 受限子进程

Decoders of pictures and spreadsheets are large programs that read whatever strangers send: what they do to themselves (a
bomb, an abort, an endless loop) must not reach the service. The service only ever gets bytes back.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition
from time import monotonic
from typing import Any

from application.platform.limited.job import JobRefused
from application.platform.limited.zygote import ANSWER, LENGTH, NO_MEMORY, READY, REFUSED

START = 30.0  # seconds that importing the job's libraries may take
PIECE = 1 << 16
AGAIN = 0.02  # seconds between two kills while somebody else has the lane


class LimitExceeded(Exception):
    """The input was not worked on to its end; `args[0]` is memory, time or died."""


@dataclass(frozen=True)
class Limits:
    """`memory` in bytes beyond the empty child, `cpu` in seconds, `wall` in seconds, `answer` in bytes."""

    memory: int
    cpu: int
    wall: float
    answer: int


class LimitedChild:
    """Runs `job` ("module:function", bytes to bytes) in a child; one input at a time, over all threads of this process.

    The child is started when it is first needed, and again after it died. It ends with this process.
    """

    def __init__(self, job: str, limits: Limits) -> None:
        self.job, self.limits = job, limits
        self._lane = _Lane()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._closing = False
        atexit.register(self.close)

    def run(self, request: bytes, *, ahead: bool = False) -> bytes:
        """The job's answer. Whoever is `ahead` is served before all others that wait. Raises JobRefused, LimitExceeded.

        RuntimeError where the job itself can't be imported: that is a defect.
        """
        with self._lane.turn(ahead):
            zygote = self._running()
            try:
                kind, answer = _exchange(zygote, request, self.limits)
            except BaseException:
                self._end()  # there is something of this exchange on the way, or nobody any more
                raise
        if kind == REFUSED:
            raise JobRefused(answer.decode(errors="replace"))
        if kind == NO_MEMORY:
            raise LimitExceeded("memory")
        return answer

    def close(self) -> None:
        """Ends the child, and with it what it is working on; the next input starts another."""
        # Whoever waits for an answer holds the lane until the child ends; and whoever has the lane but no child yet starts
        # one after the first kill. So it is killed again until the lane is free.
        self._closing = True
        with self._lane.turn(True, meanwhile=lambda: _kill(self._zygote)):
            self._end()
            self._closing = False

    def _running(self) -> subprocess.Popen[bytes]:
        if self._zygote is None or self._zygote.poll() is not None:
            self._end()
            limits = [str(self.limits.memory), str(self.limits.cpu)]
            # No variable of ours reaches it: the address of the database, with its password, is one of them.
            self._zygote = subprocess.Popen(
                [sys.executable, "-P", "-m", "application.platform.limited.zygote", self.job, *limits],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
                env={"LC_ALL": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
            for pipe in (self._zygote.stdin, self._zygote.stdout):
                os.set_blocking(_fileno(pipe), False)
            try:
                _receive(self._zygote, len(READY), monotonic() + START)
            except LimitExceeded:
                self._end()
                if self._closing:
                    raise
                raise RuntimeError(f"the child for {self.job} did not start") from None
        return self._zygote

    def _end(self) -> None:
        """Kills the zygote and whatever it forked: they are a process group of their own."""
        zygote, self._zygote = self._zygote, None
        if zygote is None:
            return
        _kill(zygote)
        zygote.wait()
        for pipe in (zygote.stdin, zygote.stdout):
            if pipe is not None:
                pipe.close()


def _kill(zygote: subprocess.Popen[bytes] | None) -> None:
    """The whole group, unless it was waited for already: then its number may be another's."""
    if zygote is not None and zygote.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(zygote.pid, signal.SIGKILL)


class _Lane:
    """One at a time; whoever is ahead passes those who wait."""

    def __init__(self) -> None:
        self._changed, self._busy, self._ahead = Condition(), False, 0

    @contextmanager
    def turn(self, ahead: bool, meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
        """Waits for the lane and holds it; `meanwhile` is called now and again until it is free."""

        def free() -> bool:
            return not self._busy and (ahead or not self._ahead)

        with self._changed:
            self._ahead += ahead
            try:
                while not self._changed.wait_for(free, AGAIN if meanwhile else None):
                    if meanwhile:
                        meanwhile()
            finally:
                self._ahead -= ahead
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _exchange(zygote: subprocess.Popen[bytes], request: bytes, limits: Limits) -> tuple[bytes, bytes]:
    """(kind, answer). Raises LimitExceeded; the child is of no use then."""
    deadline = monotonic() + limits.wall
    _send(zygote, len(request).to_bytes(LENGTH) + request, deadline)
    kind = _receive(zygote, 1, deadline)
    length = int.from_bytes(_receive(zygote, LENGTH, deadline))
    if kind not in (ANSWER, REFUSED, NO_MEMORY) or length > limits.answer:
        raise LimitExceeded("died")
    return kind, _receive(zygote, length, deadline)


def _send(zygote: subprocess.Popen[bytes], content: bytes, deadline: float) -> None:
    left, pipe = memoryview(content), _fileno(zygote.stdin)
    try:
        while left:
            _wait(pipe, select.POLLOUT, deadline)
            left = left[os.write(pipe, left[:PIECE]) :]
    except BrokenPipeError:
        raise LimitExceeded("died") from None


def _receive(zygote: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
    """Exactly so many bytes. Raises LimitExceeded where the child ends before, or does not end in time."""
    got, pipe = bytearray(), _fileno(zygote.stdout)
    while len(got) < length:
        _wait(pipe, select.POLLIN, deadline)
        piece = os.read(pipe, min(length - len(got), 1 << 20))
        if not piece:
            raise LimitExceeded("died")
        got += piece
    return bytes(got)


def _wait(pipe: int, event: int, deadline: float) -> None:
    asked = select.poll()
    asked.register(pipe, event)
    if not asked.poll(max(0.0, deadline - monotonic()) * 1000):
        raise LimitExceeded("time")


def _fileno(pipe: Any) -> int:
    return pipe.fileno()
