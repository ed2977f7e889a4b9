"""Holds the head of the log against what was seen and what was published, under the head's own lock. 日志回退检查

A database that was put back from a copy, a snapshot or a replica that lags would otherwise be written to, and the log would
fork for good: some of its entries are signed and witnessed already, others would take their places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from application.verifier.formats.merkle import Edge
from domain.errors import Unavailable

ROLLED_BACK = (
    "数据库中的日志比已经记录或发布的少，或者与之不同，可能是恢复了旧的数据库，现在什么都不能记录；"
    "请通知管理员停止服务，运行 xiaohao restore"
)
Leaves = Callable[[int, int], Iterable[bytes]]


class RolledBack(Unavailable):
    """日志回退: the database does not go on from what was recorded or published before."""


class HeadGuard:
    """`seen`: the edge that the start proved; without one the first that is looked at counts. `published` tells how large the
    largest tree is that was ever signed. `refuses`: nothing is admitted, for the start has found the database wrong.

    It belongs to whoever is at work in the writer. It costs two comparisons where nobody else has written since.
    """

    def __init__(
        self, seen: Edge | None = None, published: Callable[[], int] = lambda: 0, *, refuses: bool = False
    ) -> None:
        self.seen, self.published, self.refuses = seen, published, refuses
        self.refused = refuses  # the last group that was held against it

    def admit(self, edge: Edge, leaves: Leaves) -> None:
        """Raises RolledBack; `leaves` gives the leaf hashes first ≤ i < stop, which others may have added since."""
        self.refused = self.refuses or edge.size < self.published() or not self._extends(edge, leaves)
        if self.refused:
            raise RolledBack(ROLLED_BACK)
        self.seen = edge

    def moved(self, edge: Edge) -> None:
        """What the writer has committed itself."""
        self.seen = edge

    def _extends(self, edge: Edge, leaves: Leaves) -> bool:
        if self.seen is None or edge == self.seen:
            return True
        if edge.size < self.seen.size:
            return False
        grown = self.seen
        for leaf in leaves(grown.size, edge.size):
            grown = grown.grown(leaf)
        return grown == edge
