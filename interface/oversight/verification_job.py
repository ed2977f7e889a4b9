"""后台核验: the job that verifies the published folder and compares the database with it.

Nothing of it happens in a request. Every look reads everything: an old row that somebody altered is just what it is for. Only
signatures are not verified again while the published root, and with it every byte of the entries, is the one already verified,
and what lies beside the entries (key lists, policy, names of files) is what it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from application.audit.own_verdict import own_verdict
from application.log.log_rows import LogRows, Stored, columns_differ
from application.platform.database import Database
from application.platform.home import Home
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import NotANote, Note
from application.verifier.formats.policy import NONE, NotAPolicy
from application.verifier.formats.tiles import (
    CHECKPOINTS,
    LISTING,
    WIDTH,
    Fetch,
    Growing,
    Malformed,
    Missing,
    NotAFile,
    Tiles,
    directory,
)
from application.verifier.verdict import Verdict
from application.verifier.verify import VerifyOptions
from interface.oversight import heads, verdict_store
from interface.oversight.verdict_store import Finding, Given, Verdicts, Wrong


class Seen(NamedTuple):
    """The published checkpoint, the sizes that were ever signed and a hash of what lies beside, as the examination began."""

    raw: bytes
    sizes: bytes
    beside: str
    head: Checkpoint
    cosigned: bytes

    @classmethod
    def now(cls, home: Home) -> Seen:
        files = directory(home.trail)
        asked = files("checkpoint") or b"", files(CHECKPOINTS) or b"", _beside(home, files)
        try:
            note = Note.parse(asked[0])
            return cls(*asked, Checkpoint.parse(note.text), heads.with_cosignatures(home, note).to_bytes())
        except (NotANote, NotACheckpoint):
            return cls(*asked, Checkpoint("", 0, b""), asked[0])

    @property
    def largest(self) -> int:
        return max([self.head.size, *(int(name) for name in self.sizes.split() if name.isdigit())])


class Examination:
    """The job: `run_if_due()` every few seconds, `run()` at once."""

    def __init__(self, home: Home, database: Database) -> None:
        self.home, self.verdicts, self.rows = home, Verdicts(database), LogRows(database)

    def run_if_due(self) -> None:
        if self.verdicts.is_due() and self._has_begun():
            self.run()

    def _has_begun(self) -> bool:
        """Whether anything was ever published: before that there is nothing to judge, after it a missing folder is a fault."""
        published = self.home.trail / "checkpoint", self.home.publisher / "head"
        return any(path.exists() for path in published) or self.verdicts.newest() is not None

    def run(self) -> Finding:
        """The published folder and the table as they are now; the verdict is kept."""
        begun, seen = self.verdicts.now(), Seen.now(self.home)
        finding = self._find(seen)
        self.verdicts.keep(begun, finding, seen.cosigned)
        return finding

    def _find(self, seen: Seen) -> Finding:
        good, first, files = self.verdicts.newest(good=True), self.verdicts.first_good(), directory(self.home.trail)
        known = good.found if good and first and good.id != first.id and _is_same(good, seen) else None
        ask = VerifyOptions(
            heads.vkeys(self.home),
            genesis=first.found.genesis if first else None,
            old=[good.checkpoint] if good else [],
            signatures=known is None,
            now=int(time.time()),
        )
        begun = {"checkpoint": seen.raw or None, CHECKPOINTS: seen.sizes}
        folder = own_verdict(self.home, lambda path: begun[path] if path in begun else files(path), ask)
        if known and folder.ok:
            folder = replace(folder, strength=known.strength, unchecked=known.unchecked)
        wrong, rows, genesis = self._compare(seen.head.size)
        places = [wrong.position if wrong else 0]
        if folder.fault is not None and folder.fault.index is not None:
            places.append(folder.fault.index + 1)
        return Finding(
            folder_ok=folder.ok,
            folder=folder.sentence,
            folder_en=folder.said("en"),
            table_ok=wrong is None,
            table=wrong.sentence if wrong else verdict_store.SAME,
            places=wrong.places if wrong else {"rows": rows, "size": seen.head.size},
            strength=folder.strength,
            size=seen.head.size,
            rows=rows,
            position=min(filter(None, places), default=0),
            unchecked=folder.unchecked,
            genesis=genesis,
            root=seen.head.root.hex(),
            witness=self._witness(folder),
            witnessed=folder.witnessed,
            beside=seen.beside,
        )

    def _witness(self, folder: Verdict) -> str:
        """How far the witnesses have come. A checkpoint that still waits for them makes the verdict weaker, not red."""
        try:
            if heads.policy(self.home).quorum == NONE:
                return verdict_store.NO_QUORUM
        except NotAPolicy:
            return verdict_store.BAD_POLICY
        if folder.checkpoint is not None and folder.witnessed == folder.checkpoint.size:
            return verdict_store.ENOUGH
        return verdict_store.SHORT if folder.witnessed else verdict_store.NOT_YET

    def _compare(self, published: int) -> tuple[Wrong | None, int, str]:
        """The first row that is not what was published or does not hold together, the number of rows, and the genesis hash."""
        head = self.rows.head()
        growing, wrong, genesis = Growing(), None, ""
        entries = _published(Tiles(directory(self.home.trail), published), published)
        for row in self.rows.rows(0, max(head.size, published)):
            genesis = genesis or leaf_hash(row.entry).hex()
            if wrong is None:
                wrong = _wrong(row, growing.size + 1, next(entries, None))
            growing.add(leaf_hash(row.entry))
        if wrong is None and growing.size < published:
            wrong = Wrong(verdict_store.MISSING, growing.size + 1)
        if wrong is None and growing.edge != head:
            wrong = Wrong(verdict_store.HEAD, more={"size": head.size, "rows": growing.size})
        return wrong, growing.size, genesis


def _is_same(good: Given, seen: Seen) -> bool:
    """Nothing has changed that signatures, rights and times could be judged by."""
    return (good.checkpoint, good.found.beside) == (seen.cosigned, seen.beside) and seen.largest == seen.head.size


def _beside(home: Home, files: Fetch) -> str:
    """A hash of everything that a verdict depends on and no root covers: policy, key lists, and which files there are."""
    try:
        names = b"".join(sorted((files(LISTING) or b"").split(b"\0")))
    except (NotAFile, OSError):
        names = b"\0"  # the folder's own verdict says what is wrong with it
    parts = [directory(home.path)(home.policy.name), files("keys.json"), files("log.vkey"), names]
    return sha256(b"".join(sha256(part or b"").digest() for part in parts)).hexdigest()


def _wrong(row: Stored, due: int, published: bytes | None) -> Wrong | None:
    if row.position != due:
        return Wrong(verdict_store.MISSING, due)
    if published is not None and row.entry != published:
        return Wrong(verdict_store.ALTERED, due)
    if row.leaf_hash != leaf_hash(row.entry):
        return Wrong(verdict_store.HASH, due)
    if (column := columns_differ(row)) is not None:
        return Wrong(verdict_store.COLUMN, due, {"column": column})
    return None


def _published(tiles: Tiles, size: int) -> Iterator[bytes | None]:
    """The published entries in their order; None for one in a bundle that can't be read: the folder's own verdict says so."""
    for number in range(-(-size // WIDTH)):
        try:
            yield from tiles.entries(number)
        except (Missing, Malformed):
            yield from [None] * tiles.width(0, number)
