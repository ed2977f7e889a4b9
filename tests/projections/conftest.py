"""A log of random lives in a fresh database, and the read models that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from application.platform.database import Database
from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests.bench.generate import Lives, write


@pytest.fixture
def log(database: Database) -> Callable[[int], int]:
    """Records that many more events of one life; returns the last position."""
    lives = Lives(seed=7, at_once=30).payloads(3_000)

    def record(events: int) -> int:
        return write(database, islice(lives, events))

    return record


@pytest.fixture
def read_models(owner: Database) -> ReadModels:
    """As their owner has them: they follow the log, and can be rebuilt."""
    return ReadModels(owner, body_of, models=MODELS)


@pytest.fixture
def cursor(database: Database) -> Iterator[object]:
    with database.cursor() as cursor:
        yield cursor


@pytest.fixture
def poison(database: Database, log: Callable[[int], int]) -> Callable[..., None]:
    """Records one event with these data after the last one, as an official with a faulty program could."""

    def record(data: dict[str, object], topic: str = "tip.registered") -> None:
        with database.cursor() as cursor:
            cursor.execute("SELECT size FROM log.head")
            (size,) = cursor.fetchone()
        payload = next(Lives(seed=size).payloads(1)) | {"seq": size, "type": topic, "data": data}
        payload |= {"stream": payload["id"], "version": 1, "recorded_at": "2027-01-01T00:00:00.000000Z"}
        write(database, iter([payload]))

    return record
