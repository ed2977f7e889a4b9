"""One pass over a published log: bundles, tiles and root held against each other. Pure. 逐块比对"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256

from application.verifier.folder_survey import Place
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.tiles import WIDTH, Fetch, Growing, Malformed, Missing, Tiles, path_of
from application.verifier.rules.entry_check import Fault
from application.verifier.signed_heads import VerificationFailed
from application.verifier.tile_copies import Copies


@contextmanager
def nothing_thrown_away() -> Iterator[None]:
    """What is remembered of a log only grows: the collector would look through all of it again and again for nothing."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class LogScan:
    """Iterating gives the entries, bundle by bundle, once each is known to fit its tile. Raises VerificationFailed.

    `spare` are the widths of further copies of a tile or bundle, which must say the same. Afterwards `roots` are those of the
    tree at the wanted sizes, as far as it reaches.
    """

    def __init__(
        self,
        fetch: Fetch,
        checkpoint: Checkpoint,
        wanted: Collection[int] = (),
        spare: Mapping[Place, Sequence[int]] | None = None,
    ) -> None:
        self.checkpoint, self._copies = checkpoint, Copies(fetch, spare or {})
        self._tiles, self._growing = Tiles(fetch, checkpoint.size), Growing()
        self._wanted = sorted(wanted)
        self.roots = {0: self._growing.edge.root}

    def __iter__(self) -> Iterator[list[bytes]]:
        for number in range(-(-self.checkpoint.size // WIDTH)):
            entries = self._entries(number)
            self._copies.compare_bundle(number, entries)
            self._grow(number, [sha256(b"\0" + entry).digest() for entry in entries])
            yield entries
        self._compare(self._growing.partials())
        if self._growing.edge.root != self.checkpoint.root:
            raise VerificationFailed(Fault("TILE_MISMATCH", "各条目算出的根哈希与检查点不符"))

    def _grow(self, number: int, leaves: list[bytes]) -> None:
        """In as few steps as the wanted sizes allow."""
        stored, first = self._hashes(0, number), number * WIDTH
        if stored != leaves:
            place = next(place for place, leaf in enumerate(leaves) if leaf != stored[place])
            raise VerificationFailed(Fault("ENTRY_MISMATCH", "内容与哈希不符，已被改动", first + place))
        self._copies.compare_tile(0, number, stored)
        at = first
        while at < first + len(leaves):
            ahead = bisect_right(self._wanted, at)
            stop = min([first + len(leaves), *self._wanted[ahead : ahead + 1]])
            self._compare(self._growing.add_row(leaves[at - first : stop - first]))
            if self._wanted[ahead : ahead + 1] == [stop]:
                self.roots[stop] = self._growing.edge.root
            at = stop

    def _entries(self, number: int) -> list[bytes]:
        try:
            return self._tiles.entries(number)
        except Missing as missing:
            raise VerificationFailed(Fault("ENTRIES_MISSING", f"缺少条目文件 {missing}")) from None
        except Malformed as malformed:
            raise VerificationFailed(Fault("ENTRIES_FORMAT", f"条目文件 {malformed} 的条数或长度不对")) from None

    def _compare(self, grown: list[tuple[int, int, list[bytes]]]) -> None:
        for level, number, hashes in grown:
            if level and self._hashes(level, number) != hashes:
                raise VerificationFailed(
                    Fault("TILE_MISMATCH", f"哈希文件 {path_of(level, number, len(hashes))} 与条目不符")
                )
            if level:
                self._copies.compare_tile(level, number, hashes)

    def _hashes(self, level: int, number: int) -> list[bytes]:
        try:
            return self._tiles.hashes(level, number)
        except Missing as missing:
            raise VerificationFailed(Fault("TILE_MISSING", f"缺少哈希文件 {missing}")) from None
        except Malformed as malformed:
            raise VerificationFailed(Fault("TILE_MISMATCH", f"哈希文件 {malformed} 的长度不对")) from None
