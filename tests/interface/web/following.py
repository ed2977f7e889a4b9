"""Read models for pages: folded anew from the whole log whenever a page waits for them."""

from __future__ import annotations

from typing import Any

from application.ledger import Ledger
from projections.engine import MemoryRows, ReadModel, Table
from projections.models import MODELS


class Following:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def wait_for(self, position: int) -> None:
        with self.ledger.vault.database.transaction() as cursor:
            for model in MODELS:
                self._fold(cursor, model)

    def _fold(self, cursor: Any, model: ReadModel) -> None:
        tables = {table.row: table for table in model.tables}
        kept: list[tuple[type[tuple], tuple]] = []
        rows = MemoryRows(tables, lambda kind, row: kept.append((kind, row)))
        for recorded in self.ledger.read(after=0, limit=100_000):
            model.project(rows, recorded)
            rows.settle(recorded.position)
        rows.finish()
        for table in tables.values():
            _make(cursor, table)
        for kind, row in kept:
            cursor.execute(f"INSERT INTO read.{tables[kind].name} VALUES %s", (row,))


def _make(cursor: Any, table: Table) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in table.columns.items())
    cursor.execute(f"DROP TABLE IF EXISTS read.{table.name}")
    cursor.execute(f"CREATE TABLE read.{table.name} (key text, since bigint, until bigint, {columns})")
