"""One folder, one meaning: whatever lies in a published folder is a part of the log, is compared, is named, or is refused."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from application.publication.witness import Refused, Witness
from application.publication.witness_store import WitnessStore
from application.verifier.formats.entry import parse
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import ED25519, Note, NoteKey
from application.verifier.formats.tiles import ENTRIES, directory, join, path_of
from application.verifier.request import VerifyRequest, answer
from application.verifier.verify import VerifyOptions, verify
from tests.application.verifier.attacked import POLICY, SEEN, SIZE, World
from tests.logs import ORIGIN

LAST = SIZE // 256  # the number of the tile that is not full
WIDTH = SIZE % 256


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def trail(world, tmp_path):
    return shutil.copytree(world.trail, tmp_path / "trail")


def look(world, trail, **asked):
    return verify(directory(trail), VerifyOptions(world.keys.vkeys, **{"signatures": False} | asked))


def code(verdict):
    return verdict.fault.code if verdict.fault else "ok"


def strong(world):
    return {
        "signatures": True,
        "genesis": leaf_hash(world.log.entries[0]).hex(),
        "old": [world.old[SEEN]],
        "policy": POLICY,
    }


def altered(bundle):
    """With one byte of its last entry another one."""
    return bundle[:-9] + bytes([bundle[-9] ^ 1]) + bundle[-8:]


# A1: what looks like a log and like a pack


@pytest.mark.parametrize("name", ["manifest.json", "MANIFEST.json"])
def test_a1_a_log_with_the_list_of_a_pack_is_neither(world, trail, tmp_path, name):
    """Forged entries, a genuine copy under trail/, and a list: one reader takes the one, another the other."""
    shutil.copytree(trail, trail / "trail")
    (trail / path_of(ENTRIES, 0)).write_bytes(altered((trail / path_of(ENTRIES, 0)).read_bytes()))
    (trail / name).write_text(json.dumps({"log": ORIGIN, "size": SIZE, "files": {}}))
    witness = Witness([NoteKey("w.test/w", 4, bytes(32))], world.keys.vkeys, WitnessStore(tmp_path / "witness"))

    verdict = look(world, trail, **strong(world))

    assert (code(verdict), verdict.strength) == ("AMBIGUOUS", "弱")
    assert verdict.said("en").isascii()
    with pytest.raises(Refused, match="evidence pack"):
        witness.cosign(directory(trail))


def test_a1_what_is_no_part_of_a_log_is_named(world, trail):
    shutil.copytree(trail / "checkpoints", trail / "trail/checkpoints")
    (trail / "核验结论.pdf").write_bytes(b"%PDF")
    (trail / "x\x1b[2J").write_bytes(b"")
    verdict = look(world, trail, **strong(world))

    assert (code(verdict), verdict.strength) == ("ok", "强")
    [said] = verdict.unchecked
    assert "不属于日志的文件 4 个" in said
    assert "核验结论.pdf" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "name",
    ["checkpoints/0700", "checkpoints/x", "tile/0/0", "tile/00/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/64/000",
     "tile/0/x000/000", "tile/0/001.p/07", "tile/entries/000.p", "tile/data/000", "checkpoint.tmp"],
)  # fmt: skip
def test_a1_a_file_that_is_named_otherwise_than_a_tile_is_named_in_the_verdict(world, trail, name):
    (trail / name).parent.mkdir(exist_ok=True, parents=True)
    (trail / name).write_bytes(b"")

    assert name in "".join(look(world, trail).unchecked)


@pytest.mark.parametrize("what", ["link", "pipe", "linked folder"])
def test_a9_a_link_or_a_pipe_in_a_folder_is_refused(world, trail, what):
    if what == "pipe":
        os.mkfifo(trail / "tile/more")
    else:
        taken = trail / ("tile" if what == "linked folder" else path_of(ENTRIES, 0))
        taken.rename(trail.parent / "elsewhere")
        taken.symlink_to(trail.parent / "elsewhere")
    verdict = look(world, trail)

    assert code(verdict) == "FOLDER"
    assert "特殊文件" in verdict.sentence


def test_a9_names_that_differ_in_capitals_only_are_refused(world, trail):
    (trail / "Checkpoint").write_bytes(b"")
    verdict = look(world, trail)

    assert code(verdict) == "FOLDER"
    assert "only" in verdict.said("en")


# A9: exact lengths, and every copy


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("filled", ["one byte", "one hash", "as if full"])
def test_a9_bytes_behind_a_partial_tile_are_seen(world, trail, level, filled):
    path = trail / path_of(level, LAST if level == 0 else 0, WIDTH if level == 0 else LAST)
    hashes = path.read_bytes()
    more = {"one byte": 1, "one hash": 32, "as if full": 256 * 32 - len(hashes)}[filled]
    path.write_bytes(hashes + bytes(more))

    assert code(look(world, trail)) == "TILE_MISMATCH"


COPIES = {
    "older tile": (path_of(0, LAST, 7), lambda w: hashes_of(w, LAST, 7), b"\0", "TILE_MISMATCH"),
    "older tile of a full one": (path_of(0, 0, 200), lambda w: hashes_of(w, 0, 200), b"\0", "TILE_MISMATCH"),
    "older bundle": (path_of(ENTRIES, LAST, 7), lambda w: bundle_of(w, LAST, 7), b"\0", "ENTRIES_FORMAT"),
    "older bundle of a full one": (path_of(ENTRIES, 1, 9), lambda w: bundle_of(w, 1, 9), b"\0", "ENTRIES_FORMAT"),
}


def hashes_of(world, number, width):
    return b"".join(leaf_hash(each) for each in world.log.entries[number * 256 :][:width])


def bundle_of(world, number, width):
    return join(world.log.entries[number * 256 :][:width])


@pytest.mark.parametrize("which", COPIES)
def test_a9_older_copies_that_nobody_reads_are_compared(world, trail, which):
    name, content, more, due = COPIES[which]
    path, honest = trail / name, content(world)
    path.parent.mkdir(exist_ok=True)

    path.write_bytes(honest)
    assert look(world, trail).unchecked == look(world, world.trail).unchecked
    for forged in (altered(honest), honest[:-1], bytes(len(honest))):
        path.write_bytes(forged)
        assert code(look(world, trail)) in ("TILE_MISMATCH", "ENTRY_MISMATCH", "ENTRIES_FORMAT")
    path.write_bytes(honest + more)
    assert code(look(world, trail)) == due


def test_a9_a_tile_of_a_higher_level_has_copies_too(world, trail):
    honest = (trail / path_of(1, 0, LAST)).read_bytes()
    (trail / path_of(1, 0, 2)).write_bytes(honest[:64])
    assert code(look(world, trail)) == "ok"
    (trail / path_of(1, 0, 2)).write_bytes(honest[32:96])
    assert code(look(world, trail)) == "TILE_MISMATCH"


def test_a9_what_lies_behind_the_checkpoint_is_named_and_what_lies_before_is_compared(world, trail):
    """A full tile where the tree has a partial one: some reader takes it instead."""
    full = join([*world.log.entries[LAST * 256 :], *[b"{}"] * (256 - WIDTH)])
    (trail / path_of(ENTRIES, LAST)).write_bytes(full)
    verdict = look(world, trail)

    assert code(verdict) == "ok"
    assert path_of(ENTRIES, LAST) in "".join(verdict.unchecked)
    (trail / path_of(ENTRIES, LAST)).write_bytes(altered(bundle_of(world, LAST, WIDTH)) + join([b"{}"] * (256 - WIDTH)))
    assert code(look(world, trail)) == "ENTRY_MISMATCH"


def test_a9_a_tile_of_no_tree_is_named(world, trail):
    (trail / path_of(0, LAST + 1)).write_bytes(b"x")
    (trail / "tile/7").mkdir()
    (trail / path_of(7, 0)).write_bytes(b"x")

    assert "有 2 个文件含有检查点以外的内容" in "".join(look(world, trail).unchecked)


def test_a9_a_key_that_the_log_does_not_name_is_none_of_its_keys(world, trail):
    honest, stranger = (trail / "log.vkey").read_text(), NoteKey(ORIGIN, ED25519, bytes([9]) * 32)
    for forged in (f"{stranger.vkey}\n", f"{honest}{stranger.vkey}\n", "x\n"):
        (trail / "log.vkey").write_text(forged)
        assert code(look(world, trail, signatures=True)) == "GENESIS"
    assert "log.vkey" in "".join(look(world, trail).unchecked)


def test_a9_what_keys_json_says_of_later_is_named(world, trail):
    keys = json.loads((trail / "keys.json").read_bytes())
    (trail / "keys.json").write_text(json.dumps(keys | {"ed25519:new": {"from_index": SIZE + 1, "owner": "x"}}))

    assert "1 个密钥的起止在检查点以后" in "".join(look(world, trail, signatures=True).unchecked)


@pytest.mark.parametrize(("member", "other"), [("from_index", False), ("until_index", -1.0), ("from_index", "0")])
def test_a9_keys_json_says_numbers_as_numbers(world, trail, member, other):
    """To Python false is 0; to another reader of the same file it is nothing of the kind."""
    keys = json.loads((trail / "keys.json").read_bytes())
    first = next(key for key in keys.values() if key["from_index"] == 0)
    first[member] = other
    (trail / "keys.json").write_text(json.dumps(keys))

    assert code(look(world, trail, signatures=True)) == "EVENT_KEY"


def test_a1_a_folder_in_which_nothing_lies_is_named_too(world, trail):
    """Its name says something; those of a log that wait for their files don't."""
    (trail / "本目录已由市纪委监委核验通过").mkdir()
    (trail / "tile/0/009.p").mkdir()
    (trail / "tile/2").mkdir()
    [said] = look(world, trail, **strong(world)).unchecked
    assert "不属于日志的文件 1 个" in said
    assert "本目录已由市纪委监委核验通过/" in said


