import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from application.verifier.formats.merkle import (
    EMPTY_ROOT,
    Edge,
    NotProved,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[3] / "data" / "vectors"
LEAVES = [leaf_hash(b"%d" % n) for n in range(41)]


def mth(leaves):
    """MTH(D[n]), written as RFC 6962 §2.1 says it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def subtree(level, index):
    return mth(LEAVES[index << level : (index + 1) << level])


def edge(size):
    grown = Edge()
    for leaf in LEAVES[:size]:
        grown = grown.grown(leaf)
    return grown


def test_the_edge_grows_into_the_root_of_every_size():
    for size in range(41):
        assert edge(size).root == mth(LEAVES[:size])
        assert Edge.from_bytes(size, edge(size).to_bytes()) == edge(size)


def test_every_leaf_is_proved_in_every_tree_and_at_no_other_place():
    for size in range(1, 41):
        for index in range(size):
            proof = prove_inclusion(index, size, subtree)
            verify_inclusion(LEAVES[index], index, size, proof, mth(LEAVES[:size]))
            for other in range(size):
                if other != index:
                    with pytest.raises(NotProved):
                        verify_inclusion(LEAVES[index], other, size, proof, mth(LEAVES[:size]))


def test_every_tree_is_proved_to_extend_every_smaller_one():
    for size in range(41):
        for old in range(size + 1):
            proof = prove_consistency(old, size, subtree)
            verify_consistency(old, size, proof, mth(LEAVES[:old]), mth(LEAVES[:size]))
            if 0 < old < size:
                wrong = mth([LEAVES[40], *LEAVES[1:old]])
                with pytest.raises(NotProved):
                    verify_consistency(old, size, proof, wrong, mth(LEAVES[:size]))
                with pytest.raises(NotProved):
                    verify_consistency(old, size, proof[:-1], mth(LEAVES[:old]), mth(LEAVES[:size]))


def test_an_empty_leaf_and_root_prove_nothing():
    with pytest.raises(NotProved):
        verify_inclusion(b"", 0, 1, [], b"")


def test_the_worked_example_of_the_design():
    leaves = [leaf_hash(b'{"n":%d}' % n) for n in range(3)]
    three = Edge().grown(leaves[0]).grown(leaves[1]).grown(leaves[2])
    assert three.root.hex() == "2cfef7627597e00b564975774ad728ef210706759fca6d64138c6dfc1cbf2cda"
    path = [
        b64decode("+UBwq/0toL9ykC6xOoCOeU+VTZ4nRcaCoVj27Q1KwDY="),
        b64decode("PR3ndt8IbBrp9wSdK7DAR1rRQYX5h+Bk6NENyy20oyI="),
    ]
    verify_inclusion(leaves[1], 1, 3, path, three.root)
    assert EMPTY_ROOT.hex().startswith("e3b0c442")


def cases(name):
    found = json.loads((VECTORS / f"merkle_{name}.json").read_text())
    assert len(found) == 98
    return [pytest.param(case, id=case["case"]) for case in found]


def decoded(case, *names):
    return [b64decode(case[name] or "") for name in names]


def proved(verify, *arguments):
    try:
        verify(*arguments)
    except NotProved:
        return False
    return True


@pytest.mark.parametrize("case", cases("inclusion"))
def test_published_inclusion_vector(case):
    leaf, root = decoded(case, "leafHash", "root")
    proof = [b64decode(each) for each in case["proof"] or []]
    assert proved(verify_inclusion, leaf, case["leafIdx"], case["treeSize"], proof, root) is not case["wantErr"]


@pytest.mark.parametrize("case", cases("consistency"))
def test_published_consistency_vector(case):
    old_root, root = decoded(case, "root1", "root2")
    proof = [b64decode(each) for each in case["proof"] or []]
    dummies = len(old_root) != 32  # one case uses roots that are no hashes; we refuse those
    wanted = not case["wantErr"] and not dummies
    assert proved(verify_consistency, case["size1"], case["size2"], proof, old_root, root) is wanted
