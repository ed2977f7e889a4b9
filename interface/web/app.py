"""The web application, put together."""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from interface.bodies import LARGEST, InMemory
from interface.web import (
    account,
    companies,
    corrections,
    deductions,
    desk,
    disclosures,
    enrolments,
    errors,
    figures,
    flood,
    format,
    handovers,
    health,
    leads,
    listings,
    locales,
    official_listings,
    problems,
    public_track,
    readings,
    receipt_check,
    receipts,
    refusals,
    scene,
    security,
    sign_in,
    start,
    tip_decline,
    tip_new,
    tip_vault,
    tips,
    trail,
    words,
)
from interface.web.assets import asset

BLUEPRINTS = [
    start.bp,
    sign_in.bp,
    trail.bp,
    desk.bp,
    tips.bp,
    tip_vault.bp,
    tip_new.bp,
    tip_decline.bp,
    listings.bp,
    problems.bp,
    corrections.bp,
    handovers.bp,
    deductions.bp,
    companies.bp,
    companies.estates,
    figures.bp,
    receipts.bp,
    receipts.files,
    disclosures.bp,
    leads.bp,
    readings.bp,
    enrolments.bp,
    official_listings.bp,
    account.bp,
    public_track.bp,
    receipt_check.bp,
]


def create_app(services: Any) -> Flask:
    """Pages over these services (interface/bootstrap.py). Nothing global: two applications may stand side by side."""
    app = Flask(__name__)
    app.request_class = InMemory
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=LARGEST)
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    locales.speak(app)
    scene.set_up(app, services)
    flood.set_up(app)
    app.extensions["health"] = health.Answering()
    security.protect(app, security.cookie_secret(services.home.keys))
    refusals.know_refusals(app)
    words.know_words(app)  # before the kit is loaded: it keeps the words that it finds then
    format.write_with(app)
    errors.answer_for_errors(app)
    app.jinja_env.globals.update(asset=asset, alarms=health.alarms, notices=account.notices, to_do=desk.number)
    app.jinja_env.globals.update(may_decline_many=tip_decline.may_decline_many)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # Nobody is signed in there, and the form's own token is signed; without ours those pages leave no cookie on a phone.
    for public in (public_track.bp, receipt_check.bp, start.look):
        app.extensions["csrf"].exempt(public)
    return app
