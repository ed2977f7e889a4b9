"""Both doors in one process, and the oversight door alone beside it."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from urllib.request import urlopen

from tests.interface.cli.instance.test_serve import COMMAND, free_port, made, serving

ALONE = [*COMMAND[:-1], "oversight"]


def page(port: int, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.read().decode()


def test_the_service_has_both_doors_and_the_other_may_stand_alone(tmp_path: Path):
    home = made(tmp_path)
    port = free_port()
    command = [*ALONE, "--home", str(home.path), "--port", str(port)]
    with serving(home) as served:
        assert "登录监督端" in page(served.port, "/oversight/")
        assert "登录监督端" not in page(served.port, "/sign-in")

        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as alone:
            assert alone.stdout is not None
            assert "answers on" in alone.stdout.readline()
            assert "登录监督端" in page(port, "/")
            alone.send_signal(signal.SIGTERM)
            alone.communicate(timeout=60)

    assert alone.returncode == 0
