"""How fast read models follow the log and are rebuilt, against decoding the same entries in the same run.

The log is made once in a server of its own under tests/bench/logs and used again. XIAOHAO_BENCH_EVENTS=1000000 takes a larger one.
"""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable
from typing import Any

from application.store.database import Database
from application.trail.entry import body_of
from projections.catch_up import ReadModels
from projections.rebuild import build
from tests import servers
from tests.bench.generate import Lives, write

EVENTS = int(os.environ.get("XIAOHAO_BENCH_EVENTS", "200000"))
LIVE_EVENTS = 20_000
REBUILD_RATE, REBUILD_RATIO, LIVE_RATIO = 25_000, 0.12, 0.04
LARGEST = 1 << 30


def projections() -> list[dict[str, Any]]:
    dsn = servers.fresh()
    database = Database(dsn, size=4)
    try:
        write(database, Lives(seed=2026).payloads(EVENTS))
        return _measured(database)
    finally:
        database.close()
        servers.drop(dsn)


def _measured(database: Database) -> list[dict[str, Any]]:
    read_models = ReadModels(database, body_of)
    read_models.prepare()
    decoding = EVENTS / _seconds(lambda: _decode(read_models, database))
    with _Memory() as memory:
        rebuilding = EVENTS / _seconds(lambda: _rebuild(read_models, database))
    _live(read_models, LIVE_EVENTS)  # the first part fills the registers
    began, start = time.perf_counter(), read_models.position()
    _live(read_models, start + LIVE_EVENTS)
    following = (read_models.position() - start) / (time.perf_counter() - began)
    rebuild_ok = rebuilding >= REBUILD_RATE and rebuilding / decoding >= REBUILD_RATIO
    what = f"all read models, {EVENTS:,} events"
    return [
        _line("decode", "decode entries", decoding, "events/s", None, None, True),
        _line("rebuild", f"rebuild {what}", rebuilding, "events/s", decoding, REBUILD_RATIO, rebuild_ok),
        _line("rebuild_memory", "its memory", memory.grown, "bytes", None, LARGEST, memory.grown <= LARGEST),
        _line("catch_up", "catch_up", following, "events/s", decoding, LIVE_RATIO, following / decoding >= LIVE_RATIO),
    ]


def _line(
    id: str, what: str, value: float, unit: str, baseline: float | None, target: float | None, ok: bool
) -> dict[str, Any]:
    ratio = round(value / baseline, 3) if baseline else None
    return {
        "id": id, "what": what, "value": round(value), "unit": unit, "baseline": round(baseline) if baseline else None,
        "ratio": ratio, "target": target, "ok": ok,
    }  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _decode(read_models: ReadModels, database: Database) -> None:
    connection = database.connect()
    try:
        for _ in read_models.feed.stream(connection, 0, EVENTS):
            pass
    finally:
        connection.close()


def _rebuild(read_models: ReadModels, database: Database) -> None:
    """Everything but the comparison and the swap: fold, load, index."""
    connection = database.connect()
    try:
        build(read_models, read_models.models, connection, lambda done, of: None)
    finally:
        connection.close()


def _live(read_models: ReadModels, upto: int) -> None:
    while read_models.position() < upto:
        with read_models.database.transaction() as cursor:
            for _ in range(8):
                read_models.advance(cursor)


class _Memory:
    """How much the process grew at most, looked at every 50 ms."""

    def __enter__(self) -> _Memory:
        self.began, self.most, self._over = _resident(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, _resident())

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def grown(self) -> int:
        return max(0, self.most - self.began)


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    for line in projections():
        print(line)
