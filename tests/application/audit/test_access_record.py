"""The hourly seal over who read what: nothing left out, nothing twice, nothing altered unseen."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from application.audit.access_record import JOB, SealAccess, newest, readings, seal_readings, tree_over
from application.audit.fsck import Fsck
from application.verifier.formats.merkle import Edge, leaf_hash
from domain.base import public_id


@pytest.fixture
def read(database, city):
    """Somebody opens the words of a tip, some minutes ago."""

    def read(minutes: int = 5, why: str = "verify") -> None:
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO vault.access (at, actor, unit, what, why)"
                " VALUES (clock_timestamp() - make_interval(mins => %s), 'official', '320581003', 'tip/1/text', %s)",
                (minutes, why),
            )

    return read


def seals(ledger):
    return [event.data for event in ledger.read(after=0, limit=1000) if event.topic == "access.sealed"]


def test_what_was_read_is_sealed_by_the_service(ledger, read):
    read()
    read()

    seal_readings(ledger)

    *_, last = ledger.read(after=0, limit=1000)
    assert (last.topic, last.actor, last.role) == ("access.sealed", "system:seal_access", "system")
    assert {name: last.data[name] for name in ("from", "to", "count")} == {"from": 1, "to": 2, "count": 2}


def test_the_root_is_that_of_the_rows_in_their_order(ledger, database, read):
    read()
    read(why="answer")
    seal_readings(ledger)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM vault.access ORDER BY id"
        )
        moments = [at for (at,) in cursor.fetchall()]

    leaves = [
        f'{{"actor":"official","at":"{at}","id":{id},"unit":"320581003","what":"tip/1/text","why":"{why}"}}'
        for id, (at, why) in enumerate(zip(moments, ("verify", "answer"), strict=True), 1)
    ]
    edge = Edge().grown(leaf_hash(leaves[0].encode())).grown(leaf_hash(leaves[1].encode()))
    assert seals(ledger)[0]["root"] == edge.root.hex()


def test_nothing_new_is_not_sealed(ledger, read):
    assert seal_readings(ledger) is None
    read()
    seal_readings(ledger)

    assert seal_readings(ledger) is None
    assert len(seals(ledger)) == 1


def test_the_next_seal_goes_on_where_the_last_one_ended(ledger, database, read):
    read()
    seal_readings(ledger)
    read()
    read()

    seal_readings(ledger)

    assert [(seal["from"], seal["to"]) for seal in seals(ledger)] == [(1, 1), (2, 3)]
    assert newest(database).last == 3


def test_a_row_that_may_still_have_a_forerunner_waits(ledger, read):
    read(minutes=5)
    read(minutes=0)
    read(minutes=5)

    seal_readings(ledger)

    assert [(seal["from"], seal["to"]) for seal in seals(ledger)] == [(1, 1)]


def test_two_processes_seal_once(ledger, database, read):
    read()
    first = seal_readings(ledger)
    id, root = public_id(ledger.origin, "access seal", "1"), tree_over(readings(database, 0)).root.hex()

    again = ledger.handle(SealAccess(id=id, actor=JOB, first=1, last=1, count=1, root=root))

    assert (again.position, len(seals(ledger))) == (first.position, 1)


@pytest.fixture(autouse=True)
def _keyed_first(keyed):
    """The log's first entry names the keys of the home."""


@pytest.fixture
def fsck(keyed, ledger):
    return lambda: Fsck(keyed, ledger).run().faults


def test_fsck_finds_the_readings_as_they_were_sealed(fsck, ledger, read):
    for _ in range(2):
        read()
        seal_readings(ledger)

    assert fsck() == []


@pytest.mark.parametrize(
    "change",
    ["UPDATE vault.access SET why = 'review' WHERE id = 2", "DELETE FROM vault.access WHERE id = 2"],
    ids=["altered", "deleted"],
)
def test_fsck_names_the_seal_whose_readings_were_touched(fsck, ledger, read, dsn, change):
    read()
    seal_readings(ledger)
    read()
    position = seal_readings(ledger).position
    with closing(psycopg2.connect(dsn)) as owner, owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE vault.access DISABLE TRIGGER append_only")
        cursor.execute(change)

    assert fsck() == [f"position {position}: the readings 2 to 2 are not those that were sealed"]
