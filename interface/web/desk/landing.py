"""The public start page, the look of the pages, and whether the service answers. 首页"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, jsonify, make_response, redirect, render_template, request, url_for

from interface.kit.safe_redirect import local
from interface.web.log import health

bp = Blueprint("start", __name__)
LOOKS = {"size": {"normal", "large"}, "language": {"zh", "en"}}
YEAR = 365 * 24 * 3600


@bp.get("/")
def index() -> str:
    return render_template("start.html")


@bp.post("/look")
def look() -> Any:
    """大字版, English: kept in a cookie on this machine."""
    response = make_response(redirect(local(request.form.get("next")) or url_for("start.index"), 303))
    for name, values in LOOKS.items():
        if (value := request.form.get(name)) in values:
            response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.get("/healthz")
def healthz() -> Any:
    """200 only if the store, the read models and the signer answer; how far each part is, is told to administrators."""
    if g.actor is not None and g.actor.role in health.ADMINISTRATORS:
        told = health.report(g.services)
        return jsonify(told), 200 if health.is_up(told) else 503
    well = current_app.extensions["health"].is_up(g.services)
    return jsonify({"ok": well}), 200 if well else 503
