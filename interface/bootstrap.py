"""The only place that constructs: an instance's parts, put together for the time that somebody uses them. 组装"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.errors import InsufficientPrivilege

from application import handling
from application.clock import Clock
from application.failures import CouldNot
from application.ledger import Ledger
from application.store import embedded
from application.store.clock_watch import WatchedClock
from application.store.database import Database
from application.store.home import Home
from application.store.logins import Logins, of_cluster
from application.store.migrate import bring_up_to_date
from application.store.notary import Notary
from application.store.postgres import EventTable
from application.store.reader import LogReader
from application.trail.cosigning import Witnesses
from application.trail.entry import body_of, loads
from application.trail.keys import KeyRing
from application.trail.logkeys import LogKeys
from application.trail.publish import Publisher
from application.vault.crypto import Secrets
from application.vault.vault import Vault
from interface import config
from projections.catch_up import ReadModels
from projections.rebuild import rebuild

REGISTERED = handling.MODULES  # a cold process must know every event before it reads the log


@dataclass(frozen=True)
class Services:
    """One running instance; `database` is the service's login: it appends, and can't step out of that."""

    home: Home
    origin: str
    mode: str
    logins: Logins
    database: Database
    ledger: Ledger
    vault: Vault
    keys: KeyRing
    clock: Clock
    projections: ReadModels
    publisher: Publisher
    witnesses: Witnesses


@contextmanager
def services(home: Home, *, serving: bool = False, clock: Clock | None = None) -> Iterator[Services]:
    """The instance in this home. Raises CouldNot: none there, already served (`serving`), database out of reach."""
    instance = home.read()
    with (
        server(home, serving=serving) as logins,
        parts(home, logins, instance["origin"], instance["mode"], clock) as made,
    ):
        yield made


@contextmanager
def server(home: Home, *, serving: bool = False) -> Iterator[Logins]:
    """As whom to come to DATABASE_URL, or to the embedded server, attached to or started for the time of the block."""
    if (logins := config.logins()) is not None:
        for url in set(logins):
            _try(url, "reach the database of DATABASE_URL")
        yield logins
    elif serving:
        running = embedded.serve(home)
        try:
            yield of_cluster(running.dsn)
        finally:
            running.stop()
    else:
        with embedded.running(home) as dsn:
            logins = of_cluster(dsn)
            _try(logins.service, "log in as the service; if an older program serves this home, start it anew")
            yield logins


def _try(url: str, what: str) -> None:
    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.Error as error:  # a malformed one is a ProgrammingError
        raise CouldNot(f"couldn't {what}: {str(error).strip()}") from None


@contextmanager
def owned(logins: Logins) -> Iterator[Database]:
    """The owner's login, for the moment in which tables are made. Raises CouldNot where it may not make them."""
    database = Database(logins.owner, role=None, size=2)
    try:
        yield database
    except InsufficientPrivilege as error:
        raise CouldNot(
            f"couldn't bring the database up to date: {str(error).splitlines()[0]}; "
            "name its owner in DATABASE_OWNER_URL for this one start"
        ) from None
    finally:
        database.close()


@contextmanager
def as_owner(made: Services) -> Iterator[ReadModels]:
    """The read models as their owner has them: they can be built anew. Raises CouldNot."""
    with owned(made.logins) as database:
        yield ReadModels(database, body_of)


def _prepare(logins: Logins) -> None:
    """Tables as this program has them."""
    with owned(logins) as database:
        bring_up_to_date(database)
        read_models = ReadModels(database, body_of)
        if stale := read_models.prepare():
            rebuild(read_models, names=stale)  # their definition has changed: never migrated, built anew


def _as_opened(home: Home, database: Database, origin: str, mode: str) -> None:
    """Raises CouldNot where instance.json says otherwise than the log's first entry: a file that was edited weakens nothing."""
    with database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event WHERE position = 1")
        first = cursor.fetchone()
    if first is None:
        return  # it is just being made, or restored
    opened = loads(body_of(bytes(first[0])))["data"]
    if (opened["origin"], opened["mode"]) != (origin, mode):
        raise CouldNot(
            f"couldn't open {home.path}: instance.json says {origin}, {mode}, but the log was opened as {opened['origin']}, "
            f"{opened['mode']}; put instance.json right"
        )


@contextmanager
def parts(home: Home, logins: Logins, origin: str, mode: str, clock: Clock | None) -> Iterator[Services]:
    """`clock` is the system's, held against the machine's running time, where none is given."""
    master = home.keys / "master.key"
    try:
        secrets = Secrets.load(master)
    except OSError as error:
        raise CouldNot(f"couldn't read the master key: {error.strerror}: {Path(error.filename)}") from None
    except ValueError as error:
        raise CouldNot(f"couldn't use {master}: {error}; put the instance's own key back") from None
    _prepare(logins)
    with ExitStack() as stack:
        database = Database(logins.service)
        stack.callback(database.close)
        _as_opened(home, database, origin, mode)
        clock = clock or WatchedClock(database, exempt=mode == "training")
        keys = KeyRing(database, secrets, guarded=mode != "training")
        vault = Vault(database, secrets, home.epochs.parent)
        table = EventTable(database, Notary(origin), clock)
        ledger = Ledger(table, origin=origin, mode=mode, clock=clock, keys=keys, vault=vault)
        stack.callback(ledger.close)
        read_models = ReadModels(database, body_of)
        publisher = Publisher(home, LogKeys.load(home.keys), LogReader(ledger))
        witnesses = Witnesses(home, publisher)
        yield Services(
            home, origin, mode, logins, database, ledger, vault, keys, clock, read_models, publisher, witnesses
        )
