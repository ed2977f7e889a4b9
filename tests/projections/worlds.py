"""Two databases with the same life: one that stopped at EARLIER, one that went on. Made once for all tests of queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

from application.platform.database import Database
from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests import servers
from tests.bench.generate import Lives, write

EARLIER, LATER = 2_500, 4_000


@cache
def world(events: int) -> str:
    """The DSN of a database with that many events of the life, folded."""
    dsn = servers.fresh()
    database = Database(dsn, size=2)
    try:
        write(database, islice(Lives(seed=11, at_once=25).payloads(LATER), events))
        read_models = ReadModels(database, body_of, models=MODELS)
        read_models.catch_up()
    finally:
        database.close()
    return dsn


@contextmanager
def cursor_on(events: int) -> Iterator[Any]:
    database = Database(world(events), size=1)
    try:
        with database.cursor() as cursor:
            yield cursor
    finally:
        database.close()


def some(cursor: Any, table: str, unit: str | None, at: int | None, number: int = 3) -> list[str]:
    """Ids of a few rows of a table, of one unit or of others than it."""
    alive = "until IS NULL" if at is None else f"since <= {at} AND (until IS NULL OR until > {at})"
    cursor.execute(f"SELECT key FROM read.{table} WHERE {alive} AND unit = %s ORDER BY key LIMIT {number}", (unit,))
    return [key for (key,) in cursor.fetchall()]


def strings(value: Any) -> Iterator[str]:
    """Every text anywhere inside a query's answer."""
    match value:
        case str():
            yield value
        case dict():
            for pair in value.items():
                yield from strings(pair)
        case list() | tuple() | set():
            for member in value:
                yield from strings(member)
        case _ if hasattr(value, "__dict__"):
            yield from strings(vars(value))
