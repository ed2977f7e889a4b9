"""A log as files: the specification's paths, and every size around a boundary."""

import pytest
from pymerkle import InmemoryTree

from application.verifier.formats.merkle import (
    Edge,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from application.verifier.formats.tiles import ENTRIES, Growing, Malformed, Missing, Tiles, join, path_of, split, widths

SIZES = (0, 1, 255, 256, 257, 65_535, 65_536, 65_537)
LEAVES = [leaf_hash(b"%d" % n) for n in range(SIZES[-1])]


def files(size):
    growing, written = Growing(), {}
    for leaf in LEAVES[:size]:
        for level, number, hashes in growing.add(leaf):
            written[path_of(level, number)] = b"".join(hashes)
    for level, number, hashes in growing.partials():
        written[path_of(level, number, len(hashes))] = b"".join(hashes)
    return growing, written


@pytest.fixture(name="logs", scope="module")
def _logs():
    return {size: files(size) for size in SIZES}


def test_paths_are_those_of_the_specification():
    assert path_of(0, 67) == "tile/0/067"
    assert path_of(ENTRIES, 1_234_067, 5) == "tile/entries/x001/x234/067.p/5"
    assert list(widths(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(widths(256)) == [(1, 0, 1)]
    assert list(widths(0)) == []


def test_a_tree_of_256_has_one_full_tile_and_one_above(logs):
    assert set(logs[256][1]) == {"tile/0/000", "tile/1/000.p/1"}
    assert set(logs[65_536][1]) >= {"tile/0/255", "tile/1/000", "tile/2/000.p/1"}


def test_the_edge_may_be_asked_for_as_often_as_one_likes():
    growing, edge = Growing(), Edge()
    for at in range(0, 1_500, 4):
        growing.add_row(LEAVES[at : at + 4])
        for leaf in LEAVES[at : at + 4]:
            edge = edge.grown(leaf)
        assert growing.edge == growing.edge == edge


def test_the_edge_of_the_growing_tree_is_the_edge_and_goes_on_where_it_stopped(logs):
    edge = Edge()
    for size, leaf in enumerate(LEAVES):
        if size in SIZES:
            growing, written = logs[size]
            assert growing.edge == edge
            assert Growing.resumed(Tiles(written.get, size), size).edge == edge
        edge = edge.grown(leaf)


def test_proofs_read_from_tiles_are_true(logs):
    for size in SIZES[1:]:
        growing, written = logs[size]
        tiles = Tiles(written.get, size)
        for index in {0, size // 2, size - 1}:
            verify_inclusion(LEAVES[index], index, size, prove_inclusion(index, size, tiles.subtree), growing.edge.root)
        for old in (old for old in SIZES if old <= size):
            proof = prove_consistency(old, size, tiles.subtree)
            verify_consistency(old, size, proof, logs[old][0].edge.root, growing.edge.root)


def test_another_program_agrees_on_roots_and_paths():
    other = InmemoryTree(algorithm="sha256")
    for n in range(300):
        other.append_entry(b"%d" % n)
    growing, written = files(300)
    assert growing.edge.root == other.get_root()
    theirs = other.prove_inclusion(124, 300).serialize()["path"][1:]
    assert [bytes.fromhex(each) for each in theirs] == prove_inclusion(123, 300, Tiles(written.get, 300).subtree)


def test_a_smaller_tree_is_read_from_full_tiles():
    _, written = files(256)
    assert Tiles(written.get, 200).hashes(0, 0) == LEAVES[:200]
    assert Growing.resumed(Tiles(written.get, 256), 200).edge == files(200)[0].edge


def test_a_tile_that_is_gone_or_short_is_named():
    with pytest.raises(Missing, match=r"tile/0/000\.p/3"):
        Tiles({}.get, 3).hashes(0, 0)
    with pytest.raises(Malformed):
        Tiles({"tile/0/000.p/3": bytes(95)}.get, 3).hashes(0, 0)
    with pytest.raises(Malformed):
        Tiles({"tile/0/000.p/3": bytes(128)}.get, 3).hashes(0, 0)


def test_a_bundle_holds_entries_of_any_length_up_to_the_largest_and_nothing_else():
    entries = [b"1", b"x" * 60_000, b"y" * 65_535, b""]
    bundle = join(entries)
    assert split(bundle, 4, "b") == entries
    for bad, width in (
        (bundle, 3),
        (bundle, 5),
        (bundle + b"\0", 4),
        (bundle[:-1], 4),
        (bundle + b"\0\0", 4),
        (b"\0\5ab", 1),
    ):
        with pytest.raises(Malformed):
            split(bad, width, "b")
