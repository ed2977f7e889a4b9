"""Where the tests put what they make: in memory where there is room, since nothing of it outlives the run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from application.platform.embedded.cluster import TEMPORARY

PREFIX = "xh-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
ENOUGH = 6_000_000_000  # bytes: an instance with its database has 70 MB, and some live as long as the run


@cache
def folder() -> Path:
    """Of this process, gone at the end; PostgreSQL's user can pass through. A disk would be waited for at every commit."""
    _sweep()
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if roomy else TEMPORARY))
    made.chmod(0o755)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def place(name: str) -> Path:
    """A new folder that anybody may pass through; whoever asks removes it when it is large."""
    made = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder()))
    made.chmod(0o755)
    return made


def _sweep() -> None:
    """What a test run left behind that was killed; its servers have ended with it."""
    for left in [*Path(TEMPORARY).glob(f"{PREFIX}*-*"), *MEMORY.glob(f"{PREFIX}*-*")]:
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(left, ignore_errors=True)


class Passable:
    """pytest's temporary folders, through which PostgreSQL's user may pass: then a home's database lies in the home and goes
    with it. In a closed folder root's databases would be made in /var/lib, and stay there.
    """

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        factory.getbasetemp().chmod(0o711)

    def mktemp(self, basename: str, numbered: bool = True) -> Path:
        made = self._factory.mktemp(basename, numbered)
        made.chmod(0o711)
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._factory, name)
