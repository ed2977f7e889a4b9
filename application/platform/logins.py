"""As whom we come to the database: its owner for the moment of a migration or a rebuild, everybody else through a login that
may only append. Nothing but the owner's password leads from there to the owner, no statement does. 数据库登录
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import connection, make_dsn, parse_dsn

from application.platform.database import APPLICATION, OVERSIGHT


class Logins(NamedTuple):
    """Connection strings."""

    owner: str
    service: str
    oversight: str


def of_cluster(owner: str) -> Logins:
    """The logins of our own server; their passwords follow from the owner's, so that there is one file to keep."""
    return Logins(owner, login(owner, APPLICATION), login(owner, OVERSIGHT))


def login(owner: str, role: str) -> str:
    password = hmac.digest(parse_dsn(owner)["password"].encode(), role.encode(), "sha256").hex()
    return make_dsn(owner, user=role, password=password)


def let_in(server: connection, owner: str) -> None:
    """The roles of the service and of the oversight door may log in; on a server that never saw them they are made."""
    if _gets_in(login(owner, APPLICATION)):
        return
    with server.cursor() as cursor:
        for role in (OVERSIGHT, APPLICATION):  # the one that is looked for comes last
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
            verb = "ALTER" if cursor.rowcount else "CREATE"
            cursor.execute(f"{verb} ROLE {role} LOGIN PASSWORD %s", (parse_dsn(login(owner, role))["password"],))


def _gets_in(dsn: str) -> bool:
    try:
        psycopg2.connect(dsn, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True
