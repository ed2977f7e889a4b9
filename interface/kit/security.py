"""What protects every page: headers, the form token, and who may write at all. 安全"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext as _
from flask_wtf import CSRFProtect

from application.platform.home import write_whole
from domain.errors import NotAllowed
from interface.i18n.locales import N_
from interface.identity.browser_login import cookie_name
from interface.kit.drafts import not_sent

CONTENT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SECRET = 32  # bytes
DEMANDED = N_("本系统要求启用动态验证码后才能办理，内容没有提交。请先到“我的账户”启用")
CACHED = {"trail"}  # says itself what of the published log may be kept
READERS = {"discipline", "auditor"}  # no write button and no write at all: the commission and the auditors look

# The few acts that a reader does none the less, by endpoint; the log's own rules say the same.
ACTS_OF_READERS = {
    "discipline": {"disclosures.new", "disclosures.decide", "disclosures.open_", "disclosures.opening", "leads.letter"}
}


class _Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie (form token, messages), marked Secure wherever the page came over https."""

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app), self.get_cookie_path(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask, secret: bytes) -> None:
    app.secret_key = secret
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_NAME="xiaohao_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may lie open over lunch
    )
    CSRFProtect(app)
    app.after_request(_headers)


def cookie_secret(keys: Path) -> bytes:
    """The secret that signs page cookies, kept beside the instance's keys and made at the first start.

    Written whole, or not at all: half of one, after a full disk, would sign as badly as none.
    """
    path = keys / "web.secret"
    if not path.exists() or len(path.read_bytes()) < SECRET:
        write_whole(path, os.urandom(SECRET))
    return path.read_bytes()


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static" and request.blueprint not in CACHED:
        response.headers["Cache-Control"] = "no-store"  # shared office computers; also photos, exports and letters
    return response


def sign_in_required() -> Any:
    """Before every page of officials; used as `bp.before_request(sign_in_required)`."""
    if g.actor is None:
        return not_sent() if request.method == "POST" else redirect(url_for("sign_in.show", next=_page()), 303)
    if g.signed_in.must_change:
        return redirect(url_for("sign_in.password"), 303)
    if request.blueprint != "account" and not has_demanded_factor():
        if request.method == "POST":
            raise NotAllowed(_(DEMANDED))
        return redirect(url_for("account.enrol"), 303)
    if request.method == "POST":
        _refuse_readers()
    return None


def has_demanded_factor() -> bool:
    """Whether whoever is signed in has the second factor that the instance demands, if it demands one."""
    return g.people.has_second_factor(str(g.signed_in.official)) or not g.services.home.demands_second_factor


def _page() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _refuse_readers() -> None:
    """One's own account is looked after by everybody."""
    if (
        g.actor.role in READERS
        and request.blueprint != "account"
        and request.endpoint not in ACTS_OF_READERS.get(g.actor.role, ())
    ):
        raise NotAllowed(_("您的角色只能查看，不能办理"))
    if g.at is not None:
        raise NotAllowed(_("历史页面不能办理，请回到现在"))


def must_be_offered(offered: bool) -> None:
    """Raises NotAllowed: this page is for acts that the actor's role doesn't have."""
    if not offered:
        raise NotAllowed(_("您的角色不能办理这个事项"))


def may_write() -> bool:
    """Whether any form is shown at all: not to readers, and not on a page of the past."""
    return g.actor is not None and g.actor.role not in READERS and g.at is None
