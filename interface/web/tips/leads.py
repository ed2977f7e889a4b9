"""检举线索: sealed letters to the commission, which takes them away and opens them with its own key, elsewhere."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, send_file
from flask_babel import gettext

from domain.errors import NotAllowed
from interface.kit.request_context import reading
from interface.kit.security import sign_in_required

bp = Blueprint("leads", __name__, url_prefix="/leads")
bp.before_request(sign_in_required)

LIST = """SELECT l.lead, h.since, h.day, (SELECT max(a.at) FROM vault.access a WHERE a.what = 'lead/' || l.lead)
    FROM vault.letter l JOIN read.happening h ON h.stream = l.lead::text AND h.version = 1
    ORDER BY h.since DESC LIMIT 500"""


@bp.before_request
def _only_the_commission() -> None:
    if g.actor.role != "discipline":
        raise NotAllowed(gettext("检举线索只由市纪委监委查看"))


@bp.get("")
def index() -> str:
    with reading() as cursor:
        cursor.execute(LIST)
        rows = cursor.fetchall()
    return render_template("leads/index.html", rows=rows)


@bp.post("/<uuid:id>/letter")
def letter(id: UUID) -> Any:
    """The sealed letter as a file for `xiaohao lead read`; nobody here can open it."""
    sealed = g.services.vault.tips.letter(id)
    g.services.vault.record_access(g.actor, what=f"lead/{id}", why="letter")
    content = json.dumps({"lead": str(id), "sealed": b64encode(sealed).decode()}).encode()
    return send_file(BytesIO(content), "application/json", as_attachment=True, download_name=f"lead-{id}.json")
