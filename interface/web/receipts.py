"""回执 and 佐证照片: what stands at a position of the log, and the pictures beside it."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, send_file
from flask_babel import gettext as _

from domain.errors import NotFound
from interface.web.scene import reading
from interface.web.security import sign_in_required
from projections import receipts as queries
from projections import timeline

bp = Blueprint("receipts", __name__, url_prefix="/receipts")
bp.before_request(sign_in_required)
files = Blueprint("files", __name__, url_prefix="/files")
files.before_request(sign_in_required)


@bp.get("/<int:position>")
def show(position: int) -> str:
    with reading() as cursor:
        leads = g.actor.role == "discipline"
        receipt = queries.receipt(cursor, g.scope, position, g.actor.id, leads=leads)
    if receipt is None:
        raise NotFound(_("没有这条记录，或者您无权查看"))
    return render_template("receipts/show.html", receipt=receipt, published=published() >= position)


def published() -> int:
    """How many entries the newest published checkpoint covers; 0 before the first."""
    path = g.services.home.trail / "checkpoint"
    return int(path.read_text().split("\n")[1]) if path.is_file() else 0


@files.get("/<sha256>")
def photo(sha256: str) -> Any:
    """A photo of the matter `of`, to whoever may see that matter."""
    with reading() as cursor:
        items = timeline.of_matter(cursor, g.scope, _matter(request.args.get("of", "")), linked=False, at=g.at)
    if not any(sha256 == member["sha256"] for one in items for member in one.data.get("evidence", [])):
        raise NotFound(_("没有这张照片，或者您无权查看"))
    media_type, content = g.services.vault.file(sha256)
    response = send_file(BytesIO(content), mimetype=media_type)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _matter(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(_("没有这张照片，或者您无权查看")) from None
