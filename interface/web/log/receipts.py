"""回执 and 佐证照片: what stands at a position of the log, and the pictures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, send_file
from flask_babel import gettext as _

from application.platform.failures import OperatorError
from application.publication.publication_state import PUBLISHED, RECORDED, WITNESSED, Proved, proved, standing
from domain.errors import NotFound, Unavailable
from interface.i18n.locales import N_
from interface.kit.request_context import SEE_NONE, reading
from interface.kit.security import sign_in_required
from interface.kit.timeline_text import page_of
from projections import receipts as queries
from projections import timeline

bp = Blueprint("receipts", __name__, url_prefix="/receipts")
bp.before_request(sign_in_required)
files = Blueprint("files", __name__, url_prefix="/files")
files.before_request(sign_in_required)

STEPS = {
    RECORDED: (N_("已记录"), N_("已签名写入日志，等待发布；一般一分钟内发布。"), "blue"),
    PUBLISHED: (N_("已发布"), N_("已写入本系统签名的检查点，任何人都可以用公开日志核对。"), "green"),
    WITNESSED: (
        N_("已见证"),
        N_("本系统以外的见证人已对包含此条的日志签名；此后对此条的任何改动都能被发现。"),
        "green",
    ),
}


@bp.get("/<int:position>")
def show(position: int) -> str:
    receipt = _receipt(position)
    with published_files():
        stands = standing(g.services.home, position)
    matter = page_of(receipt.topic, receipt.stream)
    return render_template("receipts/show.html", receipt=receipt, matter=matter, stands=stands, steps=STEPS)


@bp.get("/<int:position>.tlog-proof")
def proof(position: int) -> Any:
    return _download(position, "tlog-proof", _proved(position).proof)


@bp.get("/<int:position>.entry")
def entry(position: int) -> Any:
    return _download(position, "entry", _proved(position).entry)


def _proved(position: int) -> Proved:
    """For whoever may see the receipt. Raises NotFound until the entry is published."""
    _receipt(position)
    with published_files():
        if standing(g.services.home, position).state == RECORDED:
            raise NotFound(_("此条尚未发布，证明要等发布以后才有。请一分钟后再来下载"))
        return proved(g.services.home, position)


def _receipt(position: int) -> queries.ReceiptItem:
    with reading() as cursor:
        more = {"leads": g.actor.role == "discipline", "accounts": g.actor.role in SEE_NONE}
        receipt = queries.receipt(cursor, g.scope, position, g.actor.id, **more)
    if receipt is None:
        raise NotFound(_("没有这条记录，或者您无权查看"))
    return receipt


def _download(position: int, kind: str, content: bytes) -> Any:
    name = f"receipt-{position}.{kind}"
    return send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name)


@contextmanager
def published_files() -> Iterator[None]:
    """Where the published log can't be read, the page says whom to tell."""
    try:
        yield
    except (OperatorError, OSError):
        raise Unavailable(_("公开日志的文件暂时不能读取，请稍后再试；仍不能读取的，请联系维护人员")) from None


@files.get("/<sha256>")
def photo(sha256: str) -> Any:
    """A photo or document of the matter `of`, to whoever may see that matter."""
    with reading() as cursor:
        items = timeline.of_matter(cursor, g.scope, _matter(request.args.get("of", "")), linked=False, at=g.at)
    named = [one for item in items for one in item.data.get("evidence", []) if one["sha256"] == sha256]
    if not named:
        raise NotFound(_("没有这张照片，或者您无权查看"))
    media_type, content = g.services.vault.file(sha256)
    if media_type.startswith("image/"):
        return send_file(BytesIO(content), mimetype=media_type)
    # A document is never shown by the browser under this address, where it could act for whoever is signed in.
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=named[-1].get("name"))


def _matter(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(_("没有这张照片，或者您无权查看")) from None
