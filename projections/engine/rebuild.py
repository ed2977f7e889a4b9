"""Builds read models anew beside the live ones, compares both, and puts the new ones in their place in one transaction. 重建

Events stream through the folds in memory; versions go out to PostgreSQL as they close, so memory grows with the number of
rows, not of events. The screen shows the old tables until the new ones have caught up with the log.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from psycopg2.errors import DeadlockDetected, LockNotAvailable

from domain.recorded import Recorded
from projections.engine import tables
from projections.engine.catch_up import ReadModels
from projections.engine.digest import digest
from projections.engine.feed import Unreadable, head
from projections.engine.fold import MemoryRows, ReadModel
from projections.engine.loader import Loader

REBUILD_LOCK = 0x78696102
PROGRESS = 10_000  # events between two calls
OF_NO_VERSION = -1

Progress = Callable[[int, int], None]


class RebuildError(RuntimeError):
    """A rebuild can't go on: a poisoned event, or another rebuild under way. Nothing that people see was changed."""


class TableCheck(NamedTuple):
    """Digests of one table at the same position; equal unless the live one is wrong, or its definition changed."""

    table: str
    live: str
    rebuilt: str

    @property
    def same(self) -> bool:
        return self.live == self.rebuilt


class Rebuilt(NamedTuple):
    """`at` is the position compared at; dead letters of the live tables at or before it as "model@position"."""

    at: int
    events: int
    seconds: float
    tables: list[TableCheck]
    dead_letters: list[str]

    @property
    def same(self) -> bool:
        return not self.dead_letters and all(table.same for table in self.tables)


def rebuild(
    live: ReadModels, *, names: Sequence[str] = (), check: bool = False, progress: Progress = lambda done, of: None
) -> Rebuilt:
    """Rebuild the read models of these names, or all; with `check` only compare. `progress(done, of)` counts events.

    Raises RebuildError, LookupError for an unknown name.
    """
    models = _chosen(live.models, names)
    live.prepare()
    return _rebuilt(live, models, check=check, progress=progress)


def _rebuilt(
    live: ReadModels,
    models: Sequence[ReadModel],
    *,
    check: bool,
    compare: bool = True,
    progress: Progress = lambda done, of: None,
) -> Rebuilt:
    began = time.monotonic()
    connection = live.database.connect()
    try:
        with connection.cursor() as cursor:
            _alone(cursor)
            events = build(live, models, connection, progress)
            seconds = time.monotonic() - began
            shadow = ReadModels(live.database, live.feed.body_of, models=models, schema=tables.SHADOW)
            live.catch_up()
            shadow.catch_up()
            at, checks, dead = _compared(live, models) if compare else (events, [], [])
            if not check:
                _swap(live, shadow)
            tables.clear(cursor, tables.SHADOW)
    finally:
        connection.close()
    return Rebuilt(at, events, seconds, checks, dead)


def build_from_nothing(live: ReadModels) -> Rebuilt:
    """All read models of a log that was just restored: whatever the tables hold is neither followed first nor compared, but
    thrown away.
    """
    live.prepare()
    with live.database.transaction() as cursor:
        cursor.execute(f"UPDATE {tables.LIVE}.projection_position SET version = %s", (OF_NO_VERSION,))
    return _rebuilt(live, live.models, check=False, compare=False)


def _chosen(models: Sequence[ReadModel], names: Sequence[str]) -> list[ReadModel]:
    known = {model.name: model for model in models}
    for name in names:
        if name not in known:
            raise LookupError(f"no read model is called {name}; there are {', '.join(known)}")
    return [model for model in models if not names or model.name in names]


def _alone(cursor: Any) -> None:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", (REBUILD_LOCK,))
    if not cursor.fetchone()[0]:
        raise RebuildError("another rebuild is under way")


def build(live: ReadModels, models: Sequence[ReadModel], connection: Any, progress: Progress) -> int:
    """Fold the log up to its present head into the shadow schema, with indexes; returns that position."""
    with connection.cursor() as cursor:
        upto = head(cursor)
    with Loader(live.database, models) as loader, _haste():
        rows = MemoryRows([table.row for model in models for table in model.tables], loader.sink)
        try:
            moment = _fold(live.feed.stream(connection, 0, upto), rows, models, progress, upto)
        except Unreadable as error:
            raise RebuildError(str(error)) from None
        rows.finish()
        loader.finish(upto, moment)
    return upto


