"""One matter from its first event to its last: each with its signer, its hash and its proof; and all of it to take along."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, send_file
from flask_babel import gettext as _

from application.verifier.formats.entry import NotAnEntry, parse
from domain.errors import NotFound
from interface.oversight import event_text, pack
from interface.oversight.keys import as_of
from interface.oversight.published import Published
from interface.oversight.request_context import reading, record, sign_in_required, unseen
from projections import timeline
from projections.events import Event, EventFilter, events

bp = Blueprint("matters", __name__, url_prefix="/matters")
bp.before_request(sign_in_required)
MOST = 2_000  # events on one page: more than any matter has


@bp.get("/<uuid:id>")
def show(id: UUID) -> str:
    with reading() as cursor:
        found = of_matter(cursor, id)
        told = event_text.told(cursor, found)
        signers = _signers(cursor, [one.position for one in found])
    if not found:
        raise NotFound(_("日志中没有这个事项"))
    title = next(one["about"] for one in told if one["stream"] == str(id))
    shown = {"id": id, "title": title, "events": told, "signers": signers}
    return render_template("matter.html", **shown, published=Published(g.services.home).size)


@bp.post("/<uuid:id>/pack")
def take(id: UUID) -> Response:
    """下载证据包: recorded before it is handed out."""
    file, _made = _packed(id)
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=f"{id}.zip")


@bp.post("/<uuid:id>/cover")
def take_cover(id: UUID) -> Response:
    """下载封面: a PDF to lay on top of the pack; it is no part of it."""
    from interface.oversight.pack_cover import pdf  # a service that starts need not wait for it

    _file, made = _packed(id)
    sheet = BytesIO(pdf(made.cover, g.services.origin))
    return send_file(sheet, mimetype="application/pdf", as_attachment=True, download_name=f"{id}.pdf")


def _packed(id: UUID) -> tuple[BytesIO, pack.Bundled]:
    with reading() as cursor:
        found = of_matter(cursor, id)
        told = event_text.told(cursor, found)
    if not found:
        raise NotFound(_("日志中没有这个事项"))
    record(f"pack/{id}", "oversight")
    file = BytesIO()
    made = pack.of_matter(file, g.services, told)
    file.seek(0)
    return file, made


def of_matter(cursor: Any, id: UUID) -> list[Event]:
    """Its events and those of the matters linked to it, in the order of the log."""
    near = {one.stream for one in timeline.of_matter(cursor, g.scope, str(id))} | {str(id)}
    found = [one for stream in near for one in events(cursor, EventFilter(stream=stream, but=unseen()), size=MOST)]
    return sorted(found, key=lambda one: one.position)


def _signers(cursor: Any, positions: list[int]) -> dict[int, str]:
    """By position: whose key signed, as the log's own directory says."""
    cursor.execute("SELECT position, entry FROM log.event WHERE position = ANY(%s)", (positions,))
    rows = cursor.fetchall()
    keys = as_of(cursor, max(positions, default=0)).keys
    signers = {}
    for position, entry in rows:
        try:
            key = keys.get(parse(bytes(entry)).keyid)
        except NotAnEntry:
            key = None
        if key is not None:
            signers[position] = _("本系统") if key.owner == "service" else g.people.name(key.owner)
    return signers
