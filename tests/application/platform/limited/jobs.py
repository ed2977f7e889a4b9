"""Jobs that misbehave as decoders of strangers' files do."""

from __future__ import annotations

import os
import time

from application.platform.limited.job import JobRefused


def odd(request: bytes) -> bytes:
    """Does what it is told."""
    return ODD[request.partition(b" ")[0]](request.partition(b" ")[2])


def _refuse(words: bytes) -> bytes:
    raise JobRefused(words.decode())


def _spin(_words: bytes) -> bytes:
    while True:
        pass


def _sleep(_words: bytes) -> bytes:
    time.sleep(600)
    return b""


def _write(path: bytes) -> bytes:
    with open(path, "wb") as file:
        file.write(b"left behind")
    return b"written"


def _half(_words: bytes) -> bytes:
    os.write(1, b"A\0\0")
    os._exit(0)


SEEN: list[bytes] = []


def _remember(words: bytes) -> bytes:
    SEEN.append(words)
    return b",".join(SEEN)


ODD = {
    b"echo": lambda words: words,
    b"length": lambda words: str(len(words)).encode(),
    b"refuse": _refuse,
    b"swell": lambda _words: b"." * (1 << 30),
    b"abort": lambda _words: os.abort(),
    b"fault": lambda _words: 1 // 0,
    b"spin": _spin,
    b"sleep": _sleep,
    b"write": _write,
    b"half": _half,
    b"large": lambda _words: b"." * (3 << 20),
    b"remember": _remember,
    b"environment": lambda _words: "\n".join(os.environ).encode(),
}
