"""The oversight door as an application of its own: it looks, and has no handler of any command. 监督端"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from interface.i18n import locales, refusal_text
from interface.kit import errors, formatting, labels, security
from interface.kit.assets import STATIC, asset
from interface.oversight import (
    alerts,
    case_file,
    dashboard,
    event_text,
    events,
    history,
    keys,
    readings,
    request_context,
    sign_in,
    sign_ins,
)
from interface.oversight.readonly_services import Overseen
from interface.runtime.request_bodies import InMemory

PLACE = "/oversight"
BLUEPRINTS = [
    dashboard.bp,
    history.bp,
    sign_in.bp,
    events.bp,
    case_file.bp,
    keys.bp,
    readings.bp,
    alerts.bp,
    sign_ins.bp,
]
LARGEST_REQUEST = 12 << 20
HERE = Path(__file__).with_name("templates")


def create_app(overseen: Overseen) -> Flask:
    """Its pages; the kit, the theme and the ways to say no are those of the ordinary door."""
    app = Flask(__name__, static_folder=STATIC, template_folder=HERE)
    app.request_class = InMemory
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST, SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE), FileSystemLoader(STATIC.with_name("templates"))])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    locales.init_app(app)
    request_context.init_app(app, overseen)
    security.init_app(app, sha256(b"oversight" + security.cookie_secret(overseen.home.keys)).digest())
    app.config.update(SESSION_COOKIE_NAME="xiaohao_oversight_page")
    refusal_text.init_app(app)
    formatting.init_app(app)
    labels.init_app(app)
    app.jinja_env.filters.update(event=event_text.event)
    errors.init_app(app)
    app.register_error_handler(413, _too_large)
    app.jinja_env.globals.update(asset=asset)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(sign_in.look)  # nothing but the look of the pages
    return app


def _too_large(_error: Exception) -> tuple[str, int]:
    """Nothing that an entry names is as large as that."""
    return errors.page(_("文件超过 10 MB，不会是日志里的条目、证明或佐证材料"), 413)


def beside(main: Callable[..., Any], oversight: Flask) -> Callable[..., Any]:
    """Both doors in one process: the oversight door under /oversight, everything else as it was."""
    return DispatcherMiddleware(main, {PLACE: oversight})
