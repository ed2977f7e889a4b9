"""The only place that constructs: an instance's parts, put together for the time that somebody uses them. 组装"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import psycopg2
from psycopg2.errors import InsufficientPrivilege

from application.all_handlers import HANDLERS
from application.core.ledger import Ledger
from application.log.entry_codec import EntryCodec
from application.log.event_table import EventTable
from application.log.head_guard import HeadGuard
from application.log.log_keys import LogKeys
from application.log.log_rows import LogRows
from application.platform.clock import Clock
from application.platform.clock_watch import WatchedClock
from application.platform.database import Database
from application.platform.embedded import server as embedded
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.platform.logins import Logins, of_cluster
from application.platform.migrate import bring_up_to_date
from application.platform.presence import log_size
from application.preflight.home_files import flaws, refuse
from application.preflight.home_keys import LogRecord, epoch_flaws, log_key_flaws, service_key_flaws
from application.publication.cosigning import Witnesses
from application.publication.log_source import LogReader
from application.publication.published_log import Published
from application.publication.publisher import Publisher
from application.publication.rollback import PublishedSize, proved_head
from application.vault.crypto import Secrets
from application.vault.signing_keys import KeyRing
from application.vault.vault import Vault
from application.verifier.formats.entry import body_of
from domain.log.log import FORMAT
from interface.runtime import config
from projections.engine.catch_up import ReadModels
from projections.engine.rebuild import rebuild
from projections.models import MODELS

OTHER_DATABASE = "let DATABASE_URL (or HOME/cluster.path) name the right one"


@dataclass(frozen=True)
class Services:
    """One running instance; `database` is the service's login: it appends, and can't step out of that.

    `troubles` are sentences on what is wrong with its files and stops nothing.
    """

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
    troubles: tuple[str, ...] = ()


@contextmanager
def services(
    home: Home, *, serving: bool = False, clock: Clock | None = None, unproven: bool = False, anew: bool = False
) -> Iterator[Services]:
    """The instance in this home, once its files, keys and database are what they must be. Raises OperatorError: none there, already
    served (`serving`), database out of reach, something damaged or older than what was published.

    `unproven`: for whoever examines or mends it; then the database may be wrong, nothing can be appended, and `troubles` say
    why. `anew`: a database that was lost is made again, empty; only for whoever fills it at once.
    """
    instance = home.read()
    troubles = list(map(str, refuse(flaws(home), home)))
    with server(home, serving=serving, anew=anew) as logins:
        guard, wrong = _guard(home, logins, instance, unproven)
        origin, mode = instance["origin"], instance["mode"]
        with parts(home, logins, origin, mode, clock, guard) as made:
            if not unproven:
                keys = service_key_flaws(home, made.keys, made.ledger.authority().keys_in_force)
                tried = chain(keys, epoch_flaws(home, made.database))
                troubles += map(str, refuse(tried, home))
            yield replace(made, troubles=(*wrong, *troubles))


def _guard(home: Home, logins: Logins, instance: dict[str, str], unproven: bool) -> tuple[HeadGuard, list[str]]:
    """What holds every group that is written against the trail, and what is wrong with the database already.

    Raises OperatorError, before the database is touched, unless it may be `unproven`.
    """
    try:
        return _proved(home, logins, instance), []
    except OperatorError as wrong:
        if not unproven:
            raise
        return HeadGuard(refuses=True), [str(wrong)]


def _proved(home: Home, logins: Logins, instance: dict[str, str]) -> HeadGuard:
    if not log_size(logins.service):
        raise OperatorError(
            f"couldn't open {home.path}: its database is empty, though `init` came to its end here; {OTHER_DATABASE}, or put "
            "back what was published with `xiaohao restore`"
        )
    database = Database(logins.service, size=1)
    try:
        record = LogRecord(database)
        _as_opened(home, record, instance)
        refuse(log_key_flaws(home, record), home)
        vkeys = dict.fromkeys([*LogKeys.load(home.keys).vkeys, *record.heirs.since])
        published = Published(home, instance["origin"], list(vkeys))
        head = proved_head(home, published, LogRows(database))
        return HeadGuard(head, PublishedSize(published))
    finally:
        database.close()


@contextmanager
def server(home: Home, *, serving: bool = False, anew: bool = False) -> Iterator[Logins]:
    """As whom to come to DATABASE_URL, or to the embedded server, attached to or started for the time of the block.

    Raises OperatorError where there is no instance, and none that `init` or `restore` is just making.
    """
    if not (home.unfinished.exists() or home.unproved.exists()):
        home.read()
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
        with embedded.running(home, anew=anew) as dsn:
            logins = of_cluster(dsn)
            _try(logins.service, "log in as the service; if an older program serves this home, start it anew")
            yield logins


def _try(url: str, what: str) -> None:
    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.Error as error:  # a malformed one is a ProgrammingError
        raise OperatorError(f"couldn't {what}: {str(error).strip()}") from None


@contextmanager
def owned(logins: Logins) -> Iterator[Database]:
    """The owner's login, for the moment in which tables are made. Raises OperatorError where it may not make them."""
    database = Database(logins.owner, role=None, size=2)
    try:
        yield database
    except InsufficientPrivilege as error:
        raise OperatorError(
            f"couldn't bring the database up to date: {str(error).splitlines()[0]}; "
            "name its owner in DATABASE_OWNER_URL for this one start"
        ) from None
    finally:
        database.close()


