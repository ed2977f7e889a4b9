"""A database that is older than what was published, or another one, is neither served nor written to (faults.md E2)."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from uuid import uuid4

import pytest

from application.log.head_guard import HeadGuard, RolledBack
from application.log.log_keys import LogKeys
from application.log.log_rows import LogRows
from application.platform.failures import OperatorError
from application.publication.log_source import LogReader
from application.publication.published_log import Published
from application.publication.publisher import Publisher
from application.publication.rollback import PublishedSize, proved_head
from application.registers.registers import RegisterCompany
from application.verifier.formats.merkle import Edge, leaf_hash
from tests.cities import ORIGIN


@pytest.fixture
def home(keyed, city):
    """Published once; the log has grown by a few entries since."""
    publish(keyed, city)
    city.company(1)
    return keyed


def publish(home, city) -> None:
    Publisher(home, LogKeys.load(home.keys), LogReader(city.ledger)).publish()


def published(home) -> Published:
    return Published(home, ORIGIN, LogKeys.load(home.keys).vkeys)


def proved(home, owner) -> Edge:
    return proved_head(home, published(home), LogRows(owner))


def snapshot(owner) -> dict[str, list]:
    """What a copy of the database from this moment would hold of the log."""
    with owner.cursor() as cursor:
        cursor.execute("SELECT size, edge, recorded_at FROM log.head")
        return {"head": cursor.fetchall()}


def put_back(owner, kept) -> None:
    """The database as it was then: rows behind that head are gone."""
    [(size, edge, recorded_at)] = kept["head"]
    with owner.transaction() as cursor:
        for table in ("event", "command"):
            cursor.execute(f"ALTER TABLE log.{table} DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM log.event WHERE position > %s", (size,))
        cursor.execute("DELETE FROM log.command WHERE last > %s", (size,))
        cursor.execute("UPDATE log.head SET size = %s, edge = %s, recorded_at = %s", (size, edge, recorded_at))


def company(city, number: int) -> None:
    city.ledger.handle(RegisterCompany(id=uuid4(), actor=city.desk, code=code(number), name="演练物业"))


def code(number: int) -> str:
    from domain.companies.company import check_character

    stem = f"91320581MA2X{number:05}"
    return stem + check_character(stem)


def test_e2_a_database_that_goes_on_from_what_was_published_is_proved(home, city, owner):
    assert proved(home, owner) == LogRows(owner).head()


def test_e2_an_older_database_is_not_served(home, city, owner):
    before = snapshot(owner)
    company(city, 1)
    publish(home, city)
    put_back(owner, before)

    with pytest.raises(OperatorError, match=r"older copy, or another one.*`xiaohao restore`"):
        proved(home, owner)


@pytest.mark.parametrize("more", [0, 3], ids=["as large", "larger"])
def test_e2_a_forked_database_is_not_served(home, city, owner, more):
    before = snapshot(owner)
    company(city, 1)
    publish(home, city)
    put_back(owner, before)
    city.ledger.table.writer.guard = HeadGuard()  # as a program without this check would go on
    for number in range(2, 3 + more):
        company(city, number)

    with pytest.raises(OperatorError, match="the same positions hold other entries"):
        proved(home, owner)


def test_e2_a_fork_behind_the_published_head_with_tiles_lost_is_found_too(home, city, owner):
    before = snapshot(owner)
    company(city, 1)
    publish(home, city)
    put_back(owner, before)
    city.ledger.table.writer.guard = HeadGuard()
    company(city, 2)
    shutil.rmtree(home.trail / "tile")

    with pytest.raises(OperatorError, match="the same positions hold other entries"):
        proved(home, owner)


def test_e2_a_row_behind_the_published_head_that_is_not_what_the_head_says_is_found(home, city, owner):
    with owner.transaction() as cursor:
        cursor.execute("ALTER TABLE log.event DISABLE TRIGGER ALL")
        cursor.execute(
            "UPDATE log.event SET leaf_hash = sha256('x') WHERE position = (SELECT max(position) FROM log.event)"
        )

    with pytest.raises(OperatorError, match="not the one whose"):
        proved(home, owner)


@pytest.mark.parametrize("lost", ["tile", "checkpoints", "checkpoint"])
def test_e2_a_folder_that_lost_something_still_binds(home, city, owner, lost):
    path = home.trail / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    assert proved(home, owner) == LogRows(owner).head()


@pytest.mark.parametrize("store", ["kept", "lost"])
def test_e2_the_folder_binds_without_the_publishers_store_and_the_store_without_the_folder(home, city, owner, store):
    before = snapshot(owner)
    company(city, 1)
    publish(home, city)
    put_back(owner, before)
    if store == "kept":
        shutil.rmtree(home.trail)
        home.create()
    else:
        shutil.rmtree(home.publisher)

    with pytest.raises(OperatorError, match="older copy"):
        proved(home, owner)


def damaged_head(home, **members) -> None:
    path = home.publisher / "head"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


HEADS = {
    "emptied": lambda home: (home.publisher / "head").write_bytes(b""),
    "another log's": lambda home: damaged_head(home, origin="other.test/log"),
    "negative": lambda home: damaged_head(home, size=-1),
    "a word": lambda home: damaged_head(home, size="9"),
    "true": lambda home: damaged_head(home, size=True),
    "short root": lambda home: damaged_head(home, root=b64encode(bytes(31)).decode()),
    "another root": lambda home: damaged_head(home, root=b64encode(bytes(32)).decode()),
    "smaller": lambda home: damaged_head(home, size=3),
    "a list": lambda home: (home.publisher / "head").write_text("[]"),
}


@pytest.mark.parametrize("damage", HEADS)
def test_e2_a_damaged_publishers_head_is_named(home, city, owner, damage):
    HEADS[damage](home)

    with pytest.raises(OperatorError, match=r"couldn't use .*publisher/head.*move"):
        proved(home, owner)

    (home.publisher / "head").unlink()
    assert proved(home, owner) == LogRows(owner).head()
    publish(home, city)


def test_e2_the_writer_refuses_an_older_database_under_a_running_service(home, city, owner):
    before = snapshot(owner)
    company(city, 1)
    put_back(owner, before)

    with pytest.raises(RolledBack, match="xiaohao restore"):
        company(city, 2)
    assert snapshot(owner) == before


def test_e2_the_writer_refuses_a_database_that_has_grown_otherwise(home, city, owner):
    company(city, 1)
    with owner.transaction() as cursor:
        cursor.execute("SELECT size, edge FROM log.head")
        size, edge = cursor.fetchone()
        other = Edge.from_bytes(size, bytes(edge)).grown(leaf_hash(b"of another copy"))
        cursor.execute("UPDATE log.head SET size = %s, edge = %s", (other.size, other.to_bytes()))

    with pytest.raises(RolledBack):
        company(city, 2)


def test_e2_the_writer_refuses_while_the_head_is_smaller_than_what_was_published(home, city, owner):
    size = LogRows(owner).head().size
    city.ledger.table.writer.guard = HeadGuard(None, PublishedSize(published(home)))
    company(city, 1)
    damaged_head(home, size=size + 100)

    with pytest.raises(RolledBack):
        company(city, 2)


def test_e2_two_writers_that_take_turns_are_both_admitted(home, city, owner, database, clock):
    from tests.cities import ledger_on

    other = ledger_on(database, clock, home.path)
    other.table.writer.guard = HeadGuard(proved(home, owner), PublishedSize(published(home)))
    try:
        for number in range(1, 7, 2):
            company(city, number)
            other.handle(RegisterCompany(id=uuid4(), actor=city.desk, code=code(number + 1), name="演练物业"))
    finally:
        other.close()

    assert proved(home, owner) == LogRows(owner).head()


def test_e2_a_guard_that_the_start_found_wrong_admits_nothing():
    guard = HeadGuard(refuses=True)

    with pytest.raises(RolledBack):
        guard.admit(Edge(), lambda first, stop: [])


def test_e2_what_was_published_is_remembered_though_its_file_is_lost(home, city):
    size = PublishedSize(published(home))
    known = size()
    os.unlink(home.publisher / "head")

    assert (size(), known > 0) == (known, True)
