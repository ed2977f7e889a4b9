"""Many who want the same at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from application.vault.hashing_slot import HashingSlot, Queue


def use(slot: HashingSlot, queue: Queue) -> bool:
    with slot.taken(queue):
        return True


class Crowd:
    """Whoever came to a slot that is taken; all of them have it in turn in the end."""

    def __init__(self, slot: HashingSlot) -> None:
        self.slot, self._pool = slot, ThreadPoolExecutor(8)
        self._came: list[Any] = []

    def come(self, queue: Queue, many: int = 1) -> None:
        here = self.slot.waiting(queue)
        self._came += [self._pool.submit(use, self.slot, queue) for _ in range(many)]
        while self.slot.waiting(queue) < here + many:
            assert not any(one.done() and one.exception() for one in self._came), "somebody was refused"

    def leave(self) -> None:
        assert all(one.result(60) for one in self._came)
        self._pool.shutdown()
