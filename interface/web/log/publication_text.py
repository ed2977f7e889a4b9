"""Where a tip's registration stands in the published log, and the proof of it. 存在证明"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from application.platform.failures import OperatorError
from application.publication import publication_state as trail
from application.publication.publication_state import RECORDED, Proved
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.note import NotANote, Note
from domain.errors import Unavailable
from interface.i18n.locales import N_

SAID = {
    trail.RECORDED: N_("已登记，待发布"),
    trail.PUBLISHED: N_("已登记并发布"),
    trail.WITNESSED: N_("已登记、已发布、已见证"),
}


class Place(NamedTuple):
    """`stands`: how far it has come."""

    position: int
    leaf: str
    stands: trail.PublicationState

    @property
    def is_published(self) -> bool:
        return self.stands.state != RECORDED


def newest() -> Checkpoint | None:
    """What was published last: for the printed bulletin (通报), where nobody can change it any more. None: nothing that can be read."""
    try:
        return Checkpoint.parse(Note.parse((g.services.home.trail / "checkpoint").read_bytes()).text)
    except (OSError, NotANote, NotACheckpoint):
        return None


def place_of(tip: UUID) -> Place | None:
    """None: not in the log yet. Where the published folder can't be read nothing counts as published."""
    with g.services.database.cursor() as cursor:
        cursor.execute("SELECT position, leaf_hash FROM log.event WHERE stream = %s AND version = 1", (tip,))
        row = cursor.fetchone()
    if row is None:
        return None
    try:
        stands = trail.standing(g.services.home, row[0])
    except (OperatorError, OSError):
        stands = trail.PublicationState(RECORDED, 0, 0)
    return Place(row[0], bytes(row[1]).hex(), stands)


def standing(place: Place | None) -> str:
    return _(SAID[place.stands.state]) if place else _("已收到，下一个整点写入日志")


def proof_of(place: Place) -> Proved:
    """The strongest there is. Raises Unavailable before it is published, and where the folder is damaged."""
    if not place.is_published:
        raise Unavailable(_("已登记，待发布；请过几分钟再来下载"))
    try:
        return trail.proved(g.services.home, place.position)
    except (OperatorError, OSError):
        raise Unavailable(_("公开日志的文件不完整，暂时不能出具证明；请稍后再来")) from None
