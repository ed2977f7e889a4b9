"""What docs/operations.md tells whoever has a PostgreSQL of their own, done: base backup with WAL archive, and a standby that takes over.

(faults.md E3)
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from application.audit.fsck import Fsck
from application.core.ledger import Ledger
from application.log.log_keys import LogKeys
from application.platform.clock import SystemClock
from application.platform.database import Database
from application.platform.home import Home
from application.platform.migrate import migrate
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.publication.restore import restore
from application.tips.commands import RegisterTip
from domain.errors import Unavailable
from tests import places
from tests.cities import ORIGIN, City, ledger_on
from tests.matters import TOLD, Matters
from tests.own_postgres import WHO, OwnServer

WRITERS, ACTS = 8, 40  # threads; acts that each has acknowledged before the server is killed, together
DATABASE = "xiaohao"


@pytest.fixture
def place() -> Iterator[Path]:
    place = places.place("drill")
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def primary(place) -> Iterator[OwnServer]:
    server = OwnServer(place / "primary")
    server.create()
    yield server
    server.kill()


@pytest.fixture
def other(place) -> Iterator[OwnServer]:
    """The machine that comes after it, with nothing on it yet."""
    server = OwnServer(place / "other")
    yield server
    server.kill()


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path)
    home.create()
    LogKeys.create(home.keys, ORIGIN)
    return home


def founded(dsn: str, home: Home) -> City:
    migrate(dsn)
    return City.found(Database(dsn, size=4), SystemClock(), home.path)


def closed(city_or_ledger: City | Ledger) -> None:
    ledger = city_or_ledger.ledger if isinstance(city_or_ledger, City) else city_or_ledger
    ledger.close()
    ledger.table.database.close()


def publish(home: Home, ledger: Ledger) -> int:
    return Publisher(home, LogKeys.load(home.keys), LogReader(ledger)).publish().size


def archiving(primary: OwnServer, archive: Path) -> None:
    archive.mkdir()
    WHO.own(archive)
    command = f"test ! -f {archive}/%f && cp %p {archive}/%f"
    primary.configure(archive_mode="on", archive_command=command, wal_level="replica")
    primary.start()
    primary.ask(f"CREATE DATABASE {DATABASE}")


def died_with_all_archived(primary: OwnServer) -> None:
    primary.ask("SELECT pg_switch_wal()")
    primary.until("SELECT last_archived_wal IS NOT NULL AND failed_count = 0 FROM pg_stat_archiver")
    primary.until("SELECT NOT EXISTS (SELECT FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')")
    primary.kill()


def back_to(other: OwnServer, archive: Path, moment: str) -> None:
    """On a base backup that lies in its data directory."""
    target = {"recovery_target_name": moment, "recovery_target_action": "promote", "archive_mode": "off"}
    other.configure(restore_command=f"cp {archive}/%f %p", **target)
    (other.data / "recovery.signal").touch()
    WHO.own(other.data / "recovery.signal")
    other.start()
    other.until("SELECT NOT pg_is_in_recovery()")


def test_e3_base_backup_and_archive_bring_the_database_back_to_any_moment(primary, other, place, home):
    """A mistake at noon: back to the moment before it, and what was published since comes from the folder."""
    archiving(primary, place / "archive")
    city = founded(f"{primary.address} dbname={DATABASE}", home)
    matters = Matters(city)
    before = matters.tip()
    primary.run("pg_basebackup", "-D", other.data, "-d", primary.address, "-c", "fast")
    primary.run("pg_verifybackup", other.data)
    meanwhile = matters.verified_tip()
    primary.ask("SELECT pg_create_restore_point('before the mistake')")
    after = matters.problem()
    size = publish(home, city.ledger)
    closed(city)
    died_with_all_archived(primary)

    back_to(other, place / "archive", "before the mistake")

    with closing(Database(f"{other.address} dbname={DATABASE}", size=4)) as database:
        ledger = ledger_on(database, SystemClock(), home.path)
        assert (ledger.exists(before), ledger.exists(meanwhile), ledger.exists(after)) == (True, True, False)
        assert ledger.vault.tips.words(meanwhile).text == TOLD
        assert any(f"{size} entries were published" in fault for fault in Fsck(home, ledger).run().faults)
        done = restore(home, ledger)
        assert (done.published, done.lost, ledger.exists(after)) == (size, [], True)
        assert Fsck(home, ledger).run().faults == []
        ledger.close()


def standby_of(primary: OwnServer, standby: OwnServer) -> None:
    """As docs/operations.md says; from then on nothing is acknowledged that the standby has not on its disk."""
    primary.configure(wal_level="replica", synchronous_commit="on", hot_standby="on")
    primary.start()
    primary.ask(f"CREATE DATABASE {DATABASE}")
    address = f"{primary.address} application_name=standby"
    primary.run("pg_basebackup", "-D", standby.data, "-d", address, "-R", "-C", "-S", "standby", "-c", "fast")
    standby.start()
    primary.ask("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)'")
    primary.ask("SELECT pg_reload_conf()")
    primary.until("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")


class Writers:
    """They go on until they are told to end; what was acknowledged is remembered with its hash."""

    def __init__(self, city: City) -> None:
        self.city, self.acknowledged, self.ended = city, dict[int, str](), False
        self._desk = city.desk
        self.threads = [Thread(target=self._work) for _ in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        while not self.ended:
            command = RegisterTip(
                id=uuid4(), actor=self._desk, channel="12345", received_on=self.city.ledger.today, text=TOLD
            )
            try:
                receipt = self.city.ledger.handle(command)
            except Unavailable:
                continue
            self.acknowledged[receipt.position] = receipt.leaf_hash

    def until(self, count: int) -> None:
        while len(self.acknowledged) < count:
            self.threads[0].join(0.01)

    def stop(self) -> None:
        self.ended = True
        for thread in self.threads:
            thread.join()


def test_e3_a_standby_that_takes_over_has_every_act_that_was_acknowledged(primary, other, home):
    """Eight writers at work, the primary dies without a word, the standby is promoted, and the same service goes on with it."""
    standby_of(primary, other)
    both = f"host={primary.folder},{other.folder} port=5432,5432 user=postgres dbname={DATABASE}"
    city = founded(f"{both} target_session_attrs=read-write", home)
    writers = Writers(city)
    writers.until(ACTS)
    publish(home, city.ledger)

    primary.kill()
    at_death = dict(writers.acknowledged)
    other.ask("SELECT pg_promote()")
    writers.until(len(at_death) + ACTS)
    writers.stop()

    head = LogReader(city.ledger).head().size
    assert {position: city.ledger.table.leaf(position)[0].hex() for position in at_death} == at_death
    assert {
        position: city.ledger.table.leaf(position)[0].hex() for position in writers.acknowledged
    } == writers.acknowledged
    assert other.ask("SELECT count(*), max(position) FROM log.event", DATABASE) == [(head, head)]
    assert publish(home, city.ledger) == head
    assert Fsck(home, city.ledger).run().faults == []
    closed(city)


def test_without_its_standby_nothing_is_acknowledged(primary, other, home):
    """Whoever wants to go on without one says so: synchronous_standby_names = ''."""
    standby_of(primary, other)
    city = founded(f"{primary.address} dbname={DATABASE}", home)
    assert city.desk.role == "city_desk"  # enrolled while there is one
    other.kill()
    writers = Writers(city)
    primary.until("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    before = dict(writers.acknowledged)
    primary.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
    primary.ask("SELECT pg_reload_conf()")
    writers.until(1)
    writers.stop()

    assert before == {}
    assert publish(home, city.ledger) == LogReader(city.ledger).head().size
    assert Fsck(home, city.ledger).run().faults == []
    closed(city)
