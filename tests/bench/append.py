"""Signed appends through the ledger against the library's own unsigned `Application.save`, on the same server, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from psycopg.conninfo import conninfo_to_dict

from application.tips.commands import RegisterTip
from domain.tips.tip import Tip
from tests.bench.instances import city, database, server
from tests.cities import City

ROUNDS = 5
TARGETS = {1: 1.05, 8: 2.1, 32: 3.0}
SAVES = {1: 600, 8: 2_400, 32: 6_400}
COMMITS = dict.fromkeys(("text", "reporter", "contact", "files"), "0" * 64)


class Registered(Aggregate):
    """The same fields as our event, in the library's own manner."""

    def __init__(self, channel: str, received_on: str, commits: dict[str, str]) -> None:
        self.channel, self.received_on, self.commits = channel, received_on, commits


def append() -> Iterator[dict[str, Any]]:
    with server() as address:
        library = _library(database(address))
        try:
            with city(database(address)) as ours:
                for threads, target in TARGETS.items():
                    yield _compared(library, ours, threads, target)
        finally:
            library.close()


def _library(dsn: str) -> Application:
    parts = conninfo_to_dict(dsn)
    names = {"DBNAME": "dbname", "HOST": "host", "USER": "user", "PASSWORD": "password"}
    env = {f"POSTGRES_{name}": str(parts[member]) for name, member in names.items()} | {"POSTGRES_PORT": "5432"}
    pool = {"POSTGRES_POOL_SIZE": "32", "POSTGRES_MAX_OVERFLOW": "0"}
    return Application(env={"PERSISTENCE_MODULE": "eventsourcing.postgres", **env, **pool})


def _compared(library: Application, ours: City, threads: int, target: float) -> dict[str, Any]:
    desk, today = ours.desk, ours.ledger.today

    def theirs() -> None:
        library.save(Registered(channel="12345", received_on=today.isoformat(), commits=COMMITS))

    def signed() -> None:
        command = RegisterTip(id=uuid4(), actor=desk, channel="12345", received_on=today, text="")
        tip = Tip.register(id=uuid4(), channel="12345", received_on=today, today=today, commits=COMMITS, actor=desk)
        ours.ledger.commit(tip, command=command)

    pairs = [(_rate(theirs, threads), _rate(signed, threads)) for _ in range(ROUNDS)]
    baseline, value = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return {
        "id": f"append-{threads}",
        "what": f"signed append, {threads} threads, against the library's unsigned save",
        "value": round(value),
        "unit": "events/s",
        "baseline": round(baseline),
        "ratio": round(value / baseline, 2),
        "target": target,
        "ok": value / baseline >= target,
    }


def _rate(act: Callable[[], None], threads: int) -> float:
    """Saves per second, warmed up."""
    each = SAVES[threads] // threads

    def work(_: int) -> None:
        for _ in range(each):
            act()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: act(), range(threads)))
        began = time.perf_counter()
        list(pool.map(work, range(threads)))
        return each * threads / (time.perf_counter() - began)
