"""The database that comes with the service: one server for each home, started by whoever comes first. 内置数据库

`HOME/run/lock` is held by whoever started the server; everybody else attaches through `HOME/run/server.json`. Both may be
removed by somebody who tidies up, so the folder in which the cluster lies is locked as well: two servers on one cluster would
end each other.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import psycopg2

from application.platform.embedded.binaries import Binaries, find, user
from application.platform.embedded.cluster import PASSWORDS, TEMPORARY, Cluster, new_password
from application.platform.embedded.location import cluster_folder, is_own, refuse_lost, version_of
from application.platform.failures import OperatorError
from application.platform.home import PASSWORD, Home, write_whole, writing

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
    """Start the server of this home. Raises OperatorError if another service holds it; a command is waited for."""
    refuse_lost(home)  # before anything is made
    home.create()
    deadline = time.monotonic() + PATIENCE
    while (lock := _locked(home.run / "lock", "service")) is None:
        holder, purpose = _holder(home)
        if purpose == "service" or time.monotonic() > deadline:
            raise OperatorError(
                f"couldn't start on {home.path}: {holder} is using it; stop that first, or use another --home"
            )
        time.sleep(0.05)
    return _started(home, lock, binaries, anew=False)


def attach(home: Home) -> str | None:
    """The DSN of the server that runs for this home; None if none does."""
    try:
        dsn = json.loads(home.server.read_text())["dsn"]
        psycopg2.connect(dsn, connect_timeout=5).close()
    except (OSError, ValueError, KeyError, TypeError, psycopg2.Error):
        return None
    return dsn


@contextmanager
def running(home: Home, binaries: Binaries | None = None, *, anew: bool = False) -> Iterator[str]:
    """A server for the time of the block: the one that runs, or one of our own. Raises OperatorError.

    Our own ends only when nobody else is inside such a block. `anew`: a database that was lost is made again, empty; only
    for whoever fills it at once.
    """
    if not anew:
        refuse_lost(home)
    home.create()
    with writing(home.run):
        users = open(home.run / "users", "a")  # noqa: SIM115 (what happens inside the block is not ours to explain)
    with users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = _attached_or_started(home, binaries, anew)
        if isinstance(server, str):
            yield server
            return
        try:
            yield server.dsn
        finally:
            fcntl.flock(users, fcntl.LOCK_EX)
            server.stop()


def _attached_or_started(home: Home, binaries: Binaries | None, anew: bool) -> str | Server:
    deadline = time.monotonic() + PATIENCE
    while (dsn := attach(home)) is None:
        if (lock := _locked(home.run / "lock", "command")) is not None:
            return _started(home, lock, binaries, anew)
        if time.monotonic() > deadline:
            raise OperatorError(
                f"couldn't reach the database of {home.path}: {_holder(home)[0]} holds it, but it doesn't answer"
            )
        time.sleep(0.05)
    return dsn


def _started(home: Home, lock: IO[str], binaries: Binaries | None, anew: bool) -> Server:
    """Takes the lock over: it is let go if the server can't be started."""
    with ExitStack() as ending:
        ending.callback(lock.close)
        folder = cluster_folder(home, anew=anew)
        ending.callback(os.close, _alone(home, folder))
        _forget_predecessor(home)
        made_by = version_of(folder)
        cluster = Cluster(folder, binaries or find(made_by), user(folder), log=home.run / "postgres.log")
        password = _password(home, cluster, made_by)
        if made_by is None:
            cluster.create(password)
        ending.callback(cluster.stop)
        dsn = cluster.start(password)
        with writing(home.run):
            write_whole(home.server, json.dumps({"dsn": dsn, "pid": os.getpid()}).encode())
        ending.callback(home.forget_server)
        return Server(cluster, dsn, ending.pop_all())


def _alone(home: Home, folder: Path) -> int:
    """The cluster's, by a lock that goes only with the folder it lies in: nobody can have removed it. Raises OperatorError.

    Two homes may name one cluster that lies outside: a copy of a home, which must not stop the original's server.
    """
    with writing(folder):
        handle = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            os.close(handle)
    if is_own(home, folder):
        raise OperatorError(
            f"couldn't start on {home.path}: its database is in use, though the lock in {home.run} is gone"
            f"{_who_serves(home)}; stop that first"
        )
    raise OperatorError(
        f"couldn't start on {home.path}: its database {folder} is in use by another home; "
        "a copied home has none of its own: use `xiaohao backup` and `xiaohao restore`"
    )


def _who_serves(home: Home) -> str:
    try:
        return f" (process {int(json.loads(home.server.read_text())['pid'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


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


def _password(home: Home, cluster: Cluster, made_by: int | None) -> str:
    """Of the cluster's owner. One that is lost is replaced: whoever may read the cluster's files can set it as well."""
    path = home.keys / PASSWORD
    with writing(path):
        if path.exists() and (known := path.read_text("utf-8", "replace")):
            if not re.fullmatch(PASSWORDS, known):
                raise OperatorError(
                    f"couldn't use {path}: it is damaged; move it away, and the next start sets a new one"
                )
            return known
        password = new_password()
        if made_by is not None:
            cluster.set_password(password)
        write_whole(path, password.encode())
        return password


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
