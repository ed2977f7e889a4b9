"""For `xiaohao doctor`: every file of the home, and the database held to them where it can be read without starting anything."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2

from application.log.log_keys import LogKeys
from application.log.log_rows import LogRows
from application.platform.database import Database
from application.platform.embedded import location
from application.platform.embedded import server as embedded
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.platform.logins import of_cluster
from application.platform.presence import log_size
from application.preflight.home_files import Flaw, flaws
from application.preflight.home_keys import LogRecord, epoch_flaws, log_key_flaws, service_key_flaws
from application.preflight.known_files import unknown
from application.preflight.letterbox_key import commission_key
from application.publication.published_log import Published
from application.publication.rollback import proved_head
from application.vault.crypto import Secrets
from application.vault.signing_keys import KeyRing
from application.verifier.formats.entry import body_of, loads
from application.verifier.rules.authority import Authority
from application.verifier.rules.rights_register import TOPICS
from domain.errors import Unavailable
from interface.runtime import config

Told = tuple[str, str, str, str]  # name, state, found, what to do


def looked_at(home: Home) -> Iterator[Told]:
    """Nothing where there is no instance, or none that we may look at: that is told elsewhere."""
    try:
        if home.is_instance:
            yield from _of_instance(home)
    except (OperatorError, OSError):
        return


def not_whole(home: Home) -> tuple[str, str]:
    """What is missing from a folder that holds parts of an instance, and what to do."""
    try:
        home.read()
    except OperatorError as error:
        return _parted(error)
    return f"{home.path} is an instance", ""


def _of_instance(home: Home) -> Iterator[Told]:
    told = [*_files(home), *_published(home), *_database(home)]
    yield from told or [("files", "ok", "every file of the home is what it must be", "")]
    for path in unknown(home):
        todo = "no program of ours reads it: move it elsewhere if nobody needs it here"
        yield "files", "advice", f"{path} is none of an instance's files", todo
    yield from _letters(home)


def _files(home: Home) -> Iterator[Told]:
    try:
        for flaw in flaws(home):
            yield _told("files", flaw)
        if not config.database_url():
            location.refuse_lost(home)
            location.version(home)
    except OperatorError as error:
        yield "files", "missing", *_parted(error)


def _published(home: Home) -> Iterator[Told]:
    try:
        Published(home, home.read()["origin"], LogKeys.load(home.keys).vkeys).largest()
    except OperatorError as error:
        yield "published", "missing", *_parted(error)


def _database(home: Home) -> Iterator[Told]:
    given = config.database_url()
    dsn = given or embedded.attach(home)
    if dsn is None:
        return
    database = Database(given or of_cluster(dsn).service, size=1)
    try:
        if not log_size(database.dsn):
            raise OperatorError("couldn't find the log: the database is empty; let DATABASE_URL name the right one")
        for flaw in _tried(home, database):
            yield _told("log", flaw)
        published = Published(home, home.read()["origin"], LogKeys.load(home.keys).vkeys)
        proved_head(home, published, LogRows(database))
    except OperatorError as error:
        yield "log", "missing", *_parted(error)
    except (Unavailable, psycopg2.Error, OSError, ValueError) as error:
        found = f"can't be held against the home: {' '.join(str(error).split())}"
        yield "log", "advice", found, "mend what stands above first"
    finally:
        database.close()


def _tried(home: Home, database: Database) -> Iterator[Flaw]:
    authority = Authority()
    with database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event WHERE topic = ANY(%s) ORDER BY position", (sorted(TOPICS),))
        for (entry,) in cursor.fetchall():
            authority.learn(loads(body_of(bytes(entry))))
    yield from log_key_flaws(home, LogRecord(database))
    keys = KeyRing(database, Secrets.load(home.keys / "master.key"), guarded=True)
    yield from service_key_flaws(home, keys, authority.keys_in_force)
    yield from epoch_flaws(home, database)


def _letters(home: Home) -> Iterator[Told]:
    try:
        key = commission_key(home)
    except OperatorError:
        return
    if key.is_right:
        since = "as it was recorded" if key.recorded else "recorded at the next start"
        yield "letters", "ok", f"the commission's key has SHA-256 {key.found}, {since}", ""


def _told(name: str, flaw: Flaw) -> Told:
    return name, "missing" if flaw.stops else "advice", f"{flaw.path}: {flaw.what}", flaw.mend


def _parted(error: OperatorError) -> tuple[str, str]:
    """What is so, and what to do about it."""
    found, _, todo = str(error).partition("; ")
    return found, todo
