"""A city works for a week and is backed up; then its machine burns. (faults.md E3)"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from application.campaign.genesis import CITY
from application.platform.home import Home
from application.problems.commands import VerifyRectification
from application.tips.commands import AcceptTip
from application.tips.shredding import ProposeShredding, ShredTip
from application.vault.passwords import Password
from domain.values import Actor
from interface.bootstrap import Services, services
from interface.cli.main import main
from interface.first_start import Instance, create
from interface.web.app import create_app
from tests import places
from tests.cities import ORIGIN, TOWN, City, at_work
from tests.interface.web.conftest import TOKEN
from tests.matters import Matters

KEPT, SHREDDED_BEFORE, SHREDDED_AFTER = "留下的话 CANARY-KEPT", "销毁的话 CANARY-BEFORE", "销毁的话 CANARY-AFTER"


@pytest.fixture
def place() -> Iterator[Path]:
    """Where PostgreSQL's user may pass through."""
    place = places.place("restore")
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def made(place) -> tuple[Home, Instance]:
    """In production: everybody has a key of their own, under a password."""
    home = Home(place / "home")
    return home, create(home, origin=ORIGIN, training=False)


def run(home: Home, *arguments: object, words: str = "") -> str:
    done = CliRunner().invoke(main, [*map(str, arguments), "--home", str(home.path)], input=words)
    assert done.exit_code == 0, done.output
    return done.output


def founded(running: Services, made: Instance) -> Matters:
    actor = Actor(made.administrator, "administrator", CITY, frozenset({made.administrator}))
    return Matters(City(running.ledger, at_work(running.ledger, actor, Password(made.password))))


def shredded(matters: Matters, tip) -> None:
    matters.on_tip(ProposeShredding, matters.city.desk, tip, ground="retention")
    matters.on_tip(ShredTip, matters.city.actor("city_decider", CITY), tip)


def held(folder: Path, words: str) -> list[Path]:
    """Files in which these words stand in the clear."""
    files = [Path(at, name) for at, _, names in os.walk(folder) for name in names]
    return [file for file in files if file.is_file() and words.encode() in file.read_bytes()]


def test_e3_a_burned_city_is_restored_from_backup_paper_and_published_folder(made, place):
    home, instance = made
    paper = run(home, "backup-key").split("restore`: ")[1].split("\n")[0]
    log_words = [line.split(": ")[1] for line in run(home, "keys", "paper").splitlines() if line.startswith("log.")]
    with services(home) as running:
        matters = founded(running, instance)
        kept, gone, going = (matters.tip(text=text) for text in (KEPT, SHREDDED_BEFORE, SHREDDED_AFTER))
        problem = matters.reported_problem()
        matters.closed_problem()
        shredded(matters, gone)
        run(home, "publish", "--once")

        run(home, "backup", "-o", place / "city.backup")
        matters.on_tip(AcceptTip, matters.city.desk, kept)
        shredded(matters, going)
        last = running.ledger.table.max_notification_id()
        run(home, "publish", "--once")
    shutil.copytree(home.trail, place / "mirror")
    shutil.rmtree(home.path)

    words = "\n".join([paper, instance.master_key, *log_words]) + "\n"
    said = run(home, "restore", place / "city.backup", "--trail", place / "mirror", words=words)

    assert "3 newer ones from the published folder; proved\n" in said
    assert f"clean: {last} entries, {last} published, 3 tips (2 shredded)" in run(home, "fsck")
    with services(home) as running:
        assert [event.topic for event in running.ledger.read(after=last - 3, limit=9)] == [
            "tip.accepted",
            "tip.shredding_proposed",
            "tip.shredded",
        ]
        vault = running.vault.tips
        assert (vault.words(kept).text, vault.holds(gone), vault.holds(going)) == (KEPT, False, False)
        signed_in(running, matters.city)
        verifier = at_work(running.ledger, matters.city.actor("town_verifier"))  # the key from before, by its password
        again = Matters(City(running.ledger, matters.city.administrator))
        again.on_problem(VerifyRectification, verifier, problem, method="on_site", note="照明正常")
    assert "clean" in run(home, "fsck")
    assert [held(place, words) for words in (KEPT, SHREDDED_BEFORE, SHREDDED_AFTER)] == [[], [], []]


def signed_in(running: Services, city: City) -> None:
    """With the password from before, which opens the key from before."""
    page = create_app(running).test_client()
    token = TOKEN.search(page.get("/sign-in").text)
    form = {"csrf_token": token[1], "login": f"town_handler-{TOWN}-1", "secret": "correct horse battery"}
    assert page.post("/sign-in", data=form).status_code == 303
    assert page.get("/desk").status_code == 200
