"""The only place that constructs: an instance's parts, put together for the time that somebody uses them. 组装"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from application import handling
from application.clock import Clock, SystemClock
from application.failures import CouldNot
from application.ledger import Ledger
from application.store import embedded
from application.store.database import Database
from application.store.home import Home
from application.store.migrate import migrate
from application.store.notary import Notary
from application.store.postgres import EventTable
from application.store.reader import LogReader
from application.trail.cosigning import Witnesses
from application.trail.entry import body_of
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
    """One running instance; `owner_dsn` is for migrations and rebuilds, everything else goes through `database`."""

    home: Home
    origin: str
    mode: str
    owner_dsn: str
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
    with server(home, serving=serving) as dsn:
        migrate(dsn)
        with parts(home, dsn, instance["origin"], instance["mode"], clock or SystemClock()) as made:
            yield made


@contextmanager
def server(home: Home, *, serving: bool = False) -> Iterator[str]:
    """The owner's DSN: DATABASE_URL, or the embedded server, attached to or started for the time of the block."""
    if (url := config.database_url()) is not None:
        try:
            psycopg2.connect(url, connect_timeout=5).close()
        except psycopg2.Error as error:  # a malformed one is a ProgrammingError
            raise CouldNot(f"couldn't reach the database of DATABASE_URL: {str(error).strip()}") from None
        yield url
    elif serving:
        running = embedded.serve(home)
        try:
            yield running.dsn
        finally:
            running.stop()
    else:
        with embedded.running(home) as dsn:
            yield dsn


@contextmanager
def parts(home: Home, dsn: str, origin: str, mode: str, clock: Clock) -> Iterator[Services]:
    master = home.keys / "master.key"
    try:
        secrets = Secrets.load(master)
    except OSError as error:
        raise CouldNot(f"couldn't read the master key: {error.strerror}: {Path(error.filename)}") from None
    except ValueError as error:
        raise CouldNot(f"couldn't use {master}: {error}; put the instance's own key back") from None
    with ExitStack() as stack:
        database = Database(dsn)
        stack.callback(database.close)
        keys = KeyRing(database, secrets, guarded=mode != "training")
        vault = Vault(database, secrets, home.epochs.parent)
        table = EventTable(database, Notary(origin), clock)
        ledger = Ledger(table, origin=origin, mode=mode, clock=clock, keys=keys, vault=vault)
        stack.callback(ledger.close)
        read_models = ReadModels(database, body_of)
        if stale := read_models.prepare():
            rebuild(read_models, names=stale)  # their definition has changed: never migrated, built anew
        publisher = Publisher(home, LogKeys.load(home.keys), LogReader(ledger))
        witnesses = Witnesses(home, publisher)
        yield Services(home, origin, mode, dsn, database, ledger, vault, keys, clock, read_models, publisher, witnesses)
