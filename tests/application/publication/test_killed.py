"""A publisher's process that is killed: what it leaves verifies as it lies there, and the next one makes it good."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import pytest
from click.testing import CliRunner

from application.officials.officials import EnrolOfficial
from application.platform.home import Home
from application.vault.people import Person
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import Note, Vkey
from application.verifier.formats.tiles import WIDTH, directory
from application.verifier.verify import VerifyOptions, verify
from domain.values import Actor
from interface.bootstrap import Services, services
from interface.cli.main import main
from interface.first_start import create
from tests.cities import STARTING

# Each is the moment before a file gets its name, or a folder goes.
MOMENTS = {
    "a tile": ("os.rename", r"trail/tile/0/.*/\d+$"),
    "a full bundle": ("os.rename", r"trail/tile/entries/\d{3}$"),
    "the store's head": ("os.rename", r"publisher/head$"),
    "the kept checkpoint": ("os.rename", r"trail/checkpoints/\d+$"),
    "the checkpoint": ("os.rename", r"trail/checkpoint$"),
    "partial tiles go": ("shutil.rmtree", r"trail/tile/0/\d{3}\.p$"),
}


class Place:
    """An instance with its server running, whose log grows by four entries for each new official."""

    def __init__(self, made: Services, administrator: str) -> None:
        self.made, self.home, self.numbers = made, made.home, count(1)
        self.actor = Actor(administrator, "administrator", "320581")
        self.vkeys = [Vkey.parse(line) for line in (self.home.trail / "log.vkey").read_text().splitlines()]
        self.seen: list[bytes] = []

    def grow(self) -> None:
        name = f"KILL-{next(self.numbers)}"
        self.made.ledger.handle(
            EnrolOfficial(id=uuid4(), actor=self.actor, person=Person("测试", "", name), login=name, password=STARTING)
        )

    @property
    def size(self) -> int:
        return self.made.ledger.table.max_notification_id()

    def grow_over_a_full_tile(self) -> None:
        until = (self.size // WIDTH + 1) * WIDTH
        while self.size <= until:
            self.grow()

    def command(self, *moment: str) -> list[str]:
        module = (
            ["tests.application.publication.killed", *moment]
            if moment
            else ["tests.application.publication.killed", "", "^$"]
        )
        return [sys.executable, "-m", *module, "--home", str(self.home.path), "publish", "--once"]

    def published(self) -> Checkpoint:
        raw = (self.home.trail / "checkpoint").read_bytes()
        self.seen.append(raw)
        return Checkpoint.parse(Note.parse(raw).text)

    def faults(self) -> list[str]:
        """What anybody finds who reads the folder now, with every checkpoint that they ever saw."""
        verdict = verify(directory(self.home.trail), VerifyOptions(self.vkeys, old=self.seen))
        return [f"{each.code}: {each.sentence}" for each in (verdict.fault, *verdict.further) if each]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = Home(tmp_path_factory.mktemp("killed") / "home")
    administrator = create(home, origin="t.example/campaign", training=True).administrator
    with services(home) as made:
        place = Place(made, administrator)
        assert publish(home).exit_code == 0
        place.published()
        yield place


def publish(home: Home):
    return CliRunner().invoke(main, ["--home", str(home.path), "publish", "--once", "--json"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_right_before(place: Place, moment: str):
    place.grow_over_a_full_tile() if moment in ("a full bundle", "partial tiles go") else place.grow()

    ended = subprocess.run(place.command(*MOMENTS[moment]), capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (-SIGKILL, "", "")
    assert place.faults() == []
    place.grow()
    again = publish(place.home)
    assert (again.exit_code, json.loads(again.stdout)["size"]) == (0, place.size), again.output
    head = place.published()
    assert place.faults() == []
    assert json.loads((place.home.publisher / "head").read_text())["size"] == head.size == place.size
    assert left(place.home) == []
    assert {name.name for name in (place.home.trail / "tile/0").glob("*.p/*")} == kept_widths(place)


def left(home: Home) -> list[Path]:
    """Files that never got their name."""
    return [*home.trail.rglob("*.tmp"), *home.publisher.rglob("*.tmp")]


def kept_widths(place: Place) -> set[str]:
    """Of partial tiles: those of the published sizes in the tile that is not full yet, and no others."""
    sizes = [int(path.name) for path in (place.home.trail / "checkpoints").iterdir()]
    return {str(size % WIDTH) for size in sizes if size // WIDTH == place.size // WIDTH} - {"0"}


def test_two_processes_at_once(place: Place):
    place.grow()
    both = [subprocess.Popen(place.command(), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert place.published().size == place.size
    assert place.faults() == []
