"""The web application, put together."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from jinja2 import StrictUndefined

from interface.web import (
    companies,
    corrections,
    deductions,
    desk,
    errors,
    figures,
    format,
    health,
    listings,
    locales,
    problems,
    public_track,
    receipt_check,
    receipts,
    refusals,
    scene,
    security,
    sign_in,
    start,
    tip_new,
    tips,
    trail,
    words,
)
from interface.web.photos import LARGEST_REQUEST

BLUEPRINTS = [
    start.bp,
    sign_in.bp,
    trail.bp,
    desk.bp,
    tips.bp,
    tip_new.bp,
    listings.bp,
    problems.bp,
    corrections.bp,
    deductions.bp,
    companies.bp,
    companies.estates,
    figures.bp,
    receipts.bp,
    receipts.files,
    public_track.bp,
    receipt_check.bp,
]
STATIC = Path(__file__).with_name("static")


def create_app(services: Any) -> Flask:
    """Pages over these services (interface/bootstrap.py). Nothing global: two applications may stand side by side."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST, SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    locales.speak(app)
    scene.set_up(app, services)
    security.protect(app, security.cookie_secret(services.home.keys))
    refusals.know_refusals(app)
    format.write_with(app)
    words.know_words(app)
    errors.answer_for_errors(app)
    app.jinja_env.globals.update(asset=asset, alarms=health.alarms)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for public in (public_track.bp, receipt_check.bp):  # nobody is signed in there; the form's own token is signed
        app.extensions["csrf"].exempt(public)
    return app


def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so browsers may keep it for a year."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
