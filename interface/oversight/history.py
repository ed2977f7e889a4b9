"""检查点与见证, 此前的结论: all of them, a page at a time from the newest on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import lazy_gettext as _

from interface.kit.fields import Position
from interface.kit.filters import FilterForm
from interface.oversight import heads
from interface.oversight.request_context import sign_in_required

bp = Blueprint("history", __name__)
bp.before_request(sign_in_required)
SIZE = 50


class UpToForm(FilterForm):
    upto = Position(_("条数不超过"))


@bp.get("/checkpoints")
def checkpoints() -> Any:
    form = UpToForm(formdata=request.args)
    status = 200 if form.validate() else 422
    found = heads.latest(g.services.home, SIZE + 1, upto=form.upto.number)
    more = found[SIZE].size if len(found) > SIZE else None
    return render_template("checkpoints.html", form=form, heads=found[:SIZE], more=more), status


@bp.get("/verdicts")
def verdicts() -> str:
    before, red = _number(request.args.get("before")), "red" in request.args
    found = g.verdicts.latest(SIZE + 1, before=before, red=red)
    more = found[SIZE - 1].id if len(found) > SIZE else None
    return render_template("verdicts.html", verdicts=found[:SIZE], more=more, red=red, paged=before is not None)


def _number(text: Any) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
