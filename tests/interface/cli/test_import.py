"""`xiaohao import`: from a file to tips, and back again."""

import json
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from application.genesis import CITY
from application.officials import EnrolOfficial, GrantRole
from application.store.home import Home
from application.vault.people import Person
from interface.bootstrap import services
from interface.cli.acting import acting
from interface.cli.main import main
from interface.init import create

HERE = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """A training instance with one official of the city's desk: `desk`."""
    home = Home(tmp_path_factory.mktemp("instance") / "home")
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        admin = acting(made, "admin", "official.enrolled")
        person = Person("测试经办", "", "D-1")
        made.ledger.handle(EnrolOfficial(id=uuid4(), actor=admin, person=person, login="desk", password="!"))
        official = made.vault.people.credential("desk").official
        made.ledger.handle(GrantRole(id=uuid4(), actor=admin, official=official, role="city_desk", unit=CITY))
    return home


@pytest.fixture
def file(tmp_path) -> Path:
    return Path(shutil.copy(HERE / "orders.csv", tmp_path / "orders.csv"))


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), "import", *map(str, arguments)])


def test_a_batch_is_imported_listed_and_withdrawn(home, file):
    tips = ("tips", file, "--map", HERE / "orders.toml", "--as", "desk")
    why = ("--reason", "导入了错误的文件", "--as", "desk")

    batch = json.loads(run(home, *tips, "--json").stdout)["batch"]
    listed = run(home, "batches")
    looked = run(home, "withdraw", batch, *why, "--dry-run")
    done = run(home, "withdraw", batch, *why)
    twice = run(home, "withdraw", batch, *why)

    assert f"{batch}" in listed.stdout
    assert "would withdraw 3 of 3 tips; 0 were withdrawn already, 0 are being worked on and stay" in looked.stdout
    assert "where they stay and count as imported: 1" in done.stdout
    assert (done.exit_code, "withdrew 3 of 3 tips; 0 were" in done.stdout) == (0, True)
    assert (twice.exit_code, "withdrew 0 of 3 tips; 3 were" in twice.stdout) == (0, True)
    assert "withdrawn 2" in run(home, "batches").stdout


@pytest.mark.parametrize("batch", ["x", str(uuid4())])
def test_a_batch_that_is_not_there_is_said_to_be_unknown(home, batch):
    refused = run(home, "withdraw", batch, "--reason", "误", "--as", "desk")

    assert refused.exit_code == 1
    assert refused.stdout.startswith(f"couldn't withdraw {batch}: there is no such batch")
