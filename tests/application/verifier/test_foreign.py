"""Programs that others wrote read what we publish, at every size around a boundary, and agree with us to the byte."""

from __future__ import annotations

import json
from argparse import Namespace
from base64 import b64decode

import pytest
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from tlog_scales.backend import LocalBackend
from tlog_scales.cli import cmd_gen_proof
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey as TheirVkey

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import Edge, leaf_hash, prove_consistency, prove_inclusion
from application.verifier.formats.note import Note
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Tiles, directory
from application.verifier.single_entry import verify_one
from application.verifier.verify import VerifyOptions, verify
from tests.application.verifier.attacked import POLICY, SEEN, SIZE, WITNESSES, World
from tests.logs import ORIGIN

SIZES = (0, 1, 255, 256, 257, 65_535, 65_536, 65_537)
ENTRIES = [b"%d" % n for n in range(SIZES[-1])]
ENTRIES[0], ENTRIES[100], ENTRIES[256], ENTRIES[-1] = b"x", b"y" * 60_000, b"z" * 65_535, b"w" * 65_535


class Bytes:
    """A log of any bytes, as the publisher reads it; it grows as it is asked for a larger head."""

    def __init__(self) -> None:
        self.edge = Edge()

    def grow(self, size):
        for entry in ENTRIES[self.edge.size : size]:
            self.edge = self.edge.grown(leaf_hash(entry))

    def head(self):
        return self.edge

    def entries(self, first, stop):
        return ENTRIES[first:stop]

    def keys(self):
        return {}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A published folder for each size, all of one log with one key."""
    keys, found = LogKeys.create(tmp_path_factory.mktemp("keys"), ORIGIN), {}
    for size in SIZES:
        source, home = Bytes(), Home(tmp_path_factory.mktemp(f"size-{size}"))
        home.create()
        source.grow(size)
        Publisher(home, keys, source).publish()
        found[size] = home.trail
    return keys, found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


def head(trail):
    note = Note.parse((trail / "checkpoint").read_bytes())
    return note, Checkpoint.parse(note.text)


@pytest.mark.parametrize("size", SIZES)
def test_we_verify_a_log_of_any_size_and_see_every_byte_of_its_largest_entries(folders, size):
    keys, trails = folders
    old = [(trails[each] / "checkpoint").read_bytes() for each in SIZES if each <= size]
    verdict = verify(directory(trails[size]), VerifyOptions(keys.vkeys, old=old, signatures=False))
    assert (verdict.fault, verdict.checkpoint.size) == (None, size)


def test_a_log_that_grew_through_all_these_sizes_is_one_log(folders, tmp_path):
    keys, _ = folders
    source, home = Bytes(), Home(tmp_path)
    home.create()
    for size in SIZES:
        source.grow(size)
        Publisher(home, keys, source).publish()
    verdict = verify(directory(home.trail), VerifyOptions(keys.vkeys, signatures=False))

    assert (verdict.fault, verdict.checkpoint.size) == (None, SIZES[-1])
    assert {path.name for path in (home.trail / "checkpoints").iterdir()} == {str(size) for size in SIZES}


@pytest.mark.parametrize("size", SIZES[1:])
def test_tlog_scales_computes_the_root_and_writes_the_same_proofs(folders, size, capsys):
    keys, trails = folders
    note, checkpoint = head(trails[size])
    reader = TilesReader(LocalBackend(trails[size]))
    theirs = reader.get_checkpoint()

    assert reader.calculate_root_hash() == checkpoint.root
    for vkey in keys.vkeys:
        theirs.verify(TheirVkey.from_string(str(vkey)))
    for index in {0, size // 2, size - 1}:
        cmd_gen_proof(Namespace(location=str(trails[size]), leaf_index=index))
        proof = prove(index, note, Tiles(directory(trails[size]), size)).to_bytes()
        assert capsys.readouterr().out.encode() == proof
        assert reader.get_entry(index) == ENTRIES[index]
        assert verify_one(proof, ENTRIES[index], keys.vkeys).ok


def test_tlog_scales_proves_consistency_as_we_do(folders):
    _, trails = folders
    size = SIZES[-1]
    reader, tiles = TilesReader(LocalBackend(trails[size])), Tiles(directory(trails[size]), size)
    reader.get_checkpoint()
    for old in SIZES[1:]:
        proof = reader.get_consistency_proof(old, size)
        proof.check(head(trails[old])[1].root, head(trails[size])[1].root)
        assert proof.node_hashes == prove_consistency(old, size, tiles.subtree)


def test_tlog_scales_verifies_the_lines_of_witnesses(world):
    theirs = TilesReader(LocalBackend(world.trail)).get_checkpoint()
    for key in (*world.keys.vkeys, *(each.vkey for each in WITNESSES)):
        theirs.verify(TheirVkey.from_string(str(key)))


def test_pymerkle_agrees_on_roots_and_paths(world):
    tree = InmemoryTree(algorithm="sha256")
    for entry in world.log.entries:
        tree.append_entry(entry)
    tiles = Tiles(directory(world.trail), SIZE)
    root = head(world.trail)[1].root

    assert tree.get_root() == root
    assert tree.get_root(SEEN) == Checkpoint.parse(Note.parse(world.old[SEEN]).text).root
    for index in (0, 255, 256, 421, SIZE - 1):
        theirs = tree.prove_inclusion(index + 1, SIZE)
        verify_inclusion(leaf_hash(world.log.entries[index]), root, theirs)
        assert [bytes.fromhex(each) for each in theirs.serialize()["path"][1:]] == prove_inclusion(
            index, SIZE, tiles.subtree
        )
    verify_consistency(tree.get_root(SEEN), root, tree.prove_consistency(SEEN, SIZE))


def test_securesystemslib_verifies_every_envelope(world):
    keys = {
        name: SSlibKey(name, "ed25519", "ed25519", {"public": b64decode(key["pub"]).hex()})
        for name, key in json.loads((world.trail / "keys.json").read_bytes()).items()
    }
    for entry in world.log.entries:
        name = json.loads(entry)["signatures"][0]["keyid"]
        assert Envelope.from_dict(json.loads(entry)).verify([keys[name]], 1)
    other = json.loads(entry)
    other["payload"] = "AAAA" + other["payload"][4:]
    with pytest.raises(VerificationError):
        Envelope.from_dict(other).verify(list(keys.values()), 1)


def test_a_policy_is_needed_to_count_witnesses(world):
    assert verify(directory(world.trail), VerifyOptions(world.keys.vkeys, policy=POLICY)).ok
