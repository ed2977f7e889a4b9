"""A disk that fills up under a running instance: a sentence at once, nothing half-done, and it goes on when there is room."""

from __future__ import annotations

from uuid import uuid4

import pytest
from click.testing import CliRunner

from application.backup.paper_key import PaperKey
from application.command import Command
from application.failures import CouldNot
from application.registers import RegisterCompany
from application.store.home import Home
from application.trail.fsck import Fsck
from domain.companies.company import check_character
from domain.errors import Unavailable
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.init import create
from interface.keeping_backups import written
from interface.web.app import create_app
from tests.application.store.test_home import fill
from tests.cities import NOON
from tests.interface.web.conftest import TOKEN

pytestmark = pytest.mark.mount


@pytest.fixture
def instance(tiny_home: Home):
    made = create(tiny_home, origin="t.example/campaign", training=True)
    with services(tiny_home) as running:
        yield running, Actor(made.administrator, "administrator", "320581", frozenset({made.administrator}))


def company(actor: Actor, number: int) -> Command:
    stem = f"91320581MA1X{number:05}"
    return RegisterCompany(id=uuid4(), actor=actor, code=stem + check_character(stem), name="演练物业" * 15)


def until_refused(running, actor: Actor) -> int:
    for number in range(1, 5_000):
        try:
            running.ledger.handle(company(actor, number))
        except Unavailable:
            return number
    raise AssertionError("the disk never was full")


def test_the_log_says_so_and_goes_on_when_there_is_room(instance):
    running, actor = instance
    app = create_app(running)
    app.extensions["health"].seconds = 0
    page = app.test_client()
    token = TOKEN.search(page.get("/sign-in").text)
    ballast = fill(running.home.path)
    running.ledger.table.writer.patience = 600

    number = until_refused(running, actor)
    with pytest.raises(Unavailable, match="磁盘已满"):
        running.ledger.handle(company(actor, number))
    refused = page.post("/sign-in", data={"csrf_token": token[1], "login": "nobody", "secret": "wrong"})
    down = page.get("/healthz")
    ballast.unlink()

    assert (refused.status_code, "磁盘已满" in refused.text) == (503, True)
    assert (down.status_code, down.json) == (503, {"ok": False})
    running.ledger.handle(company(actor, number))
    assert page.get("/healthz").json == {"ok": True}
    assert Fsck(running.home, running.ledger).run().faults == []


def test_e3_a_backup_that_fills_the_disk_ends_in_a_sentence_and_leaves_nothing(instance):
    running, _ = instance
    PaperKey(running.home.keys / "backup.pub").create()
    target = running.home.path / "backups" / "city.backup"
    target.parent.mkdir()
    ballast = fill(running.home.path)

    with pytest.raises(CouldNot, match=r"couldn't write .*No space left on device; free some space"):
        written(running, target, NOON)
    left = list(target.parent.iterdir())
    ballast.unlink()

    assert (left, written(running, target, NOON).path) == ([], target)
    assert Fsck(running.home, running.ledger).run().faults == []


def test_generated_data_end_in_a_sentence(tiny_home: Home):
    create(tiny_home, origin="t.example/campaign", training=True)
    fill(tiny_home.path)

    result = CliRunner().invoke(main, ["--home", str(tiny_home.path), "demo", "load"])

    assert (result.exit_code, result.stdout.splitlines()[-1].isascii()) == (1, True), result.output
    assert result.stdout.splitlines()[-1].startswith("couldn't")
