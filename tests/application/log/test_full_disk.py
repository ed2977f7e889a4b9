"""A disk that fills up under a running instance: a sentence at once, nothing half-done, and it goes on when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from application.audit.fsck import Fsck
from application.backup.paper_key import PaperKey
from application.core.command import Command
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.registers.registers import RegisterCompany
from domain.companies.company import check_character
from domain.errors import Unavailable
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.daily_backup import written
from interface.first_start import create
from interface.restoring import _copy_trail
from interface.web.app import create_app
from tests.application.platform.test_home import fill
from tests.cities import NOON
from tests.interface.web.conftest import TOKEN

pytestmark = pytest.mark.mount
PHOTO = 40_000_000  # bytes
HOW = {"keys": "keys", "paper-key": "paper", "trail": "trail"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


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

    with pytest.raises(OperatorError, match=r"couldn't write .*No space left on device; free some space"):
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


@pytest.fixture(scope="module")
def burned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is left of a city elsewhere: backup, paper, keys and published folder."""
    place = tmp_path_factory.mktemp("burned")
    home = Home(Path(tempfile.mkdtemp(prefix="xh-burned-", dir="/tmp")) / "home")
    home.path.parent.chmod(0o755)
    create(home, origin="t.example/campaign", training=True)
    (place / "paper").write_text(PaperKey(home.keys / "backup.pub").create())
    with services(home) as running:
        running.publisher.publish()
        with running.database.transaction() as cursor:
            photo = os.urandom(PHOTO)
            cursor.execute("INSERT INTO vault.file VALUES (%s, 'image/png', %s)", (sha256(photo).hexdigest(), photo))
        written(running, place / "city.backup", NOON)
    for name in ("keys", "trail"):
        shutil.copytree(home.path / name, place / name)
    shutil.rmtree(home.path.parent)
    return place


# Room for: no cluster, half a one, a cluster but not what is in the backup.
@pytest.mark.parametrize("size", ["16k", "24m", "80m"])
def test_e3_a_restore_that_fills_the_disk_ends_in_a_sentence_and_nothing_of_it_may_serve(burned, size):
    disk = Path(tempfile.mkdtemp(prefix="xh-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", disk], check=True)
    how = [word for name, file in HOW.items() for word in (f"--{name}", burned / file)]
    try:
        done = run("restore", burned / "city.backup", "--home", disk / "new", *how)
        served, proved = (
            run(*words, "--home", disk / "new") for words in (("publish", "--once"), ("restore", "--prove"))
        )
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()

    said = done.stdout.splitlines()[-1]
    assert (done.exit_code, said.isascii(), said.startswith("couldn't")) == (1, True, True), done.output
    assert "No space left on device" in said or "disk is full" in said
    assert "free some space" in said
    assert size != "80m" or said.endswith("then move the folder away, restore into a new one")
    assert [one.exit_code for one in (served, proved)] == [1, 1]
    assert all("couldn't open" in one.stdout or "couldn't prove" in one.stdout for one in (served, proved)), (
        proved.output
    )


def test_e3_a_published_folder_that_does_not_fit_is_a_sentence(tmp_path):
    """Copying goes on behind a file that failed, and tells of all of them at last."""
    trail = tmp_path / "trail"
    trail.mkdir()
    for name in "ab":
        (trail / name).write_bytes(bytes(1 << 20))
    disk = Path(tempfile.mkdtemp(prefix="xh-disk-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    try:
        with pytest.raises(
            OperatorError, match=r"couldn't write .*/trail/[ab]: .*No space left on device.*; free some space"
        ):
            _copy_trail(trail, Home(disk / "new"))
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()
