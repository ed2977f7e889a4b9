"""The database that comes with the service: one server for each home, started by whoever comes first. 内置数据库

`HOME/run/lock` is held by whoever started the server; everybody else attaches through `HOME/run/server.json`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg2

from application.failures import CouldNot
from application.store.binaries import SHARED, Binaries, User, find, reachable, user
from application.store.cluster import Cluster, new_password
from application.store.home import Home, write_whole, writing

PATIENCE = 15.0  # seconds that a command waits for a server that is just starting


class Server:
    """A running server that we started: it ends when we say so, or when we end."""

    def __init__(self, home: Home, cluster: Cluster, lock: IO[str], dsn: str) -> None:
        self.home, self.cluster, self.dsn = home, cluster, dsn
        self._lock = lock

    def stop(self) -> None:
        (self.home.run / "server.json").unlink(missing_ok=True)
        self.cluster.stop()
        self._lock.close()


def serve(home: Home, binaries: Binaries | None = None) -> Server:
    """Start the server of this home. Raises CouldNot if another process has started it."""
    home.create()
    lock = _locked(home)
    if lock is None:
        raise CouldNot(
            f"couldn't start on {home.path}: {_holder(home)} is using it; stop that first, or use another --home"
        )
    try:
        return _started(home, lock, binaries)
    except BaseException:
        lock.close()
        raise


def attach(home: Home) -> str | None:
    """The DSN of the server that runs for this home; None if none does."""
    try:
        dsn = json.loads((home.run / "server.json").read_text())["dsn"]
        psycopg2.connect(dsn, connect_timeout=5).close()
    except (OSError, ValueError, KeyError, psycopg2.OperationalError):
        return None
    return dsn


@contextmanager
def running(home: Home, binaries: Binaries | None = None) -> Iterator[str]:
    """A server for the time of the block: the one that runs, or one of our own."""
    deadline = time.monotonic() + PATIENCE
    while (dsn := attach(home)) is None:
        home.create()
        if (lock := _locked(home)) is not None:
            server = _started(home, lock, binaries)
            try:
                yield server.dsn
            finally:
                server.stop()
            return
        if time.monotonic() > deadline:
            raise CouldNot(
                f"couldn't reach the database of {home.path}: {_holder(home)} holds it but it doesn't answer"
            )
        time.sleep(0.05)
    yield dsn


def _started(home: Home, lock: IO[str], binaries: Binaries | None) -> Server:
    who = user()
    folder = _cluster_folder(home, who)
    version = folder / "PG_VERSION"
    made_by = int(version.read_text()) if version.exists() else None  # its files are read by that version only
    cluster = Cluster(folder, binaries or find(made_by), who, log=home.run / "postgres.log")
    password = _password(home)
    if made_by is None:
        cluster.create(password)
    dsn = cluster.start(password)
    with writing(home.run):
        write_whole(home.run / "server.json", json.dumps({"dsn": dsn, "pid": os.getpid()}).encode())
    return Server(home, cluster, lock, dsn)


def _cluster_folder(home: Home, who: User) -> Path:
    """HOME/cluster; or, when PostgreSQL's user can't pass through to it, a folder named in HOME/cluster.path."""
    pointer = home.path / "cluster.path"
    if pointer.exists():
        return Path(pointer.read_text())
    if home.cluster.exists() or reachable(home.cluster, who):
        return home.cluster
    folder = SHARED / secrets.token_hex(8) / "cluster"
    with writing(folder):
        folder.parent.mkdir(parents=True, mode=0o711)
        SHARED.chmod(0o755)
        write_whole(pointer, str(folder).encode())
    return folder


def _password(home: Home) -> str:
    path = home.keys / "postgres.password"
    if not path.exists():
        with writing(path):
            write_whole(path, new_password().encode())
    return path.read_text()


def _locked(home: Home) -> IO[str] | None:
    """The open lock file, held until it is closed or we end; None if somebody else holds it."""
    with writing(home.run):
        file = open(home.run / "lock", "a+")  # noqa: SIM115 (the lock lives as long as the file is open)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(f"{os.getpid()} {Path(sys.argv[0]).name}")
    file.flush()
    return file


def _holder(home: Home) -> str:
    try:
        pid, _, name = (home.run / "lock").read_text().partition(" ")
    except OSError:
        return "another process"
    return f"{name or 'another process'} (process {pid})"