def _fold(
    events: Iterator[Recorded], rows: MemoryRows, models: Sequence[ReadModel], progress: Progress, upto: int
) -> str | None:
    folds = _folds(models)
    moment, position = None, 0
    for recorded in events:
        position = rows.position = recorded.position
        moment = recorded.recorded_at
        wanted = folds.get(recorded.topic, folds["*"])
        try:
            for fold in wanted:
                fold(rows, recorded)
        except Exception as error:
            raise RebuildError(
                f"position {position} ({recorded.topic}) can't be folded: {type(error).__name__}: {error}"
            ) from error
        if position % PROGRESS == 0:
            progress(position, upto)
    progress(position, upto)
    return moment


def _folds(models: Sequence[ReadModel]) -> dict[str, list[Any]]:
    """The folds of each topic, of all models; "*" for topics that only listeners to everything take."""
    topics = {topic for model in models for topic in model.folds} | {"*"}
    found = {topic: [model.folds.get(topic) or model.folds.get("*") for model in models] for topic in topics}
    return {topic: [fold for fold in folds if fold is not None] for topic, folds in found.items()}


@contextmanager
def _haste() -> Iterator[None]:
    """Folding makes millions of tuples and no cycles; each full collection would walk all of them. The thread that loads asks
    for the interpreter only between two blocks, and is given it at once, or PostgreSQL would stand idle.
    """
    was, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was:
            gc.enable()


def _compared(live: ReadModels, models: Sequence[ReadModel]) -> tuple[int, list[TableCheck], list[str]]:
    """At the largest position both have reached, in one snapshot."""
    names = tuple(model.name for model in models)
    with live.database.transaction(repeatable_read=True, read_only=True) as cursor:
        positions = []
        for schema in (tables.LIVE, tables.SHADOW):
            cursor.execute(f"SELECT min(position) FROM {schema}.projection_position WHERE name IN %s", (names,))
            positions.append(cursor.fetchone()[0])
        at = min(positions)
        stale = _stale(cursor, models)
        checks = [
            TableCheck(
                table.name,
                "of another version" if model.name in stale else digest(cursor, tables.LIVE, table, at),
                digest(cursor, tables.SHADOW, table, at),
            )
            for model in models
            for table in model.tables
        ]
        cursor.execute(
            f"""SELECT model || '@' || position FROM {tables.LIVE}.dead_letter WHERE model IN %s AND position <= %s
                ORDER BY position, model""",
            (names, at),
        )
        return at, checks, [letter for (letter,) in cursor.fetchall()]


def _stale(cursor: Any, models: Sequence[ReadModel]) -> set[str]:
    cursor.execute(f"SELECT name, version FROM {tables.LIVE}.projection_position")
    stored = dict(cursor.fetchall())
    return {model.name for model in models if stored[model.name] != model.version}


def _swap(live: ReadModels, shadow: ReadModels) -> None:
    """A reader that holds a table makes us step back at once instead of waiting, so that no reader waits for us in vain."""
    for attempt in range(100):
        try:
            _swap_once(live, shadow)
            return
        except (LockNotAvailable, DeadlockDetected):
            shadow.forget()
            time.sleep(0.05 * (attempt % 5 + 1))
    raise RebuildError("the tables are in use without a pause; try again")


def _swap_once(live: ReadModels, shadow: ReadModels) -> None:
    with live.database.transaction() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
        cursor.execute(f"SELECT 1 FROM {tables.LIVE}.projection_position ORDER BY name FOR UPDATE")
        while shadow.advance(cursor):
            pass
        for model in shadow.models:
            tables.drop(cursor, model, tables.LIVE)
            for table in model.tables:
                cursor.execute(f"ALTER TABLE {tables.SHADOW}.{table.name} SET SCHEMA {tables.LIVE}")
            cursor.execute(
                f"""UPDATE {tables.LIVE}.projection_position p
                    SET version = s.version, position = s.position, recorded_at = s.recorded_at
                    FROM {tables.SHADOW}.projection_position s WHERE s.name = p.name AND p.name = %s""",
                (model.name,),
            )
            cursor.execute(f"DELETE FROM {tables.LIVE}.dead_letter WHERE model = %s", (model.name,))
            cursor.execute(
                f"""INSERT INTO {tables.LIVE}.dead_letter
                    SELECT * FROM {tables.SHADOW}.dead_letter WHERE model = %s""",
                (model.name,),
            )
