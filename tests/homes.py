"""One instance with work in it, made once in a run; each test gets a copy of its folder over the same cluster, which costs nothing.

Nobody may leave anything in the cluster: a test that writes to the log, or swaps the database, makes one of its own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from application.platform.home import Home
from application.publication.mirror_tokens import MirrorTokens
from interface.bootstrap import services
from interface.demo.load import load
from interface.first_start import create

ORIGIN = "e.example/campaign"


def worked(folder: Path) -> Home:
    """An instance with demonstration data, published, with a mirror's token and the cookies' secret."""
    home = Home(folder / "home")
    create(home, origin=ORIGIN, training=True)
    load(home, problems=1, seed=1)
    MirrorTokens(home.keys).create("mirror")
    (home.keys / "web.secret").write_bytes(bytes(range(32)))
    with services(home) as made:
        made.publisher.publish()
    return home


def cluster_of(home: Home) -> Path:
    pointer = home.path / "cluster.path"
    return Path(pointer.read_text()) if pointer.exists() else home.cluster


def copied(made: Home, folder: Path) -> Home:
    """The folder without its cluster, which the copy names."""
    home = Home(folder / "home")
    shutil.copytree(made.path, home.path, ignore=shutil.ignore_patterns("cluster", "run"))
    (home.path / "cluster.path").write_text(str(cluster_of(made)))
    home.create()
    return home
