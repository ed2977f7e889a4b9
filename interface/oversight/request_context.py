"""What every view of the oversight door finds in `g`: who looks, in which role, in which language. 监督场景"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Flask, current_app, g, redirect, request, url_for
from flask_babel import gettext as _

from domain.values import Actor
from interface.i18n.locales import N_
from interface.identity.browser_login import cookie_name
from interface.identity.credentials import Accounts
from interface.identity.directory import Grant, People
from interface.identity.known_devices import KnownDevices
from interface.identity.login_throttle import Attempts
from interface.identity.sessions import Sessions, SignedIn
from interface.identity.sign_in_record import SignInRecord
from interface.kit.formatting import SHANGHAI
from interface.oversight.readonly_services import Overseen
from interface.oversight.verdict_store import Verdicts
from projections.query.scope import Scope

COOKIE = "xiaohao_oversight"
SCHEMA = "oversight"
ROLES = ("discipline", "auditor")  # who is let in; the first of them that somebody holds
MENU = (
    ("start.index", N_("核验结论")),
    ("events.index", N_("日志检索")),
    ("alerts.index", N_("监督预警")),
    ("readings.index", N_("查阅记录")),
    ("sign_ins.index", N_("登录记录")),
    ("keys.index", N_("密钥目录")),
)
UNDER = {"history": "start", "matters": "events"}  # pages without a place of their own in the menu


class Parts(NamedTuple):
    """What is made once for each application and shared by its requests."""

    overseen: Overseen
    sessions: Sessions
    accounts: Accounts
    people: People
    verdicts: Verdicts


class Item(NamedTuple):
    words: str
    href: str
    here: bool


def init_app(app: Flask, overseen: Overseen) -> None:
    database = overseen.database
    sessions = Sessions(database, schema=SCHEMA, credentials="oversight.credential_state")
    secrets = overseen.vault.people.secrets
    attempts, record = Attempts(database, secrets), SignInRecord(database, secrets, "oversight")
    accounts = Accounts(overseen.vault.people, overseen.vault.second_factors, sessions, attempts, record)
    app.extensions["known_devices"] = KnownDevices(secrets)
    app.extensions["parts"] = Parts(overseen, sessions, accounts, People(overseen), Verdicts(database))
    app.before_request(_set_the_scene)
    app.jinja_env.globals.update(menu=_menu)


def _set_the_scene() -> None:
    g.language = "en" if request.cookies.get("language") == "en" else "zh"
    g.large = request.cookies.get("size") == "large"
    g.actor = g.signed_in = g.pending = g.at = None
    parts: Parts = current_app.extensions["parts"]
    g.services, g.sessions, g.accounts, g.people, g.verdicts = parts
    g.origin, g.training, g.scope = g.services.origin, g.services.mode == "training", Scope.all()
    g.day = datetime.now(UTC).astimezone(SHANGHAI).date()
    if request.endpoint == "static":
        return
    g.people.refresh()
    token = request.cookies.get(cookie_name(COOKIE, request.script_root or "/"))
    if token and (session := g.sessions.find(token)) is not None:
        if session.code_due:
            g.pending = session
        else:
            _look_for(session)


def _look_for(session: SignedIn) -> None:
    """Whoever lost the role since then is signed out with the next page."""
    grant = grant_of(session.official)
    if grant is None or session.must_change:
        g.sessions.close(session)
        return
    g.signed_in, g.post, g.name = session, grant.words, g.people.name(session.official)
    g.actor = Actor(str(session.official), grant.role, grant.unit)


def grant_of(official: Any) -> Grant | None:
    """The role in which this official may look."""
    held = [one for one in g.people.grants(official) if one.role in ROLES]
    return min(held, key=lambda one: ROLES.index(one.role), default=None)


def sign_in_required() -> Any:
    if g.actor is None:
        here = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.show", next=here), 303)
    return None


def unseen() -> tuple[str, ...]:
    """Topics that are not shown to this role, nor on the server: that an official was accused is for the commission (§10.6)."""
    return () if g.actor and g.actor.role == "discipline" else ("lead.referred",)


def record(what: str, why: str) -> None:
    """That the person at this page is shown or handed it; before it happens."""
    g.services.vault.record_access(g.actor.id, g.actor.unit, what=what, why=why)


def reading() -> Any:
    """One read of log and read models: everything on a page is of the same moment."""
    return g.services.database.transaction(read_only=True, repeatable_read=True)


def page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _menu() -> list[Item]:
    here = (request.endpoint or "").partition(".")[0]
    here = UNDER.get(here, here)
    return [Item(_(words), url_for(endpoint), endpoint.partition(".")[0] == here) for endpoint, words in MENU]
