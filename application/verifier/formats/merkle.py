"""The Merkle tree of RFC 6962 over the entries of the log: heads, and proofs that can be checked without it. Pure.

Sizes and indices are whole numbers ≥ 0, hashes are 32 bytes. What a verifier is given may come from an attacker: every
length is checked before anything is computed (RFC 9162 §2.1.3.2, §2.1.4.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

HASH = 32
EMPTY_ROOT = sha256(b"").digest()


class NotProved(ValueError):
    """The proof does not prove what is claimed."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge: roots of the full subtrees of a tree of `size` leaves, largest first. All that appending needs."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def grown(self, leaf: bytes) -> Edge:
        """The edge with one leaf more; as many hashes as `size` ends in one-bits, so one on average."""
        roots, node = list(self.roots), leaf
        for _ in range(trailing_ones(self.size)):
            node = node_hash(roots.pop(), node)
        return Edge(self.size + 1, (*roots, node))

    @property
    def root(self) -> bytes:
        return folded(self.roots) if self.roots else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        return b"".join(self.roots)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Edge:
        """Raises ValueError unless `data` holds one hash for each one-bit of `size`."""
        if len(data) != size.bit_count() * HASH:
            raise ValueError(f"the edge of a tree of {size} has {size.bit_count()} hashes")
        return cls(size, tuple(data[i : i + HASH] for i in range(0, len(data), HASH)))


def trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1


def folded(roots: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees, largest first."""
    node = roots[-1]
    for left in reversed(roots[:-1]):
        node = node_hash(left, node)
    return node


class Subtrees(Protocol):
    """Reads the root of a full subtree: 2^level leaves from index · 2^level on."""

    def __call__(self, level: int, index: int) -> bytes: ...


def full_subtrees(first: int, stop: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the fewest full subtrees that cover the leaves first ≤ i < stop; `first` must begin the largest."""
    while first < stop:
        level = (stop - first).bit_length() - 1
        yield level, first >> level
        first += 1 << level


def range_root(first: int, stop: int, subtree: Subtrees) -> bytes:
    return folded([subtree(level, index) for level, index in full_subtrees(first, stop)])


def root_of(size: int, subtree: Subtrees) -> bytes:
    return range_root(0, size, subtree) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, subtree: Subtrees) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1: sibling hashes from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path, first, stop = [], 0, size
    while stop - first > 1:
        middle = first + _split(stop - first)
        if index < middle:
            path.append(range_root(middle, stop, subtree))
            stop = middle
        else:
            path.append(range_root(first, middle, subtree))
            first = middle
    return path[::-1]


def prove_consistency(old: int, size: int, subtree: Subtrees) -> list[bytes]:
    """PROOF(old, D[size]) of RFC 6962 §2.1.2; empty when the sizes are equal or old is 0."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} does not extend one of {old}")
    if old in (0, size):
        return []
    path, first, stop, whole = [], 0, size, True
    while old != stop:
        middle = first + _split(stop - first)
        if old <= middle:
            path.append(range_root(middle, stop, subtree))
            stop = middle
        else:
            path.append(range_root(first, middle, subtree))
            first, whole = middle, False
    if not whole:
        path.append(range_root(first, stop, subtree))
    return path[::-1]


def _split(width: int) -> int:
    """The largest power of two smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises NotProved unless the leaf stands at `index` in the tree of `size` with this root (RFC 9162 §2.1.3.2)."""
    _check_lengths([leaf, root, *proof])
    if not 0 <= index < size:
        raise NotProved(f"no leaf {index} in a tree of {size}")
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise NotProved(f"the proof has {len(proof)} hashes, not {inner + (index >> inner).bit_count()}")
    node = _chain_inner(leaf, proof[:inner], index)
    for sibling in proof[inner:]:
        node = node_hash(sibling, node)
    if node != root:
        raise NotProved("the proof leads to another root")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Raises NotProved unless the tree of `size` extends the one of `old` (RFC 9162 §2.1.4.2)."""
    _check_lengths([old_root, root, *proof])
    if not 0 <= old <= size:
        raise NotProved(f"a tree of {size} does not extend one of {old}")
    if old in (0, size):
        if proof or (old == size and old_root != root) or (old == 0 and old_root != EMPTY_ROOT):
            raise NotProved("these two heads need no proof, and differ")
        return
    shift = trailing_ones(old - 1)
    inner = ((old - 1) ^ (size - 1)).bit_length() - shift
    start = 0 if old == 1 << shift else 1
    if len(proof) != start + inner + ((old - 1) >> (shift + inner)).bit_count():
        raise NotProved("the proof has a wrong number of hashes")
    seed = proof[0] if start else old_root
    before, after = _both_roots(seed, proof[start : start + inner], proof[start + inner :], (old - 1) >> shift)
    if before != old_root:
        raise NotProved("the proof does not lead to the old root")
    if after != root:
        raise NotProved("the proof does not lead to the new root")


def _both_roots(seed: bytes, inner: Sequence[bytes], border: Sequence[bytes], mask: int) -> tuple[bytes, bytes]:
    before, after = seed, _chain_inner(seed, inner, mask)
    for level, sibling in enumerate(inner):
        if mask >> level & 1:
            before = node_hash(sibling, before)
    for sibling in border:
        before, after = node_hash(sibling, before), node_hash(sibling, after)
    return before, after


def _chain_inner(node: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for level, sibling in enumerate(proof):
        node = node_hash(sibling, node) if index >> level & 1 else node_hash(node, sibling)
    return node


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH for each in hashes):
        raise NotProved("a hash has 32 bytes")
