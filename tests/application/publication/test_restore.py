"""What somebody took out of the database by hand stands in the published folder, and comes back from there."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from application.audit.fsck import Fsck
from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.publication.restore import restore
from application.verifier.formats.tiles import ENTRIES, path_of

OLDER = """
DELETE FROM log.event WHERE position > 40;
DELETE FROM log.command WHERE last > 40;
UPDATE log.head SET size = 40, edge = decode(repeat('00', 64), 'hex'), recorded_at = '2020-01-01Z'"""


@pytest.fixture
def city(keyed, city):
    return city


@pytest.fixture
def home(keyed, ledger, matters) -> Home:
    """An instance whose log was published, with a tip in it."""
    matters.verified_tip()
    Publisher(keyed, LogKeys.load(keyed.keys), LogReader(ledger)).publish()
    return keyed


@pytest.fixture
def by_hand(dsn):
    """SQL as the owner of the database, with the triggers out of the way."""

    def execute(statement: str) -> None:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement)
            connection.commit()

    return execute


@pytest.fixture
def stored(ledger):
    return lambda: [event.leaf_hash for event in ledger.read(after=0, limit=10_000)]


def faults(home, ledger):
    return Fsck(home, ledger).run().faults


def test_a_dropped_event_comes_back(home, ledger, by_hand, stored):
    before = stored()
    by_hand("DELETE FROM log.event WHERE position = 40")
    assert any("position 4" in fault for fault in faults(home, ledger))

    done = restore(home, ledger)

    assert (done.inserted, done.lost, stored()) == ([40], [], before)
    assert faults(home, ledger) == []


def test_an_older_database_is_brought_up_to_what_was_published(home, ledger, by_hand, stored):
    """As after a restored backup: events, their commands and the head are behind the published checkpoint."""
    before, size = stored(), LogReader(ledger).head().size
    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT encode(edge, 'hex') FROM log.head")
        [head] = cursor.fetchone()
    by_hand(OLDER)

    done = restore(home, ledger)

    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT size, encode(edge, 'hex') FROM log.head")
        assert cursor.fetchone() == (size, head)
    assert (done.inserted, stored()) == (list(range(41, size + 1)), before)
    assert faults(home, ledger) == []


def test_the_log_goes_on_after_a_restore(home, ledger, matters, by_hand):
    by_hand(OLDER)
    size = restore(home, ledger).published

    tip = matters.tip()

    assert LogReader(ledger).head().size == size + 1
    assert ledger.exists(tip)
    assert faults(home, ledger) == []


def test_what_was_never_published_is_named_as_lost(home, ledger, matters, by_hand):
    matters.tip()
    size = LogReader(ledger).head().size
    by_hand(f"DELETE FROM log.event WHERE position IN (40, {size})")

    done = restore(home, ledger)

    assert (done.inserted, done.lost) == ([40], [size])


def test_a_row_with_another_entry_is_evidence(home, ledger, by_hand, stored):
    """Nothing is overwritten, and nothing else is inserted either."""
    by_hand("DELETE FROM log.event WHERE position = 41; UPDATE log.event SET entry = 'other' WHERE position = 40")

    with pytest.raises(OperatorError, match=r"1 rows hold other entries .*position 40"):
        restore(home, ledger)

    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM log.event WHERE position = 41")
        assert cursor.fetchone() == (0,)


def test_a_damaged_folder_restores_nothing(home, ledger, by_hand):
    by_hand("DELETE FROM log.event WHERE position = 40")
    bundle = next((home.trail / f"{path_of(ENTRIES, 0)}.p").iterdir())
    bundle.write_bytes(bundle.read_bytes().replace(b'"payload":"ey', b'"payload":"eY', 1))

    with pytest.raises(OperatorError, match="itself no good"):
        restore(home, ledger)


def test_a1_a_folder_that_looks_like_a_pack_restores_nothing(home, ledger, by_hand):
    """Its list says to read somewhere else than we do."""
    by_hand("DELETE FROM log.event WHERE position = 5")
    (home.trail / "manifest.json").write_text("{}")

    with pytest.raises(OperatorError, match="evidence pack"):
        restore(home, ledger)
