"""What lies beside the log can't be altered unseen: for each way to do it by SQL or in a file, fsck names it."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from uuid import UUID

import psycopg2
import pytest
from psycopg2.extras import execute_values

from application.audit.fsck import Fsck, payload_of
from application.audit.log_key_check import NamedKeys
from application.audit.vault_check import VaultCheck
from application.log.log_keys import KeyFiles, LogKeys
from application.officials.keys import hand_over
from application.platform.home import Home
from application.problems.evidence import Upload
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.tips.public_tips import _command, add
from application.vault.crypto import Secrets
from application.vault.public_tips import PublicBox
from application.vault.signing_keys import KeyRing
from application.vault.vault import Vault
from application.verifier.formats.note import COSIGNATURE, ED25519, Note, NoteKey
from domain.values import CITY
from tests.application.officials.test_second_factors import enrol


@pytest.fixture(autouse=True)
def home(keyed) -> Home:
    """Before the log, whose first entry names its keys."""
    return keyed


@pytest.fixture
def publish(home, ledger):
    return Publisher(home, LogKeys.load(home.keys), LogReader(ledger)).publish


@pytest.fixture
def fsck(home, ledger):
    """What it finds, in English whatever found it."""

    def run() -> list[str]:
        faults = Fsck(home, ledger).run().faults
        assert all(re.search("[\u4e00-\u9fff]", fault) is None for fault in faults), faults
        return faults

    return run


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
            (
                "UPDATE log.event SET entry = (SELECT entry FROM log.event WHERE position = 3) WHERE position = 4",
                "position 4: its number should be 3, it is 2 [EVENT_ORDER]; what follows is not examined",
            ),
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

    def test_a_checkpoint_that_was_cut_is_named(self, fsck, home):
        (home.trail / "checkpoint").write_bytes(b"cut")

        assert any("checkpoint: the checkpoint was damaged or altered" in fault for fault in fsck())

    def test_a_key_that_is_missing_from_the_directory_is_named(self, fsck, home):
        (home.trail / "keys.json").write_text("{}")

        assert any("keys.json says of the key" in fault for fault in fsck())

    @pytest.mark.parametrize("name", ["checkpoints/1", "keys.json", "log.vkey"])
    def test_a9_a_pipe_in_the_folder_is_told_and_not_waited_for(self, fsck, home, name):
        (home.trail / name).unlink(missing_ok=True)
        os.mkfifo(home.trail / name)
        assert any(f"no plain file: {name}" in fault for fault in fsck())

    @pytest.mark.parametrize("said", ["[" * 100_000, '{"ed25519:x": 5}', '{"ed25519:x": null}', "[]", ""])
    def test_a9_a_list_of_keys_that_is_none_is_told(self, fsck, home, said):
        (home.trail / "keys.json").write_text(said)
        assert any(fault.startswith("keys.json") for fault in fsck())

    def test_a9_what_lies_in_the_folder_and_is_no_part_of_a_log_is_named(self, fsck, home):
        (home.trail / "verdict.pdf").write_bytes(b"%PDF")
        assert [fault.partition(";")[0] for fault in fsck()] == ["verdict.pdf is no part of a log"]

    def test_a9_an_older_copy_of_a_tile_or_bundle_is_compared(self, fsck, home):
        for row in ("0", "entries"):
            copy = home.trail / f"tile/{row}/000.p/1"
            copy.write_bytes(b"x" * 32)
            assert any(f"tile/{row}/000.p/1" in fault for fault in fsck()), row
            copy.unlink()
        assert fsck() == []

    def test_a1_a_folder_that_looks_like_a_pack_is_named(self, fsck, home):
        (home.trail / "manifest.json").write_text("{}")
        assert any("list of an evidence pack" in fault for fault in fsck())

    def test_keys_enrolled_after_publishing_are_not_asked_for(self, fsck, city):
        city.actor("auditor")

        assert fsck() == []

    def test_another_master_key_opens_nothing(self, home, ledger, database, tmp_path):
        other = Secrets(bytes(32))
        ledger.keys, ledger.vault = KeyRing(database, other, guarded=False), Vault(database, other, tmp_path)

        faults = Fsck(home, ledger).run().faults

        assert any("the signing key of service can't be opened with this master key" in fault for fault in faults)


class TestKeysOfTheLog:
    """What signs checkpoints here is what the log itself names."""

    @pytest.fixture
    def hand_over(self, city, home):
        return lambda: hand_over(city.ledger, home.keys, ED25519, city.actor("key_admin", CITY))

    def test_a_key_that_took_over_is_named_by_the_log(self, hand_over, publish, home, fsck):
        publish()
        hand_over()
        assert fsck() == []

        Publisher(home, LogKeys.load(home.keys), publish.__self__.source).publish()
        assert fsck() == []

    def test_a_key_of_somebody_else_in_the_home_is_named(self, ledger, home, fsck):
        stranger = NoteKey(ledger.origin, ED25519, bytes(32))
        ours = KeyFiles(home.keys, ED25519).current
        (home.keys / "log.ed25519").write_text(stranger.to_text())

        assert fsck() == [
            f"the key {stranger.vkey.label} in {home.keys} is none that the log names",
            f"the log's key in force is {ours.vkey.label}, but {home.keys} signs with another: "
            "what it signs can't be verified with the log's key",
        ]

    def test_a_key_beside_those_in_force_that_the_log_never_had_is_named(self, ledger, home, fsck):
        stranger = NoteKey(ledger.origin, ED25519, bytes(32))
        (home.keys / f"log.ed25519.{stranger.vkey.key_id.hex()}").write_text(stranger.to_text())

        assert fsck() == [f"the key {stranger.vkey.label} in {home.keys} is none that the log names"]

    def test_an_old_key_that_was_put_back_is_named(self, hand_over, home, fsck):
        before = (home.keys / "log.ed25519").read_text()
        _, new = hand_over()
        (home.keys / "log.ed25519").write_text(before)

        assert [f"the log's key in force is {new.label}, but" in fault for fault in fsck()] == [True]

    def test_a_hand_over_that_was_cut_off_is_said_with_what_to_do(self, hand_over, home, fsck, monkeypatch):
        monkeypatch.setattr(KeyFiles, "take_over", lambda self: None)
        hand_over()

        assert ["`xiaohao keys rotate-log` brings the change to its end" in fault for fault in fsck()] == [True]

    def test_a_list_of_keys_that_was_altered_is_named(self, ledger, publish, home, fsck):
        publish()
        first, second = (home.trail / "log.vkey").read_text().splitlines()
        stranger = NoteKey(ledger.origin, ED25519, bytes(32)).vkey
        (home.trail / "log.vkey").write_text(f"{stranger}\n{second}\n")

        assert fsck() == [
            f"log.vkey holds a key that the log does not name: {str(stranger)[:80]}",
            f"log.vkey does not hold the key in force {first[:80]}; `xiaohao publish --once` writes it again",
        ]

    @pytest.mark.parametrize(
        ("entries", "said"),
        [
            ([{"type": "log.opened", "data": {"log_keys": ["key"]}}], "what the first entry names is no key of a log"),
            ([{"type": "log.opened", "data": {}}], "is none that the log names"),
            (
                [{"type": "log.opened", "data": {}}, {"type": "log.key_rotated", "data": {"old": "a", "new": "b"}}],
                "a key of the log was replaced without a valid signature of the old one [EVENT_KEY]",
            ),
        ],
    )
    def test_what_an_altered_entry_says_of_keys_is_named(self, ledger, home, entries, said):
        faults = []
        named = NamedKeys(ledger.origin, lambda sentence, position: faults.append((sentence, position)))
        named.take(enumerate(entries, 1))
        named.compare(home, 0)

        assert any(said in sentence for sentence, _ in faults), faults


@pytest.fixture
def added(ledger, matters, publish) -> UUID:
    """A tip to which material was added twice, in another order than it came."""
    tip = matters.tip()
    for form, text in (("first", "补充一"), ("second", "补充二")):
        add(ledger, form, tip, text)
    waiting = PublicBox(ledger.vault.database).waiting(ledger.clock.now())
    for one in reversed(waiting):
        ledger.handle(_command(one))
    publish()
    return tip


class TestAdded:
    """What a reporter handed in later is what its event committed to."""

    def test_whatever_the_order_it_is_clean(self, added, fsck):
        assert fsck() == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("DELETE FROM vault.tip_blob WHERE blob LIKE 'more-%'", "the vault lost what was added to this tip"),
            (
                "DELETE FROM vault.tip_blob WHERE blob = 'more-1'",
                "nothing that was added to this tip is what the event",
            ),
            (
                "UPDATE vault.tip_blob SET sealed = 'x' WHERE blob = 'more-2'",
                "what was added to this tip can't be opened",
            ),
        ],
    )
    def test_what_was_altered_is_named(self, added, fsck, alter, change, said):
        alter(change)
        assert [fault for fault in fsck() if said in fault]

    def test_another_addition_under_an_event_is_named(self, added, ledger, fsck, alter):
        """Sealed anew with the vault's own keys: only the commitment knows better."""
        alter("DELETE FROM vault.tip_blob WHERE blob = 'more-2'")
        _commits, blob = ledger.vault.tips.seal_more(added, 2, text="别的话")
        with ledger.vault.database.transaction() as cursor:
            execute_values(cursor, blob.statement, [blob.row])
        assert ["nothing that was added" in fault for fault in fsck()] == [True]


