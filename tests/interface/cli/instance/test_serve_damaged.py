"""`xiaohao serve` as a process, on a home that somebody damaged: a sentence, exit code 1, and nothing is changed (faults.md E10)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from application.platform.home import Home
from interface.bootstrap import services
from tests.homes import cluster_of
from tests.interface.cli.instance.test_serve import free_port, made, serve, serving

# By file: its content, None for none, or "folder"; and what is said.
DAMAGES = {
    "keys/master.key": (bytes(32), r"master\.key: it is not this instance's master key.*`xiaohao master-key`"),
    "keys/log.ed25519": (None, r"couldn't read the log's keys.*bring HOME/keys back"),
    "keys/web.secret": ("folder", r"web\.secret: it is no file, where one belongs; move it away"),
    "instance.json": (b"", r"instance\.json: it is empty or damaged;.*`xiaohao describe`"),
    "publisher/head": (b"{", r"publisher/head: it is damaged; move it away"),
    "trail/checkpoint": (b"t.example/campaign\n1\n", r"trail/checkpoint: it is damaged .*; move it away"),
    "cluster/PG_VERSION": (b"\n", r"PG_VERSION is missing or damaged; write the line \d+ into it"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = made(tmp_path_factory.mktemp("damaged"))
    with services(home) as running:
        running.publisher.publish()
    (home.keys / "web.secret").write_bytes(bytes(32))
    return home


@contextmanager
def damaged(path: Path, content: bytes | str | None) -> Iterator[None]:
    """Until the block ends."""
    kept, told = path.read_bytes(), path.stat()
    if isinstance(content, bytes):
        path.write_bytes(content)  # in its place: owner and mode stay
    else:
        path.unlink()
    if content == "folder":
        path.mkdir()
    try:
        yield
    finally:
        if path.is_dir():
            path.rmdir()
        path.write_bytes(kept)
        path.chmod(told.st_mode & 0o777)


def everything(home: Home) -> dict[str, bytes]:
    """Without what PostgreSQL writes and who runs."""
    kept = [path for path in home.path.rglob("*") if path.is_file()]
    names = {path: path.relative_to(home.path) for path in kept}
    return {str(name): path.read_bytes() for path, name in names.items() if name.parts[0] not in ("cluster", "run")}


@pytest.mark.parametrize("file", DAMAGES)
def test_e10_serve_ends_with_a_sentence_and_changes_nothing(home, file):
    content, said = DAMAGES[file]
    path = cluster_of(home) / "PG_VERSION" if file.startswith("cluster") else home.path / file
    with damaged(path, content):
        before = everything(home)

        refused = serve(home.path, free_port())

        after = everything(home)
    told = refused.stdout + refused.stderr
    assert (refused.returncode, bool(re.search(said, told)), "Traceback" in told) == (1, True, False), told
    assert (after, home.server.exists()) == (before, False)


def test_e10_an_undamaged_home_is_served_after_all_that(home):
    with serving(home) as served, urlopen(f"http://127.0.0.1:{served.port}/healthz") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("tidied", ["the lock", "the whole folder"])
def test_e1_a_second_serve_is_refused_though_the_lock_was_removed_and_the_first_goes_on(home, tidied):
    with serving(home) as served:
        if tidied == "the lock":
            (home.run / "lock").unlink()
        else:
            shutil.rmtree(home.run)

        refused = serve(home.path, free_port())

        with urlopen(f"http://127.0.0.1:{served.port}/healthz") as answer:
            assert answer.status == 200
    told = refused.stdout + refused.stderr
    assert (refused.returncode, "its database is in use, though the lock" in told) == (1, True), told
