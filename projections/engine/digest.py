"""Digest of a read model's table at a position: the same SQL on live and rebuilt tables gives the same SHA-256. 摘要"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from projections.engine.fold import Table


class _Hash:
    def __init__(self) -> None:
        self.hash = sha256()

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return len(data)


def digest(cursor: Any, schema: str, table: Table, at: int) -> str:
    """Hex SHA-256 of every version begun at or before `at`, ends after it left out, in COPY's text format.

    Compare two digests inside one repeatable-read transaction only: the tables move.
    """
    columns = "".join(f", {name}" for name in table.columns)
    into = _Hash()
    cursor.copy_expert(
        f"""COPY (SELECT key, since, CASE WHEN until > {at:d} THEN NULL ELSE until END{columns}
            FROM {schema}.{table.name} WHERE since <= {at:d} ORDER BY key COLLATE "C", since) TO STDOUT""",
        into,
        size=1 << 16,
    )
    return into.hash.hexdigest()
