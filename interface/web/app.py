"""The web application, put together."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from interface.bootstrap import Services
from interface.i18n import locales, refusal_text
from interface.kit import errors, formatting, labels, request_context, security
from interface.kit.assets import STATIC, asset
from interface.runtime.request_bodies import LARGEST, InMemory
from interface.web.account import sign_in
from interface.web.account import views as account
from interface.web.deductions import views as deductions
from interface.web.desk import landing as start
from interface.web.desk import views as desk
from interface.web.disclosures import views as disclosures
from interface.web.documents import views as documents
from interface.web.exports import views as listings
from interface.web.figures import views as figures
from interface.web.log import health, receipt_check, receipts
from interface.web.log import tiles as trail
from interface.web.officials import enrolment
from interface.web.officials import exports as official_listings
from interface.web.problems import corrections, entering, handovers, urging
from interface.web.problems import views as problems
from interface.web.public import throttle, track
from interface.web.registers import views as companies
from interface.web.tips import decline as tip_decline
from interface.web.tips import intake as tip_new
from interface.web.tips import leads, readings
from interface.web.tips import search as tip_vault
from interface.web.tips import views as tips

HERE = Path(__file__).with_name("templates")
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
    entering.bp,
    corrections.bp,
    handovers.bp,
    urging.bp,
    deductions.bp,
    companies.bp,
    companies.estates,
    figures.bp,
    receipts.bp,
    receipts.files,
    disclosures.bp,
    documents.bp,
    leads.bp,
    readings.bp,
    enrolment.bp,
    official_listings.bp,
    account.bp,
    track.bp,
    receipt_check.bp,
]


def create_app(services: Services) -> Flask:
    """Pages over these services (interface/bootstrap.py). Nothing global: two applications may stand side by side."""
    app = Flask(__name__, static_folder=STATIC)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE), FileSystemLoader(STATIC.with_name("templates"))])
    app.request_class = InMemory
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=LARGEST)
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    locales.init_app(app)
    request_context.init_app(app, services)
    throttle.init_app(app)
    app.extensions["health"] = health.Answering()
    security.init_app(app, security.cookie_secret(services.home.keys))
    refusal_text.init_app(app)
    labels.init_app(app)  # before the kit is loaded: it keeps the words that it finds then
    formatting.init_app(app)
    errors.init_app(app)
    app.jinja_env.globals.update(asset=asset, alarms=health.alarms, notices=account.notices, to_do=desk.number)
    app.jinja_env.globals.update(may_decline_many=tip_decline.may_decline_many)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # Nobody is signed in there, and the form's own token is signed; without ours those pages leave no cookie on a phone.
    for public in (track.bp, receipt_check.bp, start.look):
        app.extensions["csrf"].exempt(public)
    return app