@pytest.mark.parametrize("name", ["manifest.json", "MANIFEST.json", "manifest.json/x"])
def test_a1_a_folder_called_like_the_list_of_a_pack_is_one_to_every_reader(world, trail, tmp_path, name):
    (trail / name).mkdir(parents=True)
    witness = Witness([NoteKey("w.test/w", 4, bytes(32))], world.keys.vkeys, WitnessStore(tmp_path / "witness"))

    assert code(look(world, trail)) == "AMBIGUOUS"
    assert code(answer(VerifyRequest(trail, [str(world.keys.vkeys[0])]))) == "AMBIGUOUS"
    with pytest.raises(Refused, match="evidence pack"):
        witness.cosign(directory(trail))


def test_a2_a_line_of_somebody_whom_the_policy_does_not_name_is_named(world, trail):
    note = Note.parse((trail / "checkpoint").read_bytes())
    stranger = NoteKey("市纪委监委/另一见证", 4, bytes([9]) * 32)
    (trail / "checkpoint").write_bytes(note.gained([stranger.sign(note.text, 1)]).to_bytes())

    assert "市纪委监委/另一见证" in "".join(look(world, trail, policy=POLICY).unchecked)


def test_a1_the_folder_of_a_pack_is_no_log(world, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    assert code(look(world, tmp_path)) == "FOLDER"


def test_the_genuine_folder_has_nothing_to_name(world):
    verdict = look(world, world.trail, **strong(world))
    assert (code(verdict), verdict.strength, verdict.unchecked) == ("ok", "强", ())
    assert parse(world.log.entries[0]).payload["log"] == ORIGIN


def test_a2_a_line_in_the_logs_name_that_is_not_its_own_is_named(world, trail):
    """Beside the honest ones; a reader with one of the log's keys passes it over (C2SP), and says so."""
    note = Note.parse((trail / "checkpoint").read_bytes())
    stranger = NoteKey(ORIGIN, ED25519, bytes([9]) * 32)
    (trail / "checkpoint").write_bytes(note.gained([stranger.sign(note.text, 0)]).to_bytes())

    assert "以日志名义的签名有 1 行" in "".join(look(world, trail, signatures=True).unchecked)
