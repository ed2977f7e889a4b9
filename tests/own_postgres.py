"""A PostgreSQL of one's own, as an administrator runs it by docs/operations.md: Debian's programs, ordinary settings, fsync on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2

from application.platform.embedded.binaries import find, user
from tests.on_day import same_day

VERSION = 15
PATIENCE = 60.0  # seconds
WHO = user()
ALONE = same_day() | {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}  # nothing else of the caller's


class OwnServer:
    """`folder` can be reached by PostgreSQL's user; in it are the data directory, the socket and the log."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self._process = folder, folder / "data", None
        folder.mkdir(mode=0o700)
        WHO.own(folder)
        self.address = f"host={folder} port=5432 user=postgres"

    def run(self, program: str, *arguments: object) -> None:
        command = [*WHO.prefix(), str(find(VERSION).folder / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=ALONE)
        assert done.returncode == 0, done.stderr

    def create(self) -> None:
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")

    def configure(self, **settings: str) -> None:
        """As lines of postgresql.conf; later ones count."""
        with (self.data / "postgresql.conf").open("a") as file:
            for name, value in settings.items():
                file.write(f"{name} = '{value}'\n")

    def start(self) -> None:
        """Until it takes connections."""
        self.configure(listen_addresses="", unix_socket_directories=str(self.folder), max_connections="60")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        command = [*WHO.prefix(), str(find(VERSION).folder / "postgres"), "-D", str(self.data)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", env=ALONE)
        self.until("SELECT true")

    def until(self, query: str, database: str = "postgres") -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(psycopg2.OperationalError):
                if self.ask(query, database)[0][0]:
                    return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text()[-3_000:])

    def ask(self, query: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(f"{self.address} dbname={database}")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """As if the machine had lost its power: the server and all that it started, with no word of farewell."""
        process, self._process = self._process, None
        if process is not None:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for pid in (process.pid, *map(int, children)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
