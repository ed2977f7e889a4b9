import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from application.platform.home import Home
from interface.bootstrap import as_owner, services
from interface.cli.main import main
from interface.first_start import create


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=True)
    return home


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), "rebuild", *arguments])


def test_a_table_changed_by_hand_fails_the_check_and_is_mended(home):
    with services(home) as made, made.database.cursor() as cursor:
        made.projections.catch_up()
        cursor.execute("UPDATE read.unit SET name = '改' WHERE key = '320581003'")

    checked, rebuilt, again = run(home, "--check", "--json"), run(home), run(home, "--check", "--json")

    assert (checked.exit_code, json.loads(checked.stdout)["differing"]) == (1, ["unit"])
    assert (rebuilt.exit_code, "were replaced" in rebuilt.stdout) == (0, True)
    assert (again.exit_code, json.loads(again.stdout)["differing"]) == (0, [])
    assert "no read model is called x; there are" in run(home, "x").stdout


def test_fsck_names_a_read_model_that_was_changed_by_hand(home):
    with services(home) as made, made.database.cursor() as cursor:
        made.projections.catch_up()
        cursor.execute("UPDATE read.unit SET name = '改' WHERE key = '320581003'")

    found = CliRunner().invoke(main, ["--home", str(home.path), "fsck", "--json"])

    assert (found.exit_code, json.loads(found.stdout)["faults"]) == (
        1,
        ["the read model unit is not what the log says"],
    )


def test_a_row_that_is_no_entry_any_more_is_named_by_both(home):
    with services(home) as made, as_owner(made) as read_models, read_models.database.cursor() as cursor:
        cursor.execute("ALTER TABLE log.event DISABLE TRIGGER append_only")
        cursor.execute("UPDATE log.event SET entry = overlay(entry PLACING 'X'::bytea FROM 200) WHERE position = 5")

    found = CliRunner().invoke(main, ["--home", str(home.path), "fsck"])
    rebuilt = run(home)

    assert (found.exit_code, rebuilt.exit_code) == (1, 1)
    assert "position 5: " in found.stdout
    assert "the entry at position 5 can't be read: it was altered" in found.stdout
    assert "couldn't rebuild: the entry at position 5 can't be read: it was altered" in rebuilt.stdout
