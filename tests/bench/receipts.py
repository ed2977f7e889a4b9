"""A receipt and its proof, as a town's handler asks the application for them in a log of a million entries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from application.platform.clock import TrainingClock
from application.platform.database import Database
from application.platform.home import Home
from application.verifier.formats.entry import body_of
from interface.identity.sessions import COOKIE, Sessions
from interface.web.app import create_app
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests import servers
from tests.bench.publishing import LARGE, home, large
from tests.cities import TOWN, City

WITHIN, RUNS, STREAMS = 0.050, 50, 250_000
# Rows that stand beside the ones looked for: every fourth event is a tip's first.
TIPS = """INSERT INTO read.tip (key, since, unit, state)
    SELECT md5(n::text), n, %s, 'registered' FROM generate_series(1, %s) n"""
EVENTS = """INSERT INTO read.happening (key, since, stream, version, topic, recorded_at, command, leaf_hash)
    SELECT n::text, n, md5((n %% %s + 1)::text), 1, 'tip.accepted', '2026-03-02T04:00:00.000000Z', md5(n::text), md5(n::text)
    FROM generate_series(1, %s) n"""


def receipts() -> Iterator[dict[str, Any]]:
    with home() as place, _database() as database:
        position = large(place)
        client = _client(place, database)
        baseline = _seconds(client, "/healthz")
        for suffix, what in (
            ("", "page of a receipt"),
            (".tlog-proof", "proof as a file"),
            (".entry", "entry as a file"),
        ):
            value = _seconds(client, f"/receipts/{position}{suffix}")
            yield {
                "id": f"receipt{suffix}",
                "what": f"{what} of one of {LARGE:,} entries, against /healthz",
                "value": round(value, 5),
                "unit": "s",
                "baseline": round(baseline, 5),
                "ratio": round(value / baseline, 2),
                "target": WITHIN,
                "ok": value <= WITHIN,
            }


@contextmanager
def _database() -> Iterator[Database]:
    dsn = servers.fresh()
    database = Database(dsn, role=None, size=4)
    try:
        yield database
    finally:
        database.close()
        servers.drop(dsn)


def _client(place: Home, database: Database) -> FlaskClient:
    """Signed in as a handler, over read models as large as the log."""
    city = City.found(database, TrainingClock(datetime(2026, 3, 2, 4, tzinfo=UTC)), place.path)
    actor = city.actor("town_handler", TOWN)
    ledger, models = city.ledger, ReadModels(database, body_of, models=MODELS)
    models.catch_up()
    with database.cursor() as cursor:
        cursor.execute("TRUNCATE read.happening, read.tip")
        cursor.execute(TIPS, (TOWN, STREAMS))
        cursor.execute(EVENTS, (STREAMS, LARGE))
        cursor.execute("ANALYZE read.happening, read.tip")
    services = SimpleNamespace(
        home=place, origin=ledger.origin, mode=ledger.mode, database=database, ledger=ledger,
        vault=ledger.vault, keys=ledger.keys, clock=ledger.clock, projections=models,
    )  # fmt: skip
    client = create_app(services).test_client()
    client.set_cookie(COOKIE, Sessions(database).open(UUID(actor.id), actor.role, actor.unit))
    return client


def _seconds(client: FlaskClient, address: str) -> float:
    """The median; each answer is the whole one."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        with client.get(address) as answer:
            assert answer.data
            assert answer.status_code == 200, (address, answer.status_code)
        took.append(time.perf_counter() - began)
    return median(took)
