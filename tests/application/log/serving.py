"""A service in a process of its own, so that it can be killed: prints the server's process, then waits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from application.platform.embedded.binaries import find
from application.platform.embedded.server import serve
from application.platform.home import Home

ROOT = Path(__file__).parents[3]


class Service:
    def __init__(self, home: Home, version: int) -> None:
        command = [sys.executable, "-m", __name__, str(home.path), str(version)]
        found = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": found}
        )
        assert self.process.stdout is not None
        self.server: int = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def kill_server(self) -> None:
        os.kill(self.server, signal.SIGKILL)

    def end(self) -> None:
        """Its input ends, so it stops in order."""
        self.process.communicate()

    def server_has_ended(self) -> None:
        """Returns when the server is gone."""
        for _ in range(1500):
            if not Path(f"/proc/{self.server}/cmdline").exists():
                return
            time.sleep(0.02)
        raise AssertionError("the server goes on without its service")


if __name__ == "__main__":
    server = serve(Home(Path(sys.argv[1])), find(int(sys.argv[2])))
    print(server.cluster.pid, flush=True)
    sys.stdin.read()
    server.stop()
