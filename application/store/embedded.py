"""The database that comes with the service: one server for each home, started by whoever comes first. 内置数据库

`HOME/run/lock` is held by whoever started the server; everybody else attaches through `HOME/run/server.json`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import psycopg2

from application.failures import CouldNot
from application.store.binaries import SHARED, Binaries, find, reachable, user
from application.store.cluster import TEMPORARY, Cluster, new_password
from application.store.home import Home, write_whole, writing

PATIENCE = 60.0  # seconds to wait for a server that is just starting, or for a command that has one of its own


class Server:
    """A running server that we started: it ends when we say so, or when we end; if it dies it is started again."""

    def __init__(self, cluster: Cluster, dsn: str, ending: ExitStack) -> None:
        self.cluster, self.dsn = cluster, dsn
        self._ending = ending

    def stop(self) -> None:
        """Safe twice."""
        self._ending.close()


def serve(home: Home, binaries: Binaries | None = None) -> Server:
    """Start the server of this home. Raises CouldNot if another service holds it; a command is waited for."""
    home.create()
    deadline = time.monotonic() + PATIENCE
    while (lock := _locked(home.run / "lock", "service")) is None:
        holder, purpose = _holder(home)
        if purpose == "service" or time.monotonic() > deadline:
            raise CouldNot(
                f"couldn't start on {home.path}: {holder} is using it; stop that first, or use another --home"
            )
        time.sleep(0.05)
    return _started(home, lock, binaries)


def attach(home: Home) -> str | None:
    """The DSN of the server that runs for this home; None if none does."""
    try:
        dsn = json.loads(home.server.read_text())["dsn"]
        psycopg2.connect(dsn, connect_timeout=5).close()
    except (OSError, ValueError, KeyError, TypeError, psycopg2.Error):
        return None
    return dsn


@contextmanager
def running(home: Home, binaries: Binaries | None = None) -> Iterator[str]:
    """A server for the time of the block: the one that runs, or one of our own. Raises CouldNot.

    Our own ends only when nobody else is inside such a block.
    """
    home.create()
    with writing(home.run):
        users = open(home.run / "users", "a")  # noqa: SIM115 (what happens inside the block is not ours to explain)
    with users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = _attached_or_started(home, binaries)
        if isinstance(server, str):
            yield server
            return
        try:
            yield server.dsn
        finally:
            fcntl.flock(users, fcntl.LOCK_EX)
            server.stop()


def _attached_or_started(home: Home, binaries: Binaries | None) -> str | Server:
    deadline = time.monotonic() + PATIENCE
    while (dsn := attach(home)) is None:
        if (lock := _locked(home.run / "lock", "command")) is not None:
            return _started(home, lock, binaries)
        if time.monotonic() > deadline:
            raise CouldNot(
                f"couldn't reach the database of {home.path}: {_holder(home)[0]} holds it, but it doesn't answer"
            )
        time.sleep(0.05)
    return dsn


def _started(home: Home, lock: IO[str], binaries: Binaries | None) -> Server:
    """Takes the lock over: it is let go if the server can't be started."""
    with ExitStack() as ending:
        ending.callback(lock.close)
        _forget_predecessor(home)
        folder = _cluster_folder(home)
        if folder != home.cluster:
            ending.callback(_alone(home, folder).close)
        made_by = _version(folder)
        cluster = Cluster(folder, binaries or find(made_by), user(folder), log=home.run / "postgres.log")
        password = _password(home)
        if made_by is None:
            cluster.create(password)
        ending.callback(cluster.stop)
        dsn = cluster.start(password)
        with writing(home.run):
            write_whole(home.server, json.dumps({"dsn": dsn, "pid": os.getpid()}).encode())
        ending.callback(home.forget_server)
        return Server(cluster, dsn, ending.pop_all())


def version(home: Home) -> int | None:
    """The version of PostgreSQL that made this home's cluster, the only one that reads it; None before it is made."""
    pointer = home.path / "cluster.path"
    return _version(Path(pointer.read_text()) if pointer.exists() else home.cluster)


def _version(cluster: Path) -> int | None:
    file = cluster / "PG_VERSION"
    return int(file.read_text()) if file.exists() else None


def _alone(home: Home, folder: Path) -> IO[str]:
    """Two homes may name one cluster that lies outside: a copy of a home, which must not stop the original's server."""
    if (lock := _locked(folder.parent / "lock", "service")) is None:
        raise CouldNot(
            f"couldn't start on {home.path}: its database {folder} is in use by another home; "
            "a copied home has none of its own: use `xiaohao backup` and `xiaohao restore`"
        )
    return lock


def _forget_predecessor(home: Home) -> None:
    """A service that was killed leaves its folder of sockets behind."""
    try:
        words = dict(word.split("=", 1) for word in json.loads(home.server.read_text())["dsn"].split())
        sockets = Path(words["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if sockets.parent == Path(TEMPORARY) and sockets.name.startswith("xh-"):
        shutil.rmtree(sockets, ignore_errors=True)
    home.forget_server()


def _cluster_folder(home: Home) -> Path:
    """HOME/cluster; or, when PostgreSQL's user can't pass through to it, a folder named in HOME/cluster.path."""
    pointer = home.path / "cluster.path"
    if pointer.exists():
        return Path(pointer.read_text())
    if home.cluster.exists() or reachable(home.cluster, user()):
        return home.cluster
    folder = SHARED / secrets.token_hex(8) / "cluster"
    with writing(folder):
        folder.parent.mkdir(parents=True, mode=0o711)
        SHARED.chmod(0o755)
        write_whole(pointer, str(folder).encode())
    return folder


def _password(home: Home) -> str:
    path = home.keys / "postgres.password"
    with writing(path):
        if not path.exists():
            write_whole(path, new_password().encode())
        return path.read_text()


def _locked(path: Path, purpose: str) -> IO[str] | None:
    """The open lock file, held until it is closed or we end; None if somebody else holds it."""
    with writing(path):
        file = open(path, "a+")  # noqa: SIM115 (the lock lives as long as the file is open)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
            file.write(f"{os.getpid()} {purpose} {Path(sys.argv[0]).name}")
            file.flush()
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            file.close()
            raise
    return file


def _holder(home: Home) -> tuple[str, str]:
    """Who holds the lock, in words, and for what: service or command."""
    try:
        pid, purpose, name = (home.run / "lock").read_text().split(" ", 2)
    except (OSError, ValueError):
        return "another process", "command"
    return f"{name or 'another program'} (process {pid})", purpose
