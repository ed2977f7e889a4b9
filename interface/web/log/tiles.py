"""The published trail over HTTP (C2SP tlog-tiles): hashes for everybody, entries for the commission only. 公开日志"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, g, request, send_file

from application.publication.mirror_tokens import MirrorTokens

bp = Blueprint("trail", __name__, url_prefix="/trail")

TEXT, BYTES, JSON = "text/plain", "application/octet-stream", "application/json"  # Flask adds the charset to text
SIZE = re.compile(r"0|[1-9]\d{0,15}", re.ASCII)
TILE = re.compile(
    r"(?P<level>[0-9]|[1-5][0-9]|6[0-3]|entries)/(x\d{3}/)*\d{3}(\.p/([1-9]\d?|1\d\d|2[0-4]\d|25[0-5]))?", re.ASCII
)
FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/checkpoint")
def checkpoint() -> Any:
    return _file("checkpoint", TEXT, "no-cache")


@bp.get("/checkpoints/<size>")
def checkpoint_of(size: str) -> Any:
    if not SIZE.fullmatch(size):
        abort(404)
    return _file(f"checkpoints/{size}", TEXT, "no-cache")


@bp.get("/log.vkey")
def vkey() -> Any:
    return _file("log.vkey", TEXT, "no-cache")


@bp.get("/keys.json")
def keys() -> Any:
    _only_the_commission()
    return _file("keys.json", JSON, "no-store")


@bp.get("/tile/<path:path>")
def tile(path: str) -> Any:
    if (match := TILE.fullmatch(path)) is None:
        abort(404)
    if match["level"] == "entries":
        _only_the_commission()
        return _file(f"tile/{path}", BYTES, "no-store")
    return _file(f"tile/{path}", BYTES, FOR_EVER)


def _only_the_commission() -> None:
    """Entries hold internal acts: to everybody else they do not exist (docs/format.md §6.5)."""
    if (g.actor is None or g.actor.role != "discipline") and not _is_mirror():
        abort(404)


def _is_mirror() -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and MirrorTokens(g.services.home.keys).know(token)


def _file(name: str, media_type: str, caching: str) -> Any:
    """A published file; every name was matched against its exact form before."""
    path = g.services.home.trail / name
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype=media_type, conditional=True, etag=True)
    response.headers["Cache-Control"] = caching
    return response
