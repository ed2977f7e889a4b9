"""Brings the schema of everything that is not a read model up to date. 数据库升级

Numbered SQL files, each applied once and in order, all in one transaction under an advisory lock. What was applied is kept with
its SHA-256: a file that was changed afterwards would make two databases that only seem alike.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from importlib.resources import files as resources
from typing import Any

from application.platform.database import Database
from application.platform.failures import OperatorError

LOCK = 0x78696100
KEPT = """CREATE TABLE IF NOT EXISTS public.migration (name text PRIMARY KEY, at timestamptz NOT NULL);
    ALTER TABLE public.migration ADD COLUMN IF NOT EXISTS sha256 text"""


def migrate(dsn: str) -> list[str]:
    """As the owner whose DSN this is."""
    database = Database(dsn, role=None, size=1)
    try:
        return bring_up_to_date(database)
    finally:
        database.close()


def bring_up_to_date(database: Database, *, only: Collection[str] | None = None) -> list[str]:
    """Apply what is missing, or of that only the files of these names; returns the names of the files applied.

    Only where something is missing, the owner is needed. Raises OperatorError where a newer program has been there, or where a file
    is not what was applied.
    """
    with database.cursor() as cursor:
        refuse_other(cursor)
        if not _wanted(cursor, only):
            return []
    with database.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute(KEPT)
        files = _wanted(cursor, only)
        for file in files:
            cursor.execute(file.read_text("utf-8"))
            cursor.execute("INSERT INTO public.migration (name, at) VALUES (%s, now())", (file.name,))
        for file in scripts():  # those that were applied before sums were kept are taken for what they are
            cursor.execute(
                "UPDATE public.migration SET sha256 = %s WHERE name = %s AND sha256 IS NULL", (_sum(file), file.name)
            )
    return [file.name for file in files]


def _wanted(cursor: Any, only: Collection[str] | None) -> list:
    return [file for file in missing(cursor) if only is None or file.name in only]


def missing(cursor: Any) -> list:
    """The files that were never applied to this database."""
    done = applied(cursor)
    return [file for file in scripts() if file.name not in done]


def refuse_other(cursor: Any) -> None:
    """Raises OperatorError where a file was applied that this program doesn't know, or that is another one here: it would ask for
    what is not there.
    """
    done, files = applied(cursor), {file.name: file for file in scripts()}
    if newer := done.keys() - files.keys():
        raise OperatorError(
            f"couldn't use this database: a newer program has changed it ({max(newer)}); start that program, "
            "or one that is at least as new"
        )
    if changed := [name for name, known in done.items() if known is not None and known != _sum(files[name])]:
        raise OperatorError(
            f"couldn't use this database: {min(changed)} is not the file that was applied to it; this program was altered, or "
            "is another version: install the right one"
        )


def applied(cursor: Any) -> dict[str, str | None]:
    """The names of the files that were applied to this database, and the SHA-256 of each (hex; None from an older program)."""
    cursor.execute("SELECT to_regclass('public.migration') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return {}
    cursor.execute("SELECT to_jsonb(migration) FROM public.migration")
    return {row["name"]: row.get("sha256") for (row,) in cursor.fetchall()}


def _sum(file: Any) -> str:
    return sha256(file.read_bytes()).hexdigest()


def scripts() -> list:
    found = (resources("application.platform") / "migrations").iterdir()
    return sorted((file for file in found if file.name.endswith(".sql")), key=lambda file: file.name)
