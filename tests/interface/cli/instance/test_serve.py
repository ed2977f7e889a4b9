"""`serve`: one process for everything, which says why it can't start, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest

from application.platform.home import Home
from interface.first_start import create

COMMAND = [sys.executable, "-c", "from interface.cli.main import main; main()", "serve"]


def serve(home: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    """For one that must refuse."""
    command = [*COMMAND, "--home", str(home), "--port", str(port), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Served(NamedTuple):
    home: Home
    port: int
    process: subprocess.Popen[str]


def made(folder: Path) -> Home:
    home = Home(folder / "home")
    create(home, origin="t.example/campaign", training=True)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(made(tmp_path_factory.mktemp("served"))) as served:
        yield served


@contextmanager
def serving(home: Home, *options: str) -> Iterator[Served]:
    port = free_port()
    command = [*COMMAND, "--home", str(home.path), "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        assert "answers on" in process.stdout.readline()
        yield Served(home, port, process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = serve(tmp_path / "new", port)

    assert refused.returncode == 1
    assert (
        f"couldn't listen on 127.0.0.1:{port}: Address already in use; choose another"
        in refused.stdout + refused.stderr
    )
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "option", [("--behind", "nginx"), ("--public", "http://city.example")], ids=["proxy", "public"]
)
def test_c2_what_is_no_proxy_or_public_address_is_told_before_anything_is_made(tmp_path, option):
    refused = serve(tmp_path / "new", free_port(), *option)

    assert (refused.returncode, "couldn't" in refused.stdout + refused.stderr) == (1, True)
    assert not (tmp_path / "new").exists()


def test_a_port_in_use_starts_no_database_of_a_home_that_is_there(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        refused = serve(home.path, taken.getsockname()[1])

    assert (refused.returncode, home.server.exists()) == (1, False)


def test_a_second_service_is_refused_and_the_first_goes_on(served):
    refused = serve(served.home.path, free_port())

    with urlopen(f"http://127.0.0.1:{served.port}/healthz") as answer:
        assert answer.status == 200
    assert (refused.returncode, "is using it; stop that first" in refused.stdout + refused.stderr) == (1, True)


def test_it_ends_with_everything_that_it_started(home):
    with serving(home) as served:
        server = json.loads(home.server.read_text())["pid"]
        assert alive(server)

    assert (served.process.returncode, alive(server), home.server.exists()) == (0, False, False)


def test_where_backups_go_is_remembered(home, tmp_path):
    with serving(home, "--backups", str(tmp_path / "other disk")):
        assert home.backups == tmp_path / "other disk"
    assert home.read()["mode"] == "training"


def memory(pid: int) -> int:
    """The most that a process has held at once, in bytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_an_upload_of_200_mb_is_refused_in_words_and_never_held_in_memory(served):
    size, before = 200 << 20, memory(served.process.pid)
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.putrequest("POST", "/sign-in")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for _ in range(size >> 20):
        connection.send(bytes(1 << 20))
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()

    assert (answer.status, "每张照片不超过 10 MB" in page) == (413, True)
    assert memory(served.process.pid) - before < 50 << 20
