"""The database held against what was published, before it is served or written to. 回退检查

Nothing is read but the head, the tiles at the published tree's right edge and the leaf hashes that were never published; the
whole log is hashed by `fsck`, by the publisher's first round, and here only where the folder's tiles are gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.published_log import Published
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import EMPTY_ROOT, Edge, root_of
from application.verifier.formats.tiles import WIDTH, Growing, Malformed, Missing, Tiles, directory


class Rows(Protocol):
    """The log's table. `leaves` gives the stored leaf hashes first ≤ i < stop."""

    def head(self) -> Edge: ...

    def leaves(self, first: int, stop: int) -> Iterator[bytes]: ...


def proved_head(home: Home, published: Published, rows: Rows) -> Edge:
    """The database's head, which goes on from every tree that was signed here. Raises OperatorError, and says what to do."""
    largest, head = published.largest(), rows.head()
    tiles = Tiles(directory(home.trail), largest.size)
    _check_store(published, largest, tiles)
    if head.size < largest.size:
        raise OperatorError(
            f"couldn't open {home.path}: its database has {head.size} entries, but {largest.size} were published already: it is "
            "an older copy, or another one; bring back the newer database, or put back what was published with "
            "`xiaohao restore`"
        )
    if largest.size and _grown(tiles, largest, head.size, rows) != head:
        raise OperatorError(
            f"couldn't open {home.path}: its database is not the one whose {largest.size} entries were published: the same "
            "positions hold other entries; keep it as evidence, bring back the right one, or `xiaohao restore` into a new one"
        )
    return head


def _check_store(published: Published, largest: Checkpoint, tiles: Tiles) -> None:
    """A head in the publisher's store that is older than the folder is replaced at the next publication, if it is of this log."""
    store = published.head()
    if not 0 < store.size < largest.size:
        return
    try:
        root = root_of(store.size, tiles.subtree)
    except (Missing, Malformed):
        return
    if root != store.root:
        raise OperatorError(
            f"couldn't use {published.head_file}: it is damaged, or of another log: its tree of {store.size} entries is none that "
            f"{published.trail} holds; move it away, and it is made again from the signed folder"
        )


def _grown(tiles: Tiles, largest: Checkpoint, size: int, rows: Rows) -> Edge | None:
    """The published tree with the rows behind it; None where the rows do not even lead to the published root."""
    growing = _resumed(tiles, largest)
    for stop in (largest.size, size):
        leaves = rows.leaves(growing.size, stop)
        while chunk := list(islice(leaves, WIDTH - growing.size % WIDTH)):
            growing.add_row(chunk)
        if stop == largest.size and growing.edge.root != largest.root:
            return None
    return growing.edge


def _resumed(tiles: Tiles, largest: Checkpoint) -> Growing:
    """From the published tiles; from the first entry on where they are not what was signed."""
    try:
        growing = Growing.resumed(tiles, largest.size)
        if growing.edge.root == (largest.root if largest.size else EMPTY_ROOT):
            return growing
    except (Missing, Malformed):
        pass
    return Growing()


class PublishedSize:
    """How large the largest published tree is, by the publisher's store; read again only when the file was changed.

    It never becomes smaller: a store that is put back or damaged while we run takes nothing back.
    """

    def __init__(self, published: Published, size: int = 0) -> None:
        self._published, self._size = published, size
        self._known: tuple[int, int, int] | None = None

    def __call__(self) -> int:
        found = _stamp(self._published.head_file)
        if found is not None and found != self._known:
            try:
                self._size = max(self._size, self._published.head().size)
            except OperatorError:  # the publisher tells; what was known before still binds
                return self._size
            self._known = found
        return self._size


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        told = os.stat(path)
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ino, told.st_size
