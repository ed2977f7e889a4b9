"""Read models as PostgreSQL tables. Two schemas have the same shape: what people see, and the next one while it is built."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from projections.engine.fold import ReadModel, Table

LIVE, SHADOW = "read", "read_next"
CONTROL = re.compile(
    rb"\\[nrtbfu]"
)  # JSON's escapes of control characters; an escaped \ before such a letter looks alike

BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS {schema}.projection_position (
    name        text   PRIMARY KEY,
    version     bigint NOT NULL,
    position    bigint NOT NULL DEFAULT 0,
    recorded_at text
);
CREATE TABLE IF NOT EXISTS {schema}.dead_letter (
    model    text   NOT NULL,
    position bigint NOT NULL,
    topic    text   NOT NULL,
    error    text   NOT NULL,
    PRIMARY KEY (model, position)
)"""
# Whoever makes the tables owns them; the service fills them, the oversight door reads them.
GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO xiaohao_app;
GRANT SELECT ON {table} TO xiaohao_oversight"""


def keep_books(cursor: Any, schema: str) -> None:
    """How far each read model is, and what none of them could take."""
    cursor.execute(BOOKKEEPING.format(schema=schema))
    for table in ("projection_position", "dead_letter"):
        cursor.execute(GRANTS.format(table=f"{schema}.{table}"))


def create(cursor: Any, model: ReadModel, schema: str) -> None:
    """The model's tables, without indexes. Text sorts by code point, so that order and digests are the same everywhere."""
    for table in model.tables:
        columns = "".join(f", {name} {_column(kind)}" for name, kind in table.columns.items())
        name = f"{schema}.{table.name}"
        cursor.execute(
            f'CREATE TABLE {name} (key text COLLATE "C" NOT NULL, since bigint NOT NULL, until bigint{columns})'
        )
        cursor.execute(GRANTS.format(table=name))


def _column(kind: str) -> str:
    return 'text COLLATE "C"' if kind == "text" else kind


def index(cursor: Any, model: ReadModel, schema: str) -> None:
    for table in model.tables:
        name = f"{schema}.{table.name}"
        if table.append_only:
            cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (since, key)")
        else:
            cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (key, since)")
            cursor.execute(f"CREATE UNIQUE INDEX ON {name} (key) WHERE until IS NULL")
        for columns in table.indexes:
            cursor.execute(
                f"CREATE INDEX ON {name} ({columns})" + ("" if table.append_only else " WHERE until IS NULL")
            )
        cursor.execute(f"ANALYZE {name}")


def drop(cursor: Any, model: ReadModel, schema: str) -> None:
    for table in model.tables:
        cursor.execute(f"DROP TABLE IF EXISTS {schema}.{table.name}")


def clear(cursor: Any, schema: str) -> None:
    """Drop whatever stands in a schema: what an earlier rebuild left, also by an older program."""
    cursor.execute("SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = %s", (schema,))
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP TABLE {name}")


def names(table: Table) -> str:
    return ", ".join(("key", "since", "until", *table.columns))


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows (key, since, until, *columns) as COPY's CSV. A JSON list is such a line, but for its brackets and for control
    characters, which CSV wants as they are.
    """
    dumps, control = orjson.dumps, CONTROL.search
    made = []
    for row in rows:
        line = dumps(row)[1:-1]
        made.append(_line(row) if control(line) else line)
    return b"\n".join([*made, b""])


def _line(row: Sequence[Any]) -> bytes:
    return ",".join([_quoted(value) if type(value) is str else orjson.dumps(value).decode() for value in row]).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def copy(cursor: Any, schema: str, table: Table, data: bytes, *, frozen: bool = False) -> None:
    """`frozen` only into a table made in the same transaction."""
    options = r"FORMAT csv, ESCAPE '\', NULL 'null'" + (", FREEZE" if frozen else "")
    cursor.copy_expert(
        f"COPY {schema}.{table.name} ({names(table)}) FROM STDIN ({options})", io.BytesIO(data), size=1 << 23
    )
