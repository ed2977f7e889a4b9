"""What the login of the oversight door can do to the database: look, add to the record of readings, keep its own sessions."""

from __future__ import annotations

from uuid import uuid4

import psycopg2
import pytest

from application.platform.database import OVERSIGHT, Database
from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.oversight.readonly_services import Overseen
from interface.oversight.readonly_services import overseen as overseen_by
from interface.oversight.verification_job import Examination
from tests.cities import City

OWN = {"oversight.session", "oversight.wish", "sign_in.attempt"}
RECORDED = {"sign_in.record"}  # added to and counted up, never removed
GROWING = {"vault.access", "oversight.verdict"}
SHOWN = {"log.event", "log.head"}
NO_SECRET = {"public.migration"}  # how new the database is
KINDS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


@pytest.fixture(name="tables")
def _tables(dsn: str, publish) -> dict[str, str]:
    """Every table of ours with the name of its first column."""
    query = """SELECT format('%I.%I', table_schema, table_name), min(column_name) FROM information_schema.columns
        JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1"""
    return dict(as_owner(dsn, query))


def as_owner(dsn: str, query: str, *bound: object) -> list[tuple]:
    owner = Database(dsn, role=None, size=1)
    with owner.cursor() as cursor:
        cursor.execute(query, bound or None)
        rows = cursor.fetchall()
    owner.close()
    return rows


def test_it_may_write_nothing_but_its_own(dsn: str, tables: dict[str, str]):
    assert {"log.event", "log.head", "vault.tip_blob", "web.session", "read.problem"} <= set(tables)
    query = "SELECT t, k FROM unnest(%s) t, unnest(%s) k WHERE has_table_privilege(%s, t, k)"
    rights = as_owner(dsn, query, list(tables), list(KINDS), OVERSIGHT)

    own = {(table, kind) for table in OWN for kind in ("INSERT", "UPDATE", "DELETE")}
    recorded = {(table, kind) for table in RECORDED for kind in ("INSERT", "UPDATE")}
    assert set(rights) == own | recorded | {(table, "INSERT") for table in GROWING}


def test_it_may_read_nothing_but_what_it_shows(dsn: str, tables: dict[str, str]):
    query = "SELECT t FROM unnest(%s) t WHERE has_any_column_privilege(%s, t, 'SELECT')"
    readable = {table for (table,) in as_owner(dsn, query, list(tables), OVERSIGHT)}

    assert readable - NO_SECRET == OWN | RECORDED | GROWING | SHOWN | {
        table for table in tables if table.startswith("read.")
    }


@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET {} = NULL", "DELETE FROM {}"])
def test_every_other_table_refuses(overseen: Overseen, tables: dict[str, str], statement: str):
    with overseen.database.cursor() as cursor:
        for table in sorted(tables.keys() - OWN - RECORDED - GROWING):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement.format(table, tables[table]))


@pytest.mark.parametrize(
    "secret",
    [
        "vault.person",
        "vault.credential",
        "vault.signing_key",
        "vault.tip_blob",
        "vault.letter",
        "vault.file",
        "web.session",
    ],
)
def test_it_reads_no_table_of_secrets(overseen: Overseen, secret: str):
    with overseen.database.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SELECT * FROM {secret}")


def test_a_verdict_that_was_given_stays(overseen: Overseen):
    with overseen.database.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("UPDATE oversight.verdict SET ok = true")


def test_the_functions_answer_to_nobody_else(dsn: str, overseen: Overseen):
    application = Database(dsn, size=1)
    with application.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT * FROM oversight.credential('x')")
    application.close()


def test_a_name_is_found_and_a_credential_only_by_its_account(city: City, overseen: Overseen):
    desk = city.desk
    person = city.person(desk)

    assert overseen.vault.people.names([person]) == {person: "测试city_desk1"}
    assert overseen.vault.people.credential("city_desk-320581-1") is not None
    assert overseen.vault.people.credential("nobody") is None
    assert overseen.vault.people.names([uuid4()]) == {}


def test_the_login_is_the_role_of_oversight(overseen: Overseen):
    with overseen.database.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (OVERSIGHT,)


def test_a_login_that_is_nothing_but_a_member_serves_the_door(dsn: str, home: Home, publish):
    """As a commission's own login on DATABASE_URL: nothing needs the owner."""
    name = f"looker_{uuid4().hex[:8]}"
    as_owner(dsn, f"CREATE ROLE {name} LOGIN PASSWORD 'look' IN ROLE xiaohao_oversight; SELECT")
    parts = dict(pair.split("=") for pair in dsn.split())
    login = " ".join(f"{key}={value}" for key, value in (parts | {"user": name, "password": "look"}).items())
    try:
        with overseen_by(home, login) as shown:
            assert Examination(home, shown.database).run().ok
            with shown.database.cursor() as cursor:
                cursor.execute("RESET ROLE")
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute("INSERT INTO log.command SELECT * FROM log.command")
    finally:
        as_owner(dsn, f"DROP ROLE {name}; SELECT")


def test_a_login_that_can_not_take_the_role_is_told(dsn: str, home: Home):
    name = f"stranger_{uuid4().hex[:8]}"
    as_owner(dsn, f"CREATE ROLE {name} LOGIN PASSWORD 'look'; SELECT")
    parts = dict(pair.split("=") for pair in dsn.split())
    login = " ".join(f"{key}={value}" for key, value in (parts | {"user": name, "password": "look"}).items())
    try:
        with pytest.raises(OperatorError, match="couldn't open the oversight door"), overseen_by(home, login):
            pass
    finally:
        as_owner(dsn, f"DROP ROLE {name}; SELECT")
