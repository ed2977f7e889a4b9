"""Room for slow hashes: one is made at a time, and few wait for it. 口令运算排队

One, because OpenSSL has one pool of threads for a process: two at once wait for each other, and whoever comes later is
refused. Few, because everybody who waits holds one of the threads that answer pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from domain.errors import Busy


class Queue(NamedTuple):
    """Those who come through one door; at most `longest` of them are there at once, None for no limit."""

    name: str
    longest: int | None


ACTS = Queue("acts", None)  # of whoever is signed in, and of commands, importers and jobs: never refused
SIGN_IN = Queue("sign-in", 3)  # anybody can send an account and a word
PUBLIC = Queue("public", 2)  # anybody can send a 查询码


class HashingSlot:
    def __init__(self) -> None:
        self._slot, self._counting = Lock(), Lock()
        self._here: Counter[str] = Counter()

    @contextmanager
    def taken(self, queue: Queue) -> Iterator[None]:
        """The slot for the time of the block, as soon as it is free. Raises Busy, at once, where the queue is full."""
        with self._counting:
            if queue.longest is not None and self._here[queue.name] >= queue.longest:
                raise Busy("现在办理的人很多，请过几秒再试；您填写的内容还在")
            self._here[queue.name] += 1
        try:
            with self._slot:
                yield
        finally:
            with self._counting:
                self._here[queue.name] -= 1

    def waiting(self, queue: Queue) -> int:
        """How many are there, whoever has the slot included."""
        with self._counting:
            return self._here[queue.name]
