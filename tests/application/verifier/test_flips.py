"""A change at any position of a checkpoint, a proof or an entry is refused."""

from __future__ import annotations

import pytest

from application.verifier.formats.note import Note
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Tiles, directory
from application.verifier.rules.entry_check import EntryCheck
from application.verifier.single_entry import verify_one
from application.verifier.verify import VerifyOptions, verify
from tests.application.verifier.attacked import AT, POLICY, SIZE, World
from tests.logs import ORIGIN


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


def flipped(data, place):
    """Another bit at each place, so that letters change their case and digits become controls too."""
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def lines_of(note):
    """Where each signature line begins and ends, in bytes."""
    at = len(note.text.encode()) + 1
    for line in note.lines:
        yield at, at + len(str(line).encode())
        at += len(str(line).encode())


def test_every_byte_of_a_checkpoint_counts_for_whoever_holds_the_key_of_its_line(world):
    """A line whose key one doesn't hold may say what it likes (signed-note); so each line is read with its own key alone."""
    raw = (world.trail / "checkpoint").read_bytes()
    note = Note.parse(raw)
    spans = list(lines_of(note))
    for number, vkey in enumerate(world.keys.vkeys):
        for place in [*range(spans[0][0]), *range(*spans[number])]:
            assert read(flipped(raw, place), VerifyOptions([vkey])) == "CHECKPOINT_SIGNATURE", place
    for begin, end in spans[2:]:
        for place in range(begin, end):
            code = read(flipped(raw, place), VerifyOptions(world.keys.vkeys, policy=POLICY, signatures=False))
            assert code in ("CHECKPOINT_SIGNATURE", "WITNESS_QUORUM"), place


def read(raw, ask):
    """What is said of this checkpoint; the log itself is not there."""
    verdict = verify(lambda path: raw if path == "checkpoint" else None, ask)
    codes = [fault.code for fault in (verdict.fault, *verdict.further)]
    return next(code for code in [*codes, None] if code != "ENTRIES_MISSING")


def test_every_byte_of_a_proof_counts(world):
    note = Note.parse((world.trail / "checkpoint").read_bytes())
    proof = prove(AT, note, Tiles(directory(world.trail), SIZE)).to_bytes()
    start, spans = len(proof) - len(note.to_bytes()), list(lines_of(note))
    for number, vkey in enumerate(world.keys.vkeys):
        for place in [*range(start + spans[0][0]), *range(start + spans[number][0], start + spans[number][1])]:
            assert not verify_one(flipped(proof, place), world.log.entries[AT], [vkey]).ok, place
    for begin, end in spans[2:]:
        for place in range(start + begin, start + end):
            assert not verify_one(flipped(proof, place), world.log.entries[AT], world.keys.vkeys, POLICY).ok, place


def test_every_byte_of_an_entry_counts_for_its_proof_and_for_whoever_reads_the_log(world):
    """The second holds even where the whole tree was made anew with the log's own key."""
    note = Note.parse((world.trail / "checkpoint").read_bytes())
    proof, before = prove(9, note, Tiles(directory(world.trail), SIZE)).to_bytes(), world.log.entries[:9]
    entry = world.log.entries[9]
    assert verify_one(proof, entry, world.keys.vkeys[:1]).ok
    for place in range(len(entry)):
        other = flipped(entry, place)
        assert verify_one(proof, other, world.keys.vkeys[:1]).fault.code == "PROOF", place
        examiner = EntryCheck(ORIGIN)
        fault = examiner.batch([*before, other])
        assert fault is not None, place
        assert (fault.index, fault.code[:6]) == (9, "EVENT_"), (place, fault)
