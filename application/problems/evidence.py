"""Photos and papers that officials put beside an act. 佐证材料"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from application.core.ledger import Ledger
from application.log.append_batch import SideRow


@dataclass(frozen=True)
class Upload:
    """What the form hands in, after EXIF was taken off."""

    media_type: str
    content: bytes


def keep(ledger: Ledger, uploads: Sequence[Upload]) -> tuple[list[dict[str, Any]], list[SideRow]]:
    """The members for the event, and the rows beside it; the same picture twice is one."""
    kept = {(member := ledger.vault.keep_file(u.content, u.media_type))[0]["sha256"]: member for u in uploads}
    return [member for member, _ in kept.values()], [row for _, row in kept.values()]
