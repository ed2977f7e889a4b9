"""监督端登录: officials with the role discipline or auditor; sessions of this door's own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.errors import Busy
from domain.rules import ROLES as OFFICES
from interface.oversight.scene import COOKIE, ROLES, grant_of
from interface.web.addresses import local
from interface.web.attempts import Wait
from interface.web.fields import Line, Password
from interface.web.forms import Form

bp = Blueprint("sign_in", __name__)
LOOKS = {"size": {"normal", "large"}, "language": {"zh", "en"}}
YEAR = 365 * 24 * 3600


class SignInForm(Form):
    login = Line(_("账号"), render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    secret = Password(_("口令"), render_kw={"autocomplete": "current-password"})


@bp.get("/sign-in")
def show() -> Any:
    if g.actor is not None:
        return redirect(url_for("start.index"), 303)
    return _page(SignInForm())


@bp.post("/sign-in")
def sign_in() -> Any:
    form = SignInForm()
    refused, status = None, 422
    if form.validate_on_submit():
        try:
            credential = g.accounts.sign_in(form.login.data, form.secret.data, request.remote_addr or "")
            grant = grant_of(credential.official) if credential else None
            refused, status = _refusal(credential, grant)
        except (Wait, Busy) as later:
            refused, status = str(later), 429
        if refused is None:
            return _begin(credential, grant)
        form.wrong("secret" if status == 422 else None, refused)
    return _page(form), status


def _page(form: SignInForm) -> str:
    """The ordinary door's page under another title; on a training instance with the accounts that this door lets in."""
    words = {OFFICES[role] for role in ROLES}
    demo = [one for one in g.people.demo_accounts() if one["role"] in words] if g.training else []
    title, note = gettext("登录监督端"), gettext("市纪委监委和审计人员使用与办理端相同的账号和口令")
    return render_template("sign_in.html", form=form, demo=demo, title=title, note=note)


def _refusal(credential: Any, grant: Any) -> tuple[str | None, int]:
    if credential is None:
        return gettext("账号或口令不正确"), 422
    if credential.one_time:
        return gettext("请先在办理端登录，更换一次性口令，再到监督端登录"), 403
    if grant is None:
        return gettext("监督端只对市纪委监委和审计人员开放；请从办理端登录"), 403
    return None, 200


def _begin(credential: Any, grant: Any) -> Any:
    """A new token and a new form token: what was known before signing in is worth nothing after it."""
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    token = g.sessions.open(credential.official, grant.role, grant.unit)
    response = make_response(redirect(local(request.args.get("next")) or url_for("start.index"), 303))
    response.set_cookie(COOKIE, token, path=_path(), httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.post("/sign-out")
def sign_out() -> Any:
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    response = make_response(redirect(url_for("sign_in.show"), 303))
    response.delete_cookie(COOKIE, path=_path(), httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.post("/look")
def look() -> Any:
    """大字版, English: kept in a cookie on this machine."""
    response = make_response(redirect(local(request.form.get("next")) or url_for("start.index"), 303))
    for name, values in LOOKS.items():
        if (value := request.form.get(name)) in values:
            response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _path() -> str:
    """The session goes to this door only, although both doors may stand on one site."""
    return request.script_root or "/"
