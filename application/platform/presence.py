"""Whether a database holds a log, asked before anything is made or brought up to date there."""

from __future__ import annotations

import psycopg2

from application.platform.failures import OperatorError

HERE = """SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'log' AND c.relname = 'head')"""


def log_size(dsn: str) -> int:
    """How many entries its log has; 0 where there is none, also before any table was made. Raises OperatorError."""
    try:
        connection = psycopg2.connect(dsn, connect_timeout=5)
    except psycopg2.Error as error:  # a malformed one is a ProgrammingError
        raise OperatorError(f"couldn't reach the database: {' '.join(str(error).split())}") from None
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(HERE)
            if not cursor.fetchone()[0]:
                return 0
            cursor.execute("SELECT size FROM log.head")
            return cursor.fetchone()[0]
    except psycopg2.Error as error:
        raise OperatorError(f"couldn't look for a log in the database: {' '.join(str(error).split())}") from None
    finally:
        connection.close()
