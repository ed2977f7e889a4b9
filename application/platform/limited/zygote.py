"""The other side of a limited child: `python -m application.platform.limited.zygote MODULE:FUNCTION MEMORY CPU`. 受限子进程内侧

The zygote imports the job's libraries once and never reads a request: for each it forks a child that lives for this one
request, so nothing of one sender's file is left in memory when the next one comes. Requests and answers are bytes with a
length before them; nothing is unpickled on either side.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from application.platform.limited.job import JobRefused

IN, OUT, ERRORS = 0, 1, 2
LENGTH = 8  # bytes, big-endian
READY, ANSWER, REFUSED, NO_MEMORY = b"+", b"A", b"R", b"M"
NICENESS = 5  # pages come first


def main(job: str, memory: int, cpu: int) -> int:
    """Serves until its input ends, or until a child ended otherwise than by itself: then nothing it wrote can be trusted."""
    module, _, name = job.partition(":")
    function = getattr(import_module(module), name)
    os.nice(NICENESS)
    gc.freeze()
    os.write(OUT, READY)
    while length := _read(LENGTH):
        if (child := os.fork()) == 0:
            _serve_one(function, int.from_bytes(length), memory, cpu)
        _pid, status = os.waitpid(child, 0)
        if status:
            return 1
    return 0


def _serve_one(function: Callable[[bytes], bytes], length: int, memory: int, cpu: int) -> None:
    """Never returns. Whatever goes wrong ends this process with a status that is not 0."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), ERRORS)  # a message may quote what was sent
        request = _read(length)
        _limit(memory, cpu)
        kind, answer = _answer(function, request)
        _write(kind + len(answer).to_bytes(LENGTH) + answer)
        status = 0
    finally:
        os._exit(status)


def _answer(function: Callable[[bytes], bytes], request: bytes) -> tuple[bytes, bytes]:
    try:
        return ANSWER, function(request)
    except JobRefused as refused:
        return REFUSED, str(refused).encode()
    except MemoryError:
        return NO_MEMORY, b""


def _limit(memory: int, cpu: int) -> None:
    """`memory` bytes beyond what is mapped now, where the system counts that; `cpu` seconds; no file and no core is written."""
    _lower(resource.RLIMIT_CPU, cpu)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    statm = Path("/proc/self/statm")
    if statm.exists():
        _lower(resource.RLIMIT_AS, int(statm.read_text().split()[0]) * resource.getpagesize() + memory)


def _lower(limit: int, most: int) -> None:
    """Never above what this process was started with, which would be an error."""
    _soft, hard = resource.getrlimit(limit)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))


def _read(length: int) -> bytes:
    """Exactly so many bytes; fewer, or none, only where the input ended."""
    pieces = bytearray()
    while len(pieces) < length and (piece := os.read(IN, min(length - len(pieces), 1 << 20))):
        pieces += piece
    return bytes(pieces)


def _write(content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(OUT, left) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
