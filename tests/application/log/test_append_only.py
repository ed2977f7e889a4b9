"""The log only grows: for the application by grant, for everybody by trigger."""

from __future__ import annotations

import psycopg2
import pytest

from application.platform.database import APPLICATION, OVERSIGHT, Database
from application.platform.logins import login
from tests import servers

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
            return cursor.rowcount
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
    assert tried(dsn, OVERSIGHT, "SELECT * FROM log.head LEFT JOIN log.event ON true") == 1


STEPS_OUT = [
    "SELECT 1",
    "SET ROLE NONE",
    "RESET ROLE",
    "SET SESSION AUTHORIZATION DEFAULT",
]
LADDERS = [
    "SET ROLE xiaohao",
    "SET SESSION AUTHORIZATION xiaohao",
    "SET session_replication_role = replica",
    "GRANT xiaohao TO CURRENT_USER",
    "ALTER ROLE xiaohao PASSWORD 'guess'",
    "CREATE ROLE friend SUPERUSER",
    "COPY log.event TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
]
WEAPONS = [
    *CHANGES,
    "ALTER TABLE log.event DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON log.event",
    "CREATE TRIGGER mine BEFORE INSERT ON log.event EXECUTE FUNCTION log.refuse()",
    "CREATE RULE mine AS ON INSERT TO log.event DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION log.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP TABLE log.event",
    "ALTER TABLE log.event OWNER TO CURRENT_USER",
    "DROP SCHEMA log CASCADE",
    "DROP DATABASE {database}",
    "CREATE SCHEMA mine",
    "CREATE TABLE read.mine (x int)",
    "CREATE FUNCTION read.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE VIEW public.mine AS SELECT 1",
    "DROP TABLE read.problem",
    "CREATE TABLE read_next.mine (x int)",
    "DELETE FROM public.migration",
]


@pytest.fixture(name="service", params=servers.VERSIONS, scope="module")
def _service(request):
    """A database of each version, as those logins have it that the service and the oversight door are given."""
    dsn = servers.fresh(request.param)
    yield lambda role: psycopg2.connect(login(dsn, role))
    servers.drop(dsn, request.param)


@pytest.mark.parametrize("role", [APPLICATION, OVERSIGHT])
@pytest.mark.parametrize("step", STEPS_OUT)
def test_no_statement_leads_to_a_login_that_may_change_the_log(service, role, step):
    connection = service(role)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(step)
        for weapon in WEAPONS:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(weapon.format(database=connection.info.dbname))
        cursor.execute("GRANT UPDATE, DELETE ON log.event TO CURRENT_USER")  # a warning, no error
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("UPDATE log.event SET topic = 'x'")
    connection.close()


@pytest.mark.parametrize("role", [APPLICATION, OVERSIGHT])
@pytest.mark.parametrize("ladder", LADDERS)
def test_no_statement_makes_it_anybody_else(service, role, ladder):
    connection = service(role)
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(ladder)
    connection.close()
