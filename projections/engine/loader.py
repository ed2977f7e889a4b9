"""Writes the shadow schema while the folds go on: rows leave in blocks through a thread that COPYs them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from queue import Queue
from types import TracebackType
from typing import Any

from projections.engine import tables
from projections.engine.fold import ReadModel, Table

BLOCK = 4_096  # rows
WAITING = 8  # blocks


class Loader:
    """One transaction: tables, rows, indexes, positions. Nothing of it is there unless `finish` returned."""

    def __init__(self, database: Any, models: Sequence[ReadModel]) -> None:
        self.models = models
        self._blocks: dict[type[tuple], list[tuple]] = {table.row: [] for model in models for table in model.tables}
        self._tables = {table.row: table for model in models for table in model.tables}
        self._queue: Queue[tuple[Table, list[tuple]] | None] = Queue(WAITING)
        self._error: BaseException | None = None
        self._connection = database.connect()
        self._thread = threading.Thread(target=self._load, name="load read models", daemon=True)

    def __enter__(self) -> Loader:
        cursor = self._connection.cursor()
        cursor.execute("BEGIN")
        cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
        cursor.execute("SET LOCAL default_statistics_target = 25")  # ANALYZE would take longer than all indexes
        tables.clear(cursor, tables.SHADOW)
        tables.keep_books(cursor, tables.SHADOW)
        for model in self.models:
            tables.create(cursor, model, tables.SHADOW)
        self.cursor = cursor
        self._thread.start()
        return self

    def sink(self, kind: type[tuple], row: tuple) -> None:
        block = self._blocks[kind]
        block.append(row)
        if len(block) >= BLOCK:
            self._send(kind)

    def _send(self, kind: type[tuple]) -> None:
        if self._error is not None:
            raise self._error
        self._queue.put((self._tables[kind], self._blocks[kind]))
        self._blocks[kind] = []

    def _load(self) -> None:
        """Goes on taking blocks after an error, or whoever folds would wait for ever."""
        while (block := self._queue.get()) is not None:
            if self._error is None:
                try:
                    table, rows = block
                    tables.copy(self.cursor, tables.SHADOW, table, tables.lines(rows), frozen=True)
                except BaseException as error:
                    self._error = error

    def finish(self, position: int, recorded_at: str | None) -> None:
        """The rest of the rows, the indexes and the position; then all of it is there."""
        for kind in self._blocks:
            self._send(kind)
        self._stop()
        if self._error is not None:
            raise self._error
        for model in self.models:
            tables.index(self.cursor, model, tables.SHADOW)
            self.cursor.execute(
                f"INSERT INTO {tables.SHADOW}.projection_position VALUES (%s, %s, %s, %s)",
                (model.name, model.version, position, recorded_at),
            )
        self.cursor.execute("COMMIT")

    def _stop(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._connection.close()
