"""The service's own verdict: as strong as the commission's with the same policy, and patient with witnesses."""

from __future__ import annotations

import shutil

import pytest

from application.audit.own_verdict import own_verdict
from application.platform.home import Home
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import Note
from application.verifier.formats.tiles import directory
from application.verifier.verify import VerifyOptions, verify
from tests.application.verifier.attacked import POLICY, SEEN, SIZE, World

NAMED = "".join(f"witness {each.name} {each.vkey} {each.url}\n" for each in POLICY.witnesses)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def home(world, tmp_path):
    home = Home(tmp_path)
    shutil.copytree(world.trail, home.trail)
    home.policy.write_text(f"{NAMED}group both all w0 w1\nquorum both\n")
    return home


@pytest.fixture
def ask(world):
    return VerifyOptions(world.keys.vkeys, genesis=leaf_hash(world.log.entries[0]).hex(), old=[world.old[SEEN]])


def strip(home, lines):
    """Witnesses' lines off the newest checkpoint, but for this many."""
    for name in ("checkpoint", f"checkpoints/{SIZE}"):
        note = Note.parse((home.trail / name).read_bytes())
        (home.trail / name).write_bytes(Note(note.text, note.lines[: 2 + lines]).to_bytes())


def test_it_is_as_strong_as_what_the_commission_finds(home, ask):
    fetch = directory(home.trail)
    found = own_verdict(home, fetch, ask)
    theirs = verify(fetch, VerifyOptions(ask.vkeys, genesis=ask.genesis, old=ask.old, policy=POLICY))
    assert (found, found.strength, found.witnessed) == (theirs, "强", SIZE)


def test_a_checkpoint_that_waits_for_a_witness_is_not_blamed(home, ask):
    strip(home, 1)
    found = own_verdict(home, directory(home.trail), ask)
    assert (found.fault, found.strength, found.witnessed) == (None, "中", SEEN)
    assert found.unchecked == ("最新的检查点见证还不足",)
    assert "见证人看到的是同一份日志" not in "".join(found.lines("zh"))


def test_without_a_policy_nobody_is_asked(home, ask):
    for content in (None, "nonsense\n"):
        home.policy.unlink() if content is None else home.policy.write_text(content)
        found = own_verdict(home, directory(home.trail), ask)
        assert (found.ok, found.strength, found.witnessed) == (True, "中", 0)
        assert "未核对见证人签名" in found.unchecked


def test_what_is_wrong_is_wrong_all_the_same(home, ask):
    strip(home, 0)
    (home.trail / "tile/entries/001").unlink()
    assert own_verdict(home, directory(home.trail), ask).fault.code == "ENTRIES_MISSING"
