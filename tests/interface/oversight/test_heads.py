"""Heads and who cosigned them, as the published folder tells."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from application.platform.home import Home
from application.verifier.formats.note import COSIGNATURE, ED25519, Note, NoteKey
from application.verifier.single_entry import verify_one
from interface.oversight import heads
from interface.oversight.published import Published
from tests.interface.oversight.conftest import STRANGER, TIME, WITNESS, cosign, know
from tests.interface.web.conftest import Browser


def test_a_witness_of_the_policy_is_known_and_a_stranger_is_not(home: Home, publish):
    cosign(home, WITNESS, STRANGER)
    know(home, WITNESS)

    [head] = heads.latest(home, 5)

    at = datetime.fromtimestamp(TIME, UTC)
    assert set(head.witnesses) == {("witness.test/commission", at, True), ("witness.test/stranger", at, False)}
    newest = heads.newest(home)
    assert newest is not None
    assert newest.witnesses == head.witnesses


def test_a_line_that_its_key_did_not_make_is_not_believed(home: Home, publish):
    cosign(home, NoteKey(WITNESS.name, COSIGNATURE, bytes(32)))
    know(home, WITNESS)
    assert [one.known for one in heads.latest(home, 5)[0].witnesses] == [False]

    note = Note.parse((home.trail / "checkpoint").read_bytes())
    line = WITNESS.sign(note.text, TIME)
    forged = type(line)(line.name, line.key_id, line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    path = home.trail / "checkpoints" / note.text.split("\n")[1]
    path.write_bytes(Note(note.text, (*note.lines, forged)).to_bytes())

    assert [one.known for one in heads.latest(home, 5)[0].witnesses] == [False]


def test_a_line_that_says_any_time_is_shown(home: Home, publish):
    cosign(home, STRANGER, time=2**63 - 1)

    assert heads.latest(home, 5)[0].witnesses[0].at.year == 9999


def test_without_policy_or_folder_there_is_nobody(home: Home, tmp_path):
    assert heads.witnesses(home) == []
    assert heads.latest(Home(tmp_path / "none"), 5) == []
    assert heads.newest(Home(tmp_path / "none")) is None
    know(home, NoteKey("log", ED25519, bytes(32)))  # a key of a kind that can't be a witness's
    assert heads.witnesses(home) == []
    (home.path / "policy").write_text("witness broken\nwitness broken key\n")
    assert heads.witnesses(home) == []


def test_the_start_page_shows_who_witnessed_and_when(browser: Browser, home: Home):
    cosign(home, WITNESS)
    know(home, WITNESS)

    page = browser.get("/").text

    assert "commission" in page
    assert "最近见证 2026-03-02 12:00" in page


def test_a_witness_that_has_been_silent_for_too_long_is_named(browser: Browser, home: Home):
    know(home, WITNESS)
    assert "请催其核验并见证" not in browser.get("/").text
    os.utime(home.policy, (TIME, TIME))

    assert f"见证人 {WITNESS.name} 还没有签过名" in browser.get("/").text


def test_a_proof_carries_the_cosignatures(home: Home, publish):
    size = publish()
    cosign(home, WITNESS)

    published = Published(home)
    entry = published.entry(size)

    assert entry is not None
    assert verify_one(published.proof(size), entry, [*heads.vkeys(home), WITNESS.vkey]).ok
    assert WITNESS.name.encode() in published.proof(size)
