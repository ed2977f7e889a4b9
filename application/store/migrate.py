"""Brings the schema of everything that is not a read model up to date. 数据库升级

Numbered SQL files, each applied once and in order, all in one transaction under an advisory lock.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.resources import files as resources
from typing import Any

from application.failures import CouldNot
from application.store.database import Database

LOCK = 0x78696100


def migrate(dsn: str) -> list[str]:
    """As the owner whose DSN this is."""
    database = Database(dsn, role=None, size=1)
    try:
        return bring_up_to_date(database)
    finally:
        database.close()


def bring_up_to_date(database: Database, *, only: Collection[str] | None = None) -> list[str]:
    """Apply what is missing, or of that only the files of these names; returns the names of the files applied.

    Only where something is missing, the owner is needed. Raises CouldNot where a newer program has been there.
    """
    with database.cursor() as cursor:
        refuse_newer(cursor)
        if not _wanted(cursor, only):
            return []
    with database.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute("CREATE TABLE IF NOT EXISTS public.migration (name text PRIMARY KEY, at timestamptz NOT NULL)")
        files = _wanted(cursor, only)
        for file in files:
            cursor.execute(file.read_text("utf-8"))
            cursor.execute("INSERT INTO public.migration VALUES (%s, now())", (file.name,))
    return [file.name for file in files]


def _wanted(cursor: Any, only: Collection[str] | None) -> list:
    return [file for file in missing(cursor) if only is None or file.name in only]


def missing(cursor: Any) -> list:
    """The files that were never applied to this database."""
    done = applied(cursor)
    return [file for file in scripts() if file.name not in done]


def refuse_newer(cursor: Any) -> None:
    """Raises CouldNot where a file was applied that this program doesn't know: it would ask for what is there no more."""
    if newer := applied(cursor) - {file.name for file in scripts()}:
        raise CouldNot(
            f"couldn't use this database: a newer program has changed it ({max(newer)}); start that program, "
            "or one that is at least as new"
        )


def applied(cursor: Any) -> set[str]:
    """The names of the files that were applied to this database."""
    cursor.execute("SELECT to_regclass('public.migration') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return set()
    cursor.execute("SELECT name FROM public.migration")
    return {name for (name,) in cursor.fetchall()}


def scripts() -> list:
    found = (resources("application.store") / "migrations").iterdir()
    return sorted((file for file in found if file.name.endswith(".sql")), key=lambda file: file.name)
