"""One batch of events into live tables: rows read as they are needed, changes and position written in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import psycopg2
import structlog

from domain.recorded import Recorded
from projections.engine import tables
from projections.engine.fold import ReadModel, Row, Rows, Table, fact_key, without_empty

log = structlog.get_logger()
LARGEST_CACHE = 300_000  # rows

END = """UPDATE {schema}.{table} t SET until = e.until FROM unnest(%s::text[], %s::bigint[]) AS e (key, until)
    WHERE t.key = e.key AND t.until IS NULL"""


class Version(NamedTuple):
    """A row and the position that made it."""

    row: tuple
    since: int


class LiveRows(Rows):
    """The rows of one model in one schema, kept in memory as long as nobody else moves the tables.

    `position` is the one the cache was left at; whoever finds another one in the table has to `forget`.
    """

    def __init__(self, model: ReadModel, schema: str) -> None:
        self.tables: dict[type[tuple], Table] = {table.row: table for table in model.tables}
        self.now: dict[type[tuple], dict[str, Version | None]] = {kind: {} for kind in self.tables}
        self._changed: dict[tuple[type[tuple], str], tuple | None] = {}
        self._appended: list[tuple] = []
        self.model, self.schema, self.position = model, schema, -1
        self._unstored: set[tuple[type[tuple], str]] = set()
        self._ends: dict[type[tuple], dict[str, int]] = {kind: {} for kind in self.tables}
        self._lines: dict[type[tuple], list[tuple]] = {kind: [] for kind in self.tables}
        self.cursor: Any = None

    def forget(self) -> None:
        self._forget_event()
        for kind in self.tables:
            self.now[kind].clear()
            self._ends[kind].clear()
            self._lines[kind].clear()
        self._unstored.clear()
        self.position = -1

    def get(self, kind: type[Row], key: str) -> Row | None:
        if (kind, key) in self._changed:
            return self._changed[kind, key]  # type: ignore[return-value]
        held = self.now[kind].get(key) or self._missing(kind, key)
        return held.row if held is not None else None  # type: ignore[return-value]

    def put(self, key: str, row: tuple) -> None:
        self._changed[type(row), key] = without_empty(row)

    def drop(self, kind: type[tuple], key: str) -> None:
        self._changed[kind, key] = None

    def append(self, fact: tuple) -> None:
        self._appended.append(without_empty(fact))

    def settle(self, position: int) -> None:
        """All changes of the event at `position` become rows; nothing of them was seen by anybody before."""
        for (kind, key), row in self._changed.items():
            self._replace(kind, key, row, position)
        numbers: dict[type[tuple], int] = {}
        for fact in self._appended:
            number = numbers[type(fact)] = numbers.get(type(fact), -1) + 1
            self._lines[type(fact)].append((fact_key(position, number), position, None, *fact))
        self._forget_event()

    def _forget_event(self) -> None:
        """The fold failed half-way: its changes never were."""
        self._changed.clear()
        self._appended.clear()

    def project(self, batch: Iterable[Recorded]) -> None:
        """Fold a batch. What a fold can't take becomes a dead letter, and the model goes on without it."""
        for recorded in batch:
            if recorded.position <= self.position:
                continue
            try:
                self.model.project(self, recorded)
            except psycopg2.Error:
                raise
            except Exception as error:
                self._forget_event()
                dead_letter(self.cursor, self.schema, self.model.name, recorded, error)
            else:
                self.settle(recorded.position)

    def look_ahead(self, batch: Iterable[Recorded]) -> None:
        """Read what the batch will ask for, since most rows are found by their stream: one query for each table."""
        if sum(map(len, self.now.values())) > LARGEST_CACHE:
            position = self.position
            self.forget()
            self.position = position
        streams = {r.stream for r in batch if r.version > 1 and r.topic in self.model.folds}
        for kind, table in self.tables.items():
            wanted = [] if table.append_only else [key for key in streams if key not in self.now[kind]]
            if wanted:
                self.now[kind].update(dict.fromkeys(wanted))
                for key, *rest in self._select(table, "key = ANY(%s)", wanted):
                    self.now[kind][key] = Version(kind(*rest[1:]), rest[0])

    def _missing(self, kind: type[tuple], key: str) -> Version | None:
        if key in self.now[kind]:
            return None
        found = self._select(self.tables[kind], "key = %s", key)
        held = Version(kind(*found[0][2:]), found[0][1]) if found else None
        self.now[kind][key] = held
        return held

    def _select(self, table: Table, condition: str, bound: Any) -> list[tuple]:
        columns = ", ".join(("key", "since", *table.columns))
        self.cursor.execute(
            f"SELECT {columns} FROM {self.schema}.{table.name} WHERE {condition} AND until IS NULL", (bound,)
        )
        return self.cursor.fetchall()

    def _replace(self, kind: type[tuple], key: str, row: tuple | None, position: int) -> None:
        now, old = self.now[kind], self.now[kind].get(key)
        if old is not None and (kind, key) in self._unstored:
            self._lines[kind].append((key, old.since, position, *old.row))
        else:
            # Nobody may have read it, so there may be a stored row or none; only the first end is that row's.
            self._ends[kind].setdefault(key, position)
        now[key] = Version(row, position) if row is not None else None
        (self._unstored.discard if row is None else self._unstored.add)((kind, key))

    def flush(self) -> None:
        """Write what changed. Raises psycopg2.DataError if a value is none for its column."""
        for kind, key in self._unstored:
            if (held := self.now[kind][key]) is not None:
                self._lines[kind].append((key, held.since, None, *held.row))
        for kind, table in self.tables.items():
            if ends := self._ends[kind]:
                query = END.format(schema=self.schema, table=table.name)
                self.cursor.execute(query, (list(ends), list(ends.values())))
            if made := self._lines[kind]:
                tables.copy(self.cursor, self.schema, table, tables.lines(made))
            self._ends[kind], self._lines[kind] = {}, []
        self._unstored.clear()


def dead_letter(cursor: Any, schema: str, model: str, recorded: Recorded, error: Exception) -> None:
    """Only the kind of error is kept: its text could quote what the event says."""
    log.error("event left out of a read model", model=model, position=recorded.position, error=type(error).__name__)
    cursor.execute(
        f"INSERT INTO {schema}.dead_letter VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (model, recorded.position, recorded.topic, type(error).__name__),
    )
