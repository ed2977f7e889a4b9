"""Proofs from the published folder: of one entry, and whether a file that somebody holds is in the log. 存在证明"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

from application.platform.home import Home
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import NotProved, leaf_hash, verify_inclusion
from application.verifier.formats.note import NotANote, Note
from application.verifier.formats.proof import NotAProof, Proof, prove
from application.verifier.formats.tiles import Malformed, Missing, Tiles, directory
from domain.errors import NotFound
from interface.i18n.locales import N_
from interface.oversight.heads import vkeys, with_cosignatures
from projections.events import EventFilter, events


class Published:
    """The published folder as of its newest checkpoint. `size` is 0 without one."""

    def __init__(self, home: Home) -> None:
        self.home, self.note, self.size = home, None, 0
        try:
            self.note = with_cosignatures(home, Note.parse((home.trail / "checkpoint").read_bytes()))
            self.size = Checkpoint.parse(self.note.text).size
        except (OSError, ValueError):
            self.note = None
        self.tiles = Tiles(directory(home.trail), self.size)

    def entry(self, position: int) -> bytes | None:
        """The published entry at that position, None if it is not published yet or can't be read."""
        if not 0 < position <= self.size:
            return None
        try:
            return self.tiles.entry(position - 1)
        except (Missing, Malformed):
            return None

    def proof(self, position: int) -> bytes:
        """Its .tlog-proof. Raises NotFound."""
        if self.note is None or not 0 < position <= self.size:
            raise NotFound(N_("此条尚未发布，暂无存在证明；请在一分钟后再取"))
        try:
            return prove(position - 1, self.note, self.tiles).to_bytes()
        except (Missing, Malformed):
            raise NotFound(N_("发布目录已损坏，取不到此条的存在证明；请先查看核验结论")) from None


class Found(NamedTuple):
    """What a dropped file turned out to be: kind `entry` | `proof` | `file` | `nothing`, and the positions it stands at."""

    kind: str
    digest: str
    positions: list[int]


def look_up(cursor: Any, home: Home, content: bytes) -> Found:
    """Whether this file is an entry of the log, a proof of one, or evidence that an entry names by its SHA-256."""
    digest, leaf = sha256(content).hexdigest(), leaf_hash(content).hex()
    if found := events(cursor, EventFilter(leaf_hash=leaf), size=1):
        return Found("entry", leaf, [found[0].position])
    if (position := proved(home, content)) is not None:
        return Found("proof", digest, [position])
    found = events(cursor, EventFilter(file=digest), size=50)
    return Found("file" if found else "nothing", digest, [one.position for one in found])


def proved(home: Home, content: bytes) -> int | None:
    """The position that a .tlog-proof is about, if it leads from the published entry to a checkpoint that this log signed."""
    published = Published(home)
    try:
        proof = Proof.parse(content)
        signed = proof.checkpoint.verified(vkeys(home))
        checkpoint = Checkpoint.parse(proof.checkpoint.text)
        entry = published.entry(proof.index + 1)
        if not signed or entry is None:
            return None
        verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    except (NotAProof, NotANote, NotProved, ValueError):
        return None
    return proof.index + 1
