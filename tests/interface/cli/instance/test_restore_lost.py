"""A home whose database is gone: what was published comes back into a new one, and it is said what only a backup would have."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner, Result

from application.platform.embedded.server import running
from application.platform.home import Home
from interface.cli.main import main
from tests.homes import cluster_of, copied


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), *arguments])


def files(folder: Path) -> dict[str, bytes]:
    """Everything but what is written anew by every publication, and who runs."""
    kept = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept if "run" not in path.parts}


@pytest.fixture
def lost(worked: Home, tmp_path: Path) -> Home:
    """A copy of a home with work in it, with a cluster's place and nothing there."""
    home = copied(worked, tmp_path)
    (home.path / "cluster.path").unlink()
    yield home
    if (home.path / "cluster.path").exists():  # no folder that the database's user may reach
        shutil.rmtree(cluster_of(home).parent)


def test_e2_a_lost_cluster_is_made_again_from_the_published_folder(lost):
    """People, texts and files were in no published folder: they are named one by one, and nothing is served without them."""
    before = files(lost.path)
    refused = run(lost, "fsck")
    size = int((lost.trail / "checkpoint").read_text().splitlines()[1])

    done = run(lost, "restore", "--json")
    said = json.loads(done.stdout.splitlines()[-1])

    assert (refused.exit_code, "its database is missing" in refused.stdout) == (1, True), refused.output
    assert (done.exit_code, len(said["inserted"]), said["published"], said["lost"]) == (1, size, size, [])
    assert said["faults"]
    assert all("vault" in fault or "promise" in fault for fault in said["faults"]), said["faults"]
    assert {name: content for name, content in files(lost.path).items() if name in before} == before
    with running(lost) as dsn, closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, (SELECT count(*) FROM log.event), (SELECT min(position) FROM read.projection_position) FROM log.head"
        )
        assert cursor.fetchone() == (size, size, size)


def test_e2_what_is_restored_without_its_people_is_not_served(lost):
    run(lost, "restore")

    told = run(lost, "publish", "--once")

    assert (told.exit_code, "the database has no key of the service" in told.stdout) == (1, True), told.output
    assert "bring back one from a backup" in told.stdout


def test_e2_a_damaged_folder_puts_nothing_into_a_new_cluster(lost):
    bundle = next(path for path in (lost.trail / "tile" / "entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes()[:-1])

    done = run(lost, "restore")

    assert (done.exit_code, "the published folder" in done.stdout and "is itself no good" in done.stdout) == (1, True)
    with running(lost) as dsn, closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT size FROM log.head")
        assert cursor.fetchone() == (0,)
