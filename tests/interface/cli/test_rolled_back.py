"""An older database under a newer home, through the commands that people run (faults.md E2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from application.platform.database import Database
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.registers.registers import RegisterCompany
from domain.companies.company import check_character
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.first_start import create
from tests import servers
from tests.application.publication.test_rollback import put_back, snapshot


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of one's own, named in the environment."""
    dsn = servers.fresh()
    monkeypatch.setenv("DATABASE_URL", dsn)
    database = Database(dsn, role=None, size=2)
    yield database
    database.close()
    servers.drop(dsn)


@pytest.fixture
def home(owner: Database, tmp_path: Path) -> Home:
    """Published, and its database put back to a moment before something was recorded and published."""
    home = Home(tmp_path / "home")
    made = create(home, origin="r.example/campaign", training=True)
    actor = Actor(made.administrator, "administrator", "320581", frozenset({made.administrator}))
    with services(home) as running:
        running.publisher.publish()
    before = snapshot(owner)
    stem = "91320581MA3X00001"
    with services(home) as running:
        running.ledger.handle(
            RegisterCompany(id=uuid4(), actor=actor, code=stem + check_character(stem), name="演练物业")
        )
        running.publisher.publish()
        running.projections.catch_up()
    put_back(owner, before)
    return home


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home.path)])


def test_e2_an_older_database_is_examined_and_restored_but_neither_served_nor_written_to(home, owner):
    before = snapshot(owner)

    with pytest.raises(OperatorError, match="`xiaohao restore`"), services(home):
        pass
    published, fsck, doctor = run(home, "publish", "--once"), run(home, "fsck"), run(home, "doctor", "--json")
    overseen = run(home, "oversight", "--check")
    unchanged = snapshot(owner) == before

    assert (published.exit_code, "older copy" in published.output) == (1, True)
    assert (fsck.exit_code, "warning: couldn't open" in fsck.output) == (1, True)
    log = [one for one in json.loads(doctor.output)["findings"] if one["name"] == "log"]
    assert ("older copy" in log[0]["found"], log[0]["state"]) == (True, "missing")
    assert (overseen.exit_code, "warning: couldn't open" in overseen.output) == (1, True)
    assert unchanged

    restored = run(home, "restore")

    assert (restored.exit_code, "put back 1 of" in restored.output) == (0, True), restored.output
    assert run(home, "publish", "--once").exit_code == 0
    assert run(home, "fsck").output.splitlines()[-1].startswith("clean")


def test_e2_an_empty_database_is_not_taken_for_this_instances(home, monkeypatch):
    dsn = servers.fresh()
    monkeypatch.setenv("DATABASE_URL", dsn)
    try:
        refused = run(home, "publish", "--once")
        with pytest.raises(OperatorError, match="its database is empty"), services(home, serving=True):
            pass
    finally:
        servers.drop(dsn)

    assert (refused.exit_code, "its database is empty" in refused.output) == (1, True)


def test_e2_a_database_without_tables_is_left_without_tables(home, monkeypatch):
    name = f"bare_{uuid4().hex}"
    servers.administer(18, f"CREATE DATABASE {name}")
    dsn = f"{servers.server(18)} dbname={name}"
    monkeypatch.setenv("DATABASE_URL", dsn)

    refused = run(home, "publish", "--once")
    bare = Database(dsn, role=None, size=1)
    with bare.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname IN ('log', 'vault', 'web')")
        (made,) = cursor.fetchone()
    bare.close()
    servers.drop(dsn)

    assert (refused.exit_code, made) == (1, 0)


def test_e2_a_guard_that_refuses_lets_nothing_be_recorded_while_it_is_examined(home, owner):
    with services(home, unproven=True) as opened:
        assert "older copy" in opened.troubles[0]
        assert opened.ledger.table.writer.guard.refuses
