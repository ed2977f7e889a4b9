"""Brings the schema of everything that is not a read model up to date. 数据库升级

Numbered SQL files, each applied once and in order, all in one transaction under an advisory lock.
"""

from __future__ import annotations

from importlib.resources import files

from application.store.database import Database

LOCK = 0x78696100


def migrate(dsn: str) -> list[str]:
    """Apply what is missing, as the owner; returns the names of the files applied."""
    database = Database(dsn, role=None, size=1)
    try:
        with database.transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS public.migration (name text PRIMARY KEY, at timestamptz NOT NULL)"
            )
            cursor.execute("SELECT name FROM public.migration")
            done = {name for (name,) in cursor.fetchall()}
            missing = [file for file in scripts() if file.name not in done]
            for file in missing:
                cursor.execute(file.read_text("utf-8"))
                cursor.execute("INSERT INTO public.migration VALUES (%s, now())", (file.name,))
    finally:
        database.close()
    return [file.name for file in missing]


def scripts() -> list:
    found = (files("application.store") / "migrations").iterdir()
    return sorted((file for file in found if file.name.endswith(".sql")), key=lambda file: file.name)
