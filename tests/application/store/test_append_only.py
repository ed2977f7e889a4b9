"""The log only grows: for the application by grant, for everybody by trigger."""

from __future__ import annotations

import psycopg2
import pytest

from application.store.database import OVERSIGHT, Database

CHANGES = [
    "UPDATE log.event SET topic = 'x'",
    "DELETE FROM log.event",
    "TRUNCATE log.event CASCADE",
    "UPDATE log.command SET actor = 'x'",
    "DELETE FROM log.command",
    "UPDATE vault.access SET why = 'x'",
    "DELETE FROM vault.file",
]


def tried(dsn, role, statement):
    database = Database(dsn, role=role, size=1)
    try:
        with database.cursor() as cursor:
            cursor.execute(statement)
    finally:
        database.close()


@pytest.mark.parametrize("statement", CHANGES)
def test_not_even_the_owner_changes_a_row(dsn, statement):
    with pytest.raises(psycopg2.errors.RaiseException, match="append-only"):
        tried(dsn, None, statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_has_no_right_to(dsn, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        tried(dsn, "xiaohao_app", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO log.event VALUES (1, gen_random_uuid(), 1, 'x', gen_random_uuid(), '', '')",
        "UPDATE log.head SET size = 9",
        "SELECT sealed FROM vault.tip_blob",
        "SELECT * FROM vault.person",
        "SELECT * FROM web.session",
    ],
)
def test_oversight_reads_the_log_and_nothing_else(dsn, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        tried(dsn, OVERSIGHT, statement)


def test_oversight_reads_the_log(dsn):
    tried(dsn, OVERSIGHT, "SELECT * FROM log.event, log.head")
