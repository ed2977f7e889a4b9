"""A real server for measurements: everything flushed to disk as in service."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2

from application.platform.clock import SystemClock
from application.platform.database import Database
from application.platform.embedded.binaries import find, user
from application.platform.embedded.cluster import Cluster, new_password
from application.platform.migrate import migrate
from tests.cities import City


@contextmanager
def server() -> Iterator[str]:
    """The owner's DSN without a database's name."""
    folder = Path(tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp"))
    folder.chmod(0o755)
    cluster, password = Cluster(folder / "cluster", find(), user(), log=folder / "log"), new_password()
    try:
        cluster.create(password)
        yield cluster.start(password, max_connections="200").rpartition(" dbname=")[0]
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def database(server: str) -> str:
    """A new, empty database: its DSN."""
    name = f"b_{uuid4().hex}"
    connection = psycopg2.connect(f"{server} dbname=postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return f"{server} dbname={name}"


@contextmanager
def city(dsn: str) -> Iterator[City]:
    """A log after genesis, on the system's clock."""
    migrate(dsn)
    home = Path(tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp"))
    base = Database(dsn, size=8)
    made = City.found(base, SystemClock(), home)
    try:
        yield made
    finally:
        made.ledger.close()
        base.close()
        shutil.rmtree(home)
