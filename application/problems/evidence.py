"""Photos and papers that officials put beside an act. 佐证材料"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from application.core.ledger import Ledger
from application.log.append_batch import SideRow


@dataclass(frozen=True)
class Upload:
    """What the form hands in: a photo after EXIF was taken off, or a document as it is, under the `name` of its file."""

    media_type: str
    content: bytes
    name: str = ""


def keep(ledger: Ledger, uploads: Sequence[Upload]) -> tuple[list[dict[str, Any]], list[SideRow]]:
    """The members for the event, and the rows beside it; the same file twice is one."""
    members, rows = {}, {}
    for upload in uploads:
        member, row = ledger.vault.keep_file(upload.content, upload.media_type)
        digest = str(member["sha256"])
        members[digest] = member | ({"name": upload.name} if upload.name else {})
        rows[digest] = row
    return list(members.values()), list(rows.values())
