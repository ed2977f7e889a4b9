"""Homes that PostgreSQL's user can reach, and a disk that is soon full."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from application.platform.home import Home
from tests import places


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that isn't there yet."""
    place = places.place("home")
    yield Home(place / "home")
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def tiny_home(home: Home) -> Iterator[Home]:
    """A home on a disk of 72 MB."""
    disk = home.path.parent
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72m,mode=755", "tmpfs", disk], check=True)
    yield home
    subprocess.run(["umount", "-l", disk], check=True)
