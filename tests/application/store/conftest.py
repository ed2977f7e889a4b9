"""Homes that PostgreSQL's user can reach, and a disk that is soon full."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.store.home import Home


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that isn't there yet."""
    place = Path(tempfile.mkdtemp(prefix="xh-home-", dir="/tmp"))
    place.chmod(0o755)
    yield Home(place / "home")
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def tiny_home(home: Home) -> Iterator[Home]:
    """A home on a disk of 72 MB."""
    disk = home.path.parent
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72m,mode=755", "tmpfs", disk], check=True)
    yield home
    subprocess.run(["umount", "-l", disk], check=True)
