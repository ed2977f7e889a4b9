"""`xiaohao clock` on a real instance: what is known of it, and who may say that it is right."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from application.campaign.genesis import CITY
from application.platform.home import Home
from interface.bootstrap import services
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests.cities import City


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        city = City(made.ledger, acting(made, "admin", "official.enrolled"))
        for role in ("key_admin", "city_desk"):
            city.actor(role, CITY)
    return home


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), "clock", *arguments])


def test_e9_a_key_administrator_says_that_the_clock_is_right_and_it_is_kept_who(home):
    done = run(home, "confirm", "--as", f"key_admin-{CITY}-1")

    assert done.exit_code == 0, done.stdout
    assert f"key_admin-{CITY}-1 says that it is 20" in done.stdout
    told = json.loads(run(home, "show", "--json").stdout)
    assert (told["ok"], told["wrong"], told["set_seconds"]) == (True, None, 0)
    assert [one["account"] for one in told["confirmed"]] == [f"key_admin-{CITY}-1"]


def test_e9_nobody_else_says_so(home):
    refused = run(home, "confirm", "--as", f"city_desk-{CITY}-1")

    assert refused.exit_code == 1
    assert "no role of this account may do that" in refused.stdout
    assert json.loads(run(home, "show", "--json").stdout)["confirmed"] == []


def test_e9_a_log_that_is_ahead_is_told_since_when_and_nobody_confirms_it_away(home):
    with services(home) as made, made.database.cursor() as cursor:
        cursor.execute("UPDATE log.head SET recorded_at = now() + interval '3 days 1 minute'")

    shown, refused = run(home, "show"), run(home, "confirm", "--as", f"key_admin-{CITY}-1")

    assert shown.exit_code == refused.exit_code == 1
    assert "3 days ahead of the server's clock" in shown.stdout
    assert "which has not come" in refused.stdout
