"""What every view finds in `g`: who acts, for which unit, as of when, in which language. 场景

g.services · g.actor (Actor or None) · g.signed_in · g.scope · g.at (log position or None) · g.day · g.language · g.large
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

from application.core.permissions import reach
from application.verifier.formats.entry import Signer
from domain.roles import ROLES
from domain.rules import TYPES
from domain.values import Actor
from interface.i18n.locales import N_
from interface.identity.browser_login import cookie_name
from interface.identity.credentials import Accounts
from interface.identity.directory import People
from interface.identity.known_devices import KnownDevices
from interface.identity.login_throttle import Attempts
from interface.identity.session_keys import SessionKeys
from interface.identity.sessions import COOKIE, Sessions
from interface.identity.sign_in_record import SignInRecord
from interface.kit.formatting import SHANGHAI, endpoint_exists
from projections.query.as_of import position_at
from projections.query.scope import Scope

MENU = (
    ("desk.index", N_("工作台")),
    ("tips.index", N_("问题线索")),
    ("problems.index", N_("问题台账")),
    ("deductions.index", N_("信用扣分")),
    ("figures.weekly", N_("统计分析")),
    ("companies.index", N_("物业企业")),
    ("estates.index", N_("住宅小区")),
    ("documents.index", N_("依据文件")),
    ("disclosures.index", N_("身份打开")),
    ("leads.index", N_("检举线索")),
    ("officials.index", N_("人员与权限")),
)
# The blueprints whose pages can be shown as of an earlier day.
OF_THE_PAST = frozenset(
    {"desk", "tips", "problems", "deductions", "companies", "estates", "figures", "listings", "documents"}
)
SEE_NONE = frozenset({"administrator", "role_admin", "key_admin"})
SEE_MATTERS = frozenset(ROLES) - SEE_NONE
ONLY_FOR = {
    **dict.fromkeys(
        ("tips.index", "problems.index", "deductions.index", "figures.weekly", "estates.index", "documents.index"),
        SEE_MATTERS,
    ),
    "officials.index": SEE_NONE,
    "disclosures.index": frozenset(TYPES["disclosure.requested"]["roles"]) | {"auditor"},
    "leads.index": frozenset({"discipline"}),
}


class Parts(NamedTuple):
    """What is made once for each application and shared by its requests."""

    services: Any
    sessions: Sessions
    session_keys: SessionKeys
    accounts: Accounts
    people: People


def init_app(app: Flask, services: Any) -> None:
    sessions = Sessions(services.database)
    secrets, database = services.vault.people.secrets, services.database
    record = SignInRecord(database, secrets, "web")
    accounts = Accounts(
        services.vault.people, services.vault.second_factors, sessions, Attempts(database, secrets), record
    )
    app.extensions["known_devices"] = KnownDevices(secrets)
    app.extensions["parts"] = Parts(services, sessions, SessionKeys(services.database), accounts, People(services))
    app.before_request(_set_the_scene)
    app.url_defaults(_stay_in_the_past)
    app.jinja_env.globals.update(menu=_menu)


def _set_the_scene() -> None:
    g.language = "en" if request.cookies.get("language") == "en" else "zh"
    g.large = request.cookies.get("size") == "large"
    g.actor = g.signed_in = g.pending = g.at = None
    parts: Parts = current_app.extensions["parts"]
    g.services, g.sessions, g.session_keys, g.accounts, g.people = parts
    g.origin, g.training = g.services.origin, g.services.mode == "training"
    g.day = today()
    token = None if request.endpoint == "static" else request.cookies.get(cookie_name(COOKIE))
    if token or request.blueprint == "sign_in":
        g.people.refresh()
    if token and (session := g.sessions.find(token)) is not None:
        if session.code_due:
            g.pending = session
        else:
            _act_for(session, cache(partial(g.session_keys.signer, token)))


def _act_for(session: Any, signer: Callable[[], Signer]) -> None:
    """Whoever lost the role since then is moved to another of their roles, or signed out."""
    g.grants = g.people.grants(session.official)
    held = next((one for one in g.grants if (one.role, one.unit) == (session.role, session.unit)), None)
    if held is None and g.grants:
        held = g.grants[0]
        g.sessions.act_as(session, held.role, held.unit)
    if held is None:
        g.sessions.close(session)
        return
    g.signed_in, g.post = session, held.words
    g.name = g.people.name(session.official)
    g.actor = Actor(str(session.official), held.role, held.unit, g.people.accounts(session.official), signer)
    g.scope = scope_of(g.actor)
    if text := request.args.get("as_of"):
        with reading() as cursor:
            g.at, g.day = position_at(cursor, text, g.day)


def _stay_in_the_past(endpoint: str, places: dict[str, Any]) -> None:
    """From a page of the past every link leads to another page of the same past; `as_of=None` leads back."""
    if g.get("at") is not None and endpoint.partition(".")[0] in OF_THE_PAST:
        places.setdefault("as_of", request.args["as_of"])


def scope_of(actor: Actor) -> Scope:
    """Whose matters the actor may see. Administrators of roles and keys see none."""
    if actor.role in SEE_NONE:
        return Scope("-")
    return Scope(reach(actor) or None)


def own_accounts() -> tuple[str, ...]:
    """All accounts of the person who acts."""
    return tuple(sorted({g.actor.id, *g.actor.accounts}))


def reading() -> Any:
    """One read of the read models: everything on a page is of the same position. `with reading() as cursor:`"""
    return g.services.database.transaction(read_only=True, repeatable_read=True)


def page_number() -> int:
    """?page=, 1 if it is none."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def today() -> date:
    """The day in Shanghai, by the instance's own clock."""
    return g.services.clock.now().astimezone(SHANGHAI).date()


class Item(NamedTuple):
    words: str
    href: str
    here: bool


def _menu() -> list[Item]:
    here = (request.endpoint or "").partition(".")[0]
    return [
        Item(_(words), url_for(endpoint), endpoint.partition(".")[0] == here)
        for endpoint, words in MENU
        if endpoint_exists(endpoint) and g.actor.role in ONLY_FOR.get(endpoint, {g.actor.role})
    ]
