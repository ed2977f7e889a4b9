"""Further copies of tiles and bundles, of earlier or later trees: some reader may prefer them, so they say the same. Pure. 同处副本"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.verifier.folder_survey import Place
from application.verifier.formats.merkle import HASH
from application.verifier.formats.tiles import ENTRIES, Fetch, Malformed, join, path_of, split
from application.verifier.rules.entry_check import Fault
from application.verifier.signed_heads import VerificationFailed


class Copies:
    """`spare` are their widths by level and number. What lies behind the tree at hand is not judged; one that is gone meanwhile
    is none.
    """

    def __init__(self, fetch: Fetch, spare: Mapping[Place, Sequence[int]]) -> None:
        self._fetch, self._spare = fetch, spare

    def compare_tile(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        """Raises VerificationFailed."""
        for width in self._spare.get((level, number), ()):
            path, covered = path_of(level, number, width), b"".join(hashes[:width])
            copy = self._fetch(path)
            if copy is not None and (len(copy) != width * HASH or not copy.startswith(covered)):
                raise VerificationFailed(Fault("TILE_MISMATCH", f"哈希文件 {path} 与条目不符"))

    def compare_bundle(self, number: int, entries: Sequence[bytes]) -> None:
        """Raises VerificationFailed."""
        for width in self._spare.get((ENTRIES, number), ()):
            path = path_of(ENTRIES, number, width)
            if (copy := self._fetch(path)) is None:
                continue
            if not copy.startswith(join(entries[:width])):
                raise VerificationFailed(Fault("ENTRY_MISMATCH", f"条目文件 {path} 与同一处的另一份不符"))
            try:
                split(copy, width, path)
            except Malformed:
                raise VerificationFailed(Fault("ENTRIES_FORMAT", f"条目文件 {path} 的条数或长度不对")) from None
