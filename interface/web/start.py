"""The public start page, the look of the pages, and whether the service answers. 首页"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for

from domain.errors import Refusal
from interface.web.sign_in import local

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
    """200 only if the store, the read models and the signer answer."""
    answers = {name: _answers(check) for name, check in CHECKS.items()}
    return jsonify(answers), 200 if all(answers.values()) else 503


def _answers(check: Any) -> bool:
    try:
        return bool(check(g.services))
    except (Refusal, OSError):
        return False


def _store(services: Any) -> bool:
    with services.database.cursor() as cursor:
        cursor.execute("SELECT size FROM log.head")
        return cursor.fetchone() is not None


def _read_models(services: Any) -> bool:
    with services.database.cursor() as cursor:
        cursor.execute("SELECT to_regclass('read.happening') IS NOT NULL")
        return cursor.fetchone()[0]


def _signer(services: Any) -> bool:
    return services.keys.service is not None


CHECKS = {"store": _store, "read_models": _read_models, "signer": _signer}