class TestDestroyed:
    """A tip that an event says was destroyed may be gone, all of it."""

    @pytest.fixture
    def found(self, ledger, matters, fsck, alter):
        def run(*statements: str) -> list[str]:
            tip = matters.tip()
            alter(*(statement.format(tip=tip) for statement in statements))
            faults, reader = [], LogReader(ledger)
            beside = VaultCheck(ledger, lambda sentence, _: faults.append(sentence))
            rows = [(row, payload_of(row.entry)) for row in reader.rows(0, reader.head().size)]
            gone = rows[-1][0]._replace(topic="tip.shredded", stream=str(tip))
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


class TestLinesOfOthers:
    """Under a checkpoint anybody may have written a line: readers pass over those whose key they don't have (E10)."""

    @pytest.fixture
    def checkpoint(self, told, home):
        return sorted((home.trail / "checkpoints").iterdir())[-1]

    @pytest.fixture
    def report(self, home, ledger):
        return lambda: Fsck(home, ledger).run()

    def test_e10_a_line_that_nobody_here_can_verify_is_told(self, checkpoint, report):
        note = Note.parse(checkpoint.read_bytes())
        stranger = NoteKey("stranger.example/w", COSIGNATURE, bytes(32))
        checkpoint.write_bytes(note.gained([stranger.sign(note.text, 1)]).to_bytes())

        found = report()

        assert (found.faults, len(found.warnings)) == ([], 1)
        assert str(checkpoint) in found.warnings[0]
        assert "stranger.example/w; name the witness in HOME/policy, or take the lines out" in found.warnings[0]

    def test_e10_a_line_in_the_name_of_a_witness_that_did_not_sign_it_is_a_fault(self, home, checkpoint, report):
        note = Note.parse(checkpoint.read_bytes())
        witness = NoteKey("w.example/1", COSIGNATURE, bytes(32))
        home.policy.write_text(f"witness w {witness.vkey}\nquorum w\n")
        checkpoint.write_bytes(note.gained([witness.sign(note.text, 1)]).to_bytes())
        assert (report().faults, report().warnings) == ([], [])
        checkpoint.write_bytes(note.gained([witness.sign(f"{note.text}x\n", 1)]).to_bytes())

        [fault] = report().faults

        assert "a line in the name of w.example/1 that it did not sign; take it out" in fault


class TestKeyDirectory:
    """keys.json is computed from the log: what it says counts, not how it is spelled; a name that stands twice is a trap."""

    def test_e10_spaces_and_lines_say_nothing(self, told, home, fsck):
        path = home.trail / "keys.json"
        path.write_text(path.read_text().replace(" ", "\n\t ") + "\n\n")

        assert fsck() == []

    def test_e10_a_key_that_stands_twice_is_named(self, told, home, fsck):
        path = home.trail / "keys.json"
        said = json.loads(path.read_text())
        id, key = next(iter(said.items()))
        path.write_text(path.read_text().replace("{", f'{{"{id}": {json.dumps(key | {"official": "other"})},', 1))

        [fault] = fsck()

        assert (
            "keys.json can't be read: a member's name stands twice; move it away, and `xiaohao publish --once`" in fault
        )

    @pytest.mark.parametrize("name", ["keys.json", "log.vkey"])
    def test_e10_what_was_moved_away_is_written_again_though_nothing_is_new(self, told, home, fsck, publish, name):
        kept = (home.trail / name).read_bytes()
        (home.trail / name).unlink()
        assert len(fsck()) > 0

        publish()

        assert ((home.trail / name).read_bytes(), fsck()) == (kept, [])
