"""The command line asks for a code too of whoever enrolled a second factor; where the instance demands one, of everybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner

from application.campaign.genesis import CITY
from application.officials.officials import SetPassword
from application.officials.second_factors import EnrolSecondFactor
from application.platform.home import Home
from application.vault import totp
from application.vault.passwords import Cost, Password
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.first_start import create
from tests.cities import at_work

WORD, SECRET = "founding a city", b"12345678901234567890"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """An instance in production, whose administrator has a telephone."""
    home = Home(tmp_path_factory.mktemp("instance") / "home")
    given, own = create(home, origin="s.example/campaign", training=False).password, Password(WORD, Cost(1, 1, 8))
    with services(home) as made:
        official = str(made.vault.people.credential("admin").official)
        admin = Actor(official, "administrator", CITY)
        first = at_work(made.ledger, admin, Password(given))
        made.ledger.handle(SetPassword(id=uuid4(), actor=first, password=own, old=Password(given)))
        enrol = {"secret": SECRET, "code": code(-30), "recovery": ("AAAA-BBBB",)}
        made.ledger.handle(EnrolSecondFactor(id=uuid4(), actor=at_work(made.ledger, admin, own), **enrol))
    return home


def code(seconds: int = 0) -> str:
    return totp.code(SECRET, totp.step_at(datetime.now(UTC) + timedelta(seconds=seconds)))


def adopt(home: Home, *typed: str) -> str:
    """There is nothing to adopt, and the log says so to whoever may ask."""
    words = "".join(f"{word}\n" for word in typed)
    result = CliRunner().invoke(main, ["--home", str(home.path), "rules", "adopt", "--as", "admin"], input=words)
    assert result.exit_code == 1
    return result.output


@pytest.mark.parametrize("typed", ["000000", "", code(-90)])
def test_without_a_code_nothing_is_signed(home, typed):
    assert "brings none that is newer" not in adopt(home, WORD, typed)


def test_a_code_is_taken_once(home):
    typed = code()

    first, second = adopt(home, WORD, typed), adopt(home, WORD, typed)

    assert "brings none that is newer" in first
    assert "the one-time code is wrong or was given before" in second


def test_a_recovery_code_does_in_its_place(home):
    assert "brings none that is newer" in adopt(home, WORD, "aaaa bbbb")


def forget(home):
    with services(home) as made, made.database.cursor() as cursor:
        cursor.execute("DELETE FROM sign_in.attempt")


@pytest.fixture
def forgotten(home):
    """Nobody has tried anything lately, neither before nor after."""
    forget(home)
    yield
    forget(home)


@pytest.mark.parametrize("typed", [(WORD, "000000"), ("wrong",)], ids=["codes", "passwords"])
def test_wrong_tries_make_the_next_one_wait(home, forgotten, typed):
    said = [adopt(home, *typed) for _ in range(3)]
    with services(home) as made, made.database.cursor() as cursor:
        cursor.execute(
            "UPDATE sign_in.attempt SET last_at = now() + interval '5 minutes'"
        )  # however slow this machine is

    assert not any("too many wrong tries" in one for one in said)
    assert "too many wrong tries; wait" in adopt(home, *typed)


# xiaohao second-factor


def demand(home, *arguments):
    result = CliRunner().invoke(main, ["--home", str(home.path), "--json", "second-factor", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_is_demanded_by_a_command_and_no_longer(home):
    before = json.loads(home.instance.read_text())

    on, asked = demand(home, "--required"), demand(home)
    kept = json.loads(home.instance.read_text())
    off = demand(home, "--optional")

    assert (on["required"], asked["required"], off["required"]) == (True, True, False)
    assert (on["without"], on["accounts"]) == ([], 1)
    assert (kept, json.loads(home.instance.read_text())) == (before | {"second_factor": "required"}, before)


def test_it_says_who_has_none(tmp_path):
    home = Home(tmp_path / "home")
    create(home, origin="n.example/campaign", training=True)

    assert demand(home)["without"] == ["admin"]


def test_where_the_instance_demands_it_whoever_has_none_does_nothing(tmp_path):
    home = Home(tmp_path / "home")
    given = create(home, origin="d.example/campaign", training=False).password
    with services(home) as made:
        admin = Actor(str(made.vault.people.credential("admin").official), "administrator", CITY)
        first = at_work(made.ledger, admin, Password(given))
        own = Password(WORD, Cost(1, 1, 8))
        made.ledger.handle(SetPassword(id=uuid4(), actor=first, password=own, old=Password(given)))
    home.describe(**json.loads(home.instance.read_text()) | {"second_factor": "required"})

    assert "this instance demands a second factor" in adopt(home, WORD)
