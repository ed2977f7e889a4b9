"""What lies beside the log can't be altered unseen: for each way to do it by SQL or in a file, fsck names it."""

from __future__ import annotations

import json
from contextlib import closing

import psycopg2
import pytest

from application.evidence import Upload
from application.store.home import Home
from application.store.reader import LogReader
from application.trail.beside import Beside
from application.trail.fsck import Fsck, payload_of
from application.trail.keys import KeyRing
from application.trail.logkeys import LogKeys
from application.trail.publish import Publisher
from application.vault.crypto import Secrets
from application.vault.vault import Vault
from tests.application.test_second_factors import enrol


@pytest.fixture
def home(ledger, tmp_path) -> Home:
    home = Home(tmp_path)
    home.create()
    LogKeys.create(home.keys, ledger.origin)
    return home


@pytest.fixture
def publish(home, ledger):
    return Publisher(home, LogKeys.load(home.keys), LogReader(ledger)).publish


@pytest.fixture
def fsck(home, ledger):
    return lambda: Fsck(home, ledger).run().faults


@pytest.fixture
def alter(dsn):
    """As somebody who owns the database."""

    def run(*statements: str) -> None:
        with closing(psycopg2.connect(dsn)) as owner, owner, owner.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no trigger fires
            for statement in statements:
                cursor.execute(statement)

    return run


@pytest.fixture
def told(matters, publish):
    """A published log with tips, one of them verified with a photo."""
    matters.verified_tip("true", evidence=(Upload("image/jpeg", b"a photo"),))
    publish()


@pytest.mark.usefixtures("told")
class TestAltered:
    def test_what_nobody_touched_is_clean(self, fsck):
        assert fsck() == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("DELETE FROM vault.tip_blob", "the vault lost the text and reporter of this tip, and no event says"),
            ("DELETE FROM vault.tip_blob WHERE blob = 'reporter'", "the vault lost the reporter of this tip"),
            (
                "UPDATE vault.tip_blob SET sealed = 'x' WHERE blob = 'reporter'",
                "the vault's reporter of this tip can't",
            ),
            ("UPDATE vault.file SET bytes = 'another'", "is missing or not what the event says"),
            ("UPDATE vault.file SET media_type = 'text/html'", "is missing or not what the event says"),
            ("DELETE FROM vault.file", "is missing or not what the event says"),
            ("DELETE FROM vault.person", "the vault has no such person"),
            ("DELETE FROM vault.signing_key WHERE owner = 'service'", "the vault has no signing key of service"),
            ("UPDATE vault.signing_key SET sealed = sealed || 'x'", "can't be opened with this master key"),
            ("UPDATE log.head SET recorded_at = '2020-01-01Z'", "the head says another time than the last entry"),
            ("UPDATE log.command SET actor = 'somebody else'", "is not by the actor of its entries"),
        ],
    )
    def test_a_row_that_was_altered_is_named(self, fsck, alter, change, said):
        alter(change)

        faults = fsck()

        assert [fault for fault in faults if said in fault], faults

    def test_two_persons_that_were_swapped_are_named(self, fsck, alter):
        alter(
            """UPDATE vault.person p SET sealed = other.sealed FROM vault.person other
               WHERE other.id = (SELECT min(id::text)::uuid FROM vault.person WHERE id <> p.id)"""
        )

        assert any("the vault's name of this person can't be opened" in fault for fault in fsck())

    @pytest.mark.parametrize("member", ["owner", "pub", "until_index"])
    def test_a_key_directory_that_was_altered_is_named(self, fsck, home, member):
        keys = json.loads((home.trail / "keys.json").read_text())
        id = min(keys)
        keys[id][member] = 1
        (home.trail / "keys.json").write_text(json.dumps(keys))

        assert fsck() == [f"keys.json says of the key {id} what the log does not"]

    def test_a_key_that_is_missing_from_the_directory_is_named(self, fsck, home):
        (home.trail / "keys.json").write_text("{}")

        assert any("keys.json says of the key" in fault for fault in fsck())

    def test_keys_enrolled_after_publishing_are_not_asked_for(self, fsck, city):
        city.actor("auditor")

        assert fsck() == []

    def test_another_master_key_opens_nothing(self, home, ledger, database, tmp_path):
        other = Secrets(bytes(32))
        ledger.keys, ledger.vault = KeyRing(database, other, guarded=False), Vault(database, other, tmp_path)

        faults = Fsck(home, ledger).run().faults

        assert any("the signing key of service can't be opened with this master key" in fault for fault in faults)


class TestDestroyed:
    """A tip that an event says was destroyed may be gone, all of it."""

    @pytest.fixture
    def found(self, ledger, matters, fsck, alter):
        def run(*statements: str) -> list[str]:
            tip = matters.tip()
            alter(*(statement.format(tip=tip) for statement in statements))
            faults, reader = [], LogReader(ledger)
            beside = Beside(ledger, lambda sentence, _: faults.append(sentence))
            rows = [(row, payload_of(row.entry)) for row in reader.rows(0, reader.head().size)]
            gone = rows[-1][0]._replace(topic="tip.shredded", stream=tip)
            beside.take([*rows, (gone, rows[-1][1])])
            beside.finish(len(rows))
            return faults

        return run

    def test_nothing_is_left(self, found):
        everything = [f"DELETE FROM vault.{table} WHERE tip = '{{tip}}'" for table in ("tip_blob", "tip_minhash")]

        assert found(*everything) == []

    def test_something_is_left(self, found):
        assert found("DELETE FROM vault.tip_blob WHERE tip = '{tip}' AND blob = 'text'") == [
            "this tip was destroyed, but the vault still holds something of it"
        ]


@pytest.mark.parametrize(
    ("statement", "where"),
    [("DELETE FROM vault.second_factor", "log"), ("UPDATE vault.second_factor SET official = %s", "vault")],
)
def test_a_second_factor_that_only_one_of_them_has_is_named(fsck, alter, city, clock, statement, where):
    handler = city.actor("town_handler")
    enrol(city, handler, clock)
    assert [fault for fault in fsck() if "second factor" in fault] == []

    other = city.desk.id
    alter(statement % f"'{other}'" if "%" in statement else statement)

    assert f"only the {where} has a second factor of {other if where == 'vault' else handler.id}" in str(fsck())
