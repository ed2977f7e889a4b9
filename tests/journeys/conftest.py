"""A served training instance and a real Chromium."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from application.store.home import Home
from interface.config import DEFAULT_ORIGIN
from interface.demo.load import load
from interface.init import create

COMMAND = [sys.executable, "-c", "from interface.cli.main import main; main()"]


@contextmanager
def made(problems: int) -> Iterator[Home]:
    """A training instance with its people, estates and companies, and so many matters."""
    folder = Path(tempfile.mkdtemp(prefix="xh-journey-", dir="/tmp"))
    folder.chmod(0o755)
    home = Home(folder / "home")
    create(home, origin=DEFAULT_ORIGIN, training=True)
    load(home, problems=problems, seed=1)
    yield home
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    """No matter yet."""
    with made(0) as home:
        yield home


@pytest.fixture(scope="session")
def address(home: Home) -> Iterator[str]:
    """Where the instance answers."""
    with served(home) as address:
        yield address


class Town(NamedTuple):
    home: Home
    address: str


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """Matters at every stage, to be looked at and not changed."""
    with made(12) as home, served(home) as address:
        yield Town(home, address)


@contextmanager
def served(home: Home) -> Iterator[str]:
    """Its address, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*COMMAND, "serve", "--home", str(home.path), "--port", str(port)]
    with (home.path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert re.search(r"answers on http://", said), (home.path / "serve.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def xiaohao(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as an operator calls it."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
