"""单条证明: a proof of one entry that stays good offline for ever (C2SP tlog-proof, `.tlog-proof`). Pure."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import HASH, prove_inclusion
from application.verifier.formats.note import LARGEST_NOTE, Note
from application.verifier.formats.tiles import Tiles

HEADER, EXTRA = "c2sp.org/tlog-proof@v1", "extra "
MOST_HASHES = 64


class NotAProof(ValueError):
    """These bytes are not a proof, or not spelled canonically."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`index` of the entry, sibling hashes from the leaf up, and the signed checkpoint that they lead to.

    `extra` is whatever its maker added, None where nothing was; nothing proves it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        more = [] if self.extra is None else [f"{EXTRA}{b64encode(self.extra).decode()}"]
        lines = [HEADER, *more, f"index {self.index}", *(b64encode(each).decode() for each in self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint.to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> Proof:
        """Raises NotAProof unless these bytes are what `to_bytes` gives."""
        if len(data) > LARGEST_NOTE:
            raise NotAProof("a proof is not so large")
        head, _, note = data.partition(b"\n\n")
        try:
            header, *lines = head.decode().split("\n")
            extra = b64decode(lines.pop(0)[len(EXTRA) :], validate=True) if lines[0].startswith(EXTRA) else None
            index, *path = lines
            if header != HEADER or not index.startswith("index ") or len(path) > MOST_HASHES:
                raise NotAProof("not a tlog-proof")
            hashes = tuple(b64decode(each, validate=True) for each in path)
            proof = cls(int(index[6:26]), hashes, Note.parse(note), extra)
        except (ValueError, IndexError):
            raise NotAProof("not a tlog-proof") from None
        if any(len(each) != HASH for each in hashes) or proof.to_bytes() != data:
            raise NotAProof("the proof is not spelled canonically")
        return proof


def prove(index: int, checkpoint: Note, tiles: Tiles) -> Proof:
    """The proof that the entry at `index` is in the tree of this checkpoint, read from `tiles` of that size.

    Raises ValueError if there is no such leaf, and what `tiles` raises.
    """
    size = Checkpoint.parse(checkpoint.text).size
    return Proof(index, tuple(prove_inclusion(index, size, tiles.subtree)), checkpoint)
