"""How fast read models follow the log and are rebuilt, against decoding the same entries in the same run.

The log is made once, kept under tests/bench/logs and used again. XIAOHAO_BENCH_EVENTS=1000000 takes a larger one.
"""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from application.platform.database import Database
from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.engine.rebuild import build
from projections.models import MODELS
from tests import servers
from tests.bench.generate import Lives, write

EVENTS = int(os.environ.get("XIAOHAO_BENCH_EVENTS", "200000"))
RUNS, BATCHES = 5, 20
LOGS = Path(__file__).with_name("logs")
REBUILD_RATE, REBUILD_RATIO, LIVE_RATIO = 25_000, 0.12, 0.04
LARGEST = 1 << 30


def projections() -> list[dict[str, Any]]:
    dsn = servers.fresh()
    database = Database(dsn, role=None, size=4)
    try:
        _fill(database)
        return _measured(database)
    finally:
        database.close()
        servers.drop(dsn)


def _fill(database: Database) -> None:
    """The log's table, from the file of an earlier run if there is one."""
    file = LOGS / f"events-{EVENTS}.copy"
    if not file.exists():
        write(database, Lives(seed=2026).payloads(EVENTS))
        LOGS.mkdir(exist_ok=True)
        part = file.with_suffix(".part")
        with database.cursor() as cursor, part.open("wb") as rows:
            cursor.copy_expert("COPY log.event TO STDOUT (FORMAT binary)", rows)
        part.rename(file)
        return
    with database.cursor() as cursor, file.open("rb") as rows:
        cursor.copy_expert("COPY log.event FROM STDIN (FORMAT binary)", rows, size=1 << 20)


def _measured(database: Database) -> list[dict[str, Any]]:
    read_models = ReadModels(database, body_of, models=MODELS)
    decoding = median(EVENTS / _seconds(lambda: _decode(read_models, database)) for _ in range(RUNS))
    with _Memory() as memory:
        rebuilding = median(EVENTS / _seconds(lambda: _rebuild(read_models, database)) for _ in range(RUNS))
    following = median(_following(read_models) for _ in range(RUNS))
    what = f"all read models, {EVENTS:,} events"
    return [
        _line("decode", "decode entries", decoding, "events/s", None, None, True),
        _line(
            "rebuild",
            f"rebuild {what}",
            rebuilding,
            "events/s",
            decoding,
            REBUILD_RATIO,
            rebuilding / decoding >= REBUILD_RATIO,
        ),
        _line("rebuild_rate", "the same", rebuilding, "events/s", None, REBUILD_RATE, rebuilding >= REBUILD_RATE),
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


def _following(read_models: ReadModels) -> float:
    """Events per second over the next stretch of the log, one transaction for each batch."""
    start, began = read_models.position(), time.perf_counter()
    for _ in range(BATCHES):
        with read_models.database.transaction() as cursor:
            read_models.advance(cursor)
    return (read_models.position() - start) / (time.perf_counter() - began)


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
