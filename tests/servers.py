"""Throw-away PostgreSQL servers for the tests: one for each version, made when first asked for, gone at the end."""

from __future__ import annotations

import atexit
from functools import cache
from uuid import uuid4

import psycopg2

from application.platform.database import Database
from application.platform.embedded.binaries import find, user
from application.platform.embedded.cluster import Cluster, new_password
from application.platform.migrate import migrate
from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests.places import folder

VERSIONS = (15, 18)


def server(version: int = 18) -> str:
    """The owner's DSN, without a database's name. Nothing is flushed to disk."""
    return _server(version)


@cache
def _server(version: int) -> str:
    cluster = Cluster(folder() / f"cluster_{version}", find(version), user(), log=folder() / f"log_{version}")
    password = new_password()
    cluster.create(password)
    atexit.register(cluster.stop)
    dsn = cluster.start(password, fsync="off", synchronous_commit="off", full_page_writes="off", max_connections="300")
    return dsn.rpartition(" dbname=")[0]


@cache
def template(version: int) -> str:
    """The name of a database with all tables, to be cloned; nobody may be connected to it then."""
    name = f"template_{version}"
    administer(version, f"CREATE DATABASE {name}")
    dsn = f"{server(version)} dbname={name}"
    migrate(dsn)
    owner = Database(dsn, role=None, size=1)
    ReadModels(owner, body_of, models=MODELS).prepare()
    owner.close()
    return name


def fresh(version: int = 18, like: str = "") -> str:
    """The owner's DSN of a new database with all tables, or of a clone of the one named `like`."""
    name = f"t_{uuid4().hex}"
    # Files are copied and not written to the WAL: half the work, since nothing here outlives the run.
    administer(version, f"CREATE DATABASE {name} TEMPLATE {like or template(version)} STRATEGY file_copy")
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
