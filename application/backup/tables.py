"""Which tables a backup carries, and how: all that are no read model, but those that are named here. 备份表

A table that a later migration makes is carried without anybody thinking of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from psycopg2 import sql

from application.platform.failures import OperatorError

# Whoever is signed in, and tries that were counted: after a restore nobody is, and counting begins anew.
LEFT_OUT = frozenset(
    {"web.session", "web.session_key", "web.attempt", "oversight.session", "oversight.wish", "sign_in.attempt"}
)
OTHERS = ["information_schema", "public", "read", "read_next"]  # schemas whose tables are made anew
# Under an epoch's key, which no backup holds; what it wraps goes into a part of its own, sealed to the paper key alone.
EMPTIED = {("vault.tip_blob", "wrapped_key")}
TABLES = """
    SELECT n.nspname, c.relname, has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'),
        array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND n.nspname <> ALL (%(others)s) AND n.nspname !~ '^pg_'
    GROUP BY n.nspname, c.relname, n.oid, c.oid ORDER BY n.nspname, c.relname"""
COUNTED = """
    SELECT a.attname::text, pg_get_serial_sequence(%(table)s, a.attname) FROM pg_attribute a
    WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped
        AND pg_get_serial_sequence(%(table)s, a.attname) IS NOT NULL"""


class Table(NamedTuple):
    schema: str
    name: str
    readable: bool
    columns: list[str]

    @property
    def full(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


def carried(cursor: Any) -> list[Table]:
    """The tables of this database that a backup carries. Raises OperatorError where this login may not read one."""
    cursor.execute(TABLES, {"others": OTHERS})
    found = [table for table in (Table(*row) for row in cursor.fetchall()) if table.full not in LEFT_OUT]
    if closed := [table.full for table in found if not table.readable]:
        raise OperatorError(
            f"couldn't back up: this login may not read {', '.join(closed)}; name the database's owner in DATABASE_OWNER_URL"
        )
    return found


def copy_out(cursor: Any, table: Table, sink: Any) -> int:
    """All rows, in PostgreSQL's own binary format, which is the same in all its versions; how many there were."""
    columns = [
        sql.SQL("''::bytea") if (table.full, name) in EMPTIED else sql.Identifier(name) for name in table.columns
    ]
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(
        sql.SQL(", ").join(columns), table.quoted
    )
    cursor.copy_expert(query, sink)
    return cursor.rowcount


def copy_in(cursor: Any, full: str, columns: list[str], source: Any) -> int:
    """The rows put into a table that has none of its own but those that its migration made, which give way."""
    schema, _, name = full.partition(".")
    table = sql.Identifier(schema, name)
    cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table))
    if cursor.fetchone()[0]:
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, listed), source)
    count = cursor.rowcount
    cursor.execute(COUNTED, {"table": full})
    for column, sequence in cursor.fetchall():
        query = sql.SQL("SELECT setval(%s, coalesce(max({}), 0) + 1, false) FROM {}").format(
            sql.Identifier(column), table
        )
        cursor.execute(query, (sequence,))
    return count