@contextmanager
def as_owner(made: Services) -> Iterator[ReadModels]:
    """The read models as their owner has them: they can be built anew. Raises OperatorError."""
    with owned(made.logins) as database:
        yield ReadModels(database, body_of, models=MODELS)


def _prepare(logins: Logins) -> None:
    """Tables as this program has them."""
    with owned(logins) as database:
        bring_up_to_date(database)
        read_models = ReadModels(database, body_of, models=MODELS)
        if stale := read_models.prepare():
            rebuild(read_models, names=stale)  # their definition has changed: never migrated, built anew


def _as_opened(home: Home, record: LogRecord, instance: dict[str, str]) -> None:
    """Raises OperatorError where instance.json says otherwise than the log's first entry: a file that was edited weakens nothing."""
    opened, said = (record.opened.get("origin"), record.opened.get("mode")), (instance["origin"], instance["mode"])
    if not record.opened:
        raise OperatorError(f"couldn't open {home.path}: the log's first entry can't be read; see `xiaohao fsck`")
    if (known := record.opened.get("format")) != FORMAT:
        raise OperatorError(
            f"couldn't open {home.path}: its log is of format {known or 0}, this program reads and writes format {FORMAT} only; "
            "logs before format 1 were for training: move this home away and make a new one (`make run`, `xiaohao init`)"
        )
    if opened != said:
        raise OperatorError(
            f"couldn't open {home.path}: instance.json says {', '.join(said)}, but the log was opened as {', '.join(map(str, opened))}; "
            f"put instance.json right, or, if this is another log, {OTHER_DATABASE}"
        )


@contextmanager
def parts(
    home: Home, logins: Logins, origin: str, mode: str, clock: Clock | None, guard: HeadGuard | None = None
) -> Iterator[Services]:
    """`clock` is the system's, held against the machine's running time, where none is given."""
    master = home.keys / "master.key"
    try:
        secrets = Secrets.load(master)
    except OSError as error:
        raise OperatorError(f"couldn't read the master key: {error.strerror}: {Path(error.filename)}") from None
    except ValueError as error:
        raise OperatorError(f"couldn't use {master}: {error}; put the instance's own key back") from None
    _prepare(logins)
    with ExitStack() as stack:
        database = Database(logins.service)
        stack.callback(database.close)
        clock = clock or WatchedClock(database, exempt=mode == "training")
        keys = KeyRing(database, secrets, guarded=mode != "training")
        vault = Vault(database, secrets, home.epochs.parent)
        table = EventTable(database, EntryCodec(origin), clock, guard)
        ledger = Ledger(table, origin=origin, mode=mode, clock=clock, keys=keys, vault=vault, handlers=HANDLERS)
        stack.callback(ledger.close)
        read_models = ReadModels(database, body_of, models=MODELS)
        publisher = Publisher(home, LogKeys.load(home.keys), LogReader(ledger))
        witnesses = Witnesses(home, publisher)
        yield Services(
            home, origin, mode, logins, database, ledger, vault, keys, clock, read_models, publisher, witnesses
        )
