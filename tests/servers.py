"""Throw-away PostgreSQL servers for the tests: one for each version, made when first asked for, gone at the end."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg2

from application.store.binaries import find, user
from application.store.cluster import TEMPORARY, Cluster, new_password
from application.store.database import Database
from application.store.migrate import migrate
from application.trail.entry import body_of
from projections.catch_up import ReadModels

VERSIONS = (15, 18)
PREFIX = "xh-test-"


@cache
def server(version: int = 18) -> str:
    """The owner's DSN, without a database's name. Nothing is flushed to disk."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=TEMPORARY))
    folder.chmod(0o755)
    cluster = Cluster(folder / "cluster", find(version), user(), log=folder / "log")
    password = new_password()
    cluster.create(password)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(cluster.stop)
    dsn = cluster.start(password, fsync="off", synchronous_commit="off", full_page_writes="off", max_connections="300")
    return dsn.rpartition(" dbname=")[0]


def _sweep() -> None:
    """What a test run left behind that was killed; its server has ended with it."""
    for folder in Path(TEMPORARY).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


@cache
def template(version: int) -> str:
    name = f"template_{version}"
    administer(version, f"CREATE DATABASE {name}")
    dsn = f"{server(version)} dbname={name}"
    migrate(dsn)
    owner = Database(dsn, role=None, size=1)
    ReadModels(owner, body_of).prepare()
    owner.close()
    return name


def fresh(version: int = 18) -> str:
    """The owner's DSN of a new database with all tables."""
    name = f"t_{uuid4().hex}"
    administer(version, f"CREATE DATABASE {name} TEMPLATE {template(version)}")
    return f"{server(version)} dbname={name}"


def drop(dsn: str, version: int = 18) -> None:
    administer(version, f"DROP DATABASE {dsn.rpartition('dbname=')[2]} WITH (FORCE)")


def administer(version: int, statement: str) -> None:
    connection = psycopg2.connect(f"{server(version)} dbname=postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
