"""Where a tip's registration stands in the published log, and the proof of it. 存在证明"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from application.trail.checkpoint import Checkpoint
from application.trail.note import NotANote, Note
from application.trail.proof import prove
from application.trail.tiles import Malformed, Missing, Tiles, directory
from domain.errors import Unavailable


class Place(NamedTuple):
    """`size` and `root` are those of the published tree, which may not hold it yet."""

    position: int
    leaf: str
    size: int
    root: str

    @property
    def is_published(self) -> bool:
        return self.position <= self.size


def place_of(tip: UUID) -> Place | None:
    """None: not in the log yet."""
    with g.services.database.cursor() as cursor:
        cursor.execute("SELECT position, leaf_hash FROM log.event WHERE stream = %s AND version = 1", (tip,))
        row = cursor.fetchone()
    if row is None:
        return None
    checkpoint = _checkpoint()
    size, root = (checkpoint[1].size, checkpoint[1].root.hex()) if checkpoint else (0, "")
    return Place(row[0], bytes(row[1]).hex(), size, root)


def standing(place: Place | None) -> str:
    if place is None:
        return _("已收到，下一个整点写入日志")
    return _("已登记并发布") if place.is_published else _("已登记，待发布")


def proof_of(place: Place) -> tuple[bytes, bytes]:
    """(.tlog-proof, .entry). Raises Unavailable before it is published, and where the folder is damaged."""
    checkpoint = _checkpoint()
    if checkpoint is None or not place.is_published:
        raise Unavailable(_("已登记，待发布；请过几分钟再来下载"))
    note, opened = checkpoint
    try:
        tiles = Tiles(directory(g.services.home.trail), opened.size)
        return prove(place.position - 1, note, tiles).to_bytes(), tiles.entry(place.position - 1)
    except (Missing, Malformed, ValueError):
        raise Unavailable(_("公开日志的文件不完整，暂时不能出具证明；请稍后再来")) from None


def _checkpoint() -> tuple[Note, Checkpoint] | None:
    try:
        note = Note.parse((g.services.home.trail / "checkpoint").read_bytes())
        return note, Checkpoint.parse(note.text)
    except (OSError, NotANote, ValueError):
        return None
