"""工作台: what waits for this role; every count opens exactly its rows."""

from __future__ import annotations

from flask import Blueprint, render_template

from interface.web.security import sign_in_required

bp = Blueprint("desk", __name__)
bp.before_request(sign_in_required)


@bp.get("/desk")
def index() -> str:
    return render_template("desk/index.html", groups=[])
