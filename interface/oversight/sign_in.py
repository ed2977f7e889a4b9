"""监督端登录: officials with the role discipline or auditor; sessions of this door's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.vault.people import Credential
from domain.errors import Busy
from domain.roles import ROLES as OFFICES
from interface.identity.browser_login import (
    device_words,
    drop_cookie,
    keep_cookie,
    remember_device,
    signed_out,
    visitor,
)
from interface.identity.directory import Grant
from interface.identity.login_throttle import Visitor, Wait
from interface.kit.confirm import CODE_HINT, WRONG_CODE
from interface.kit.fields import Line, OneTimeCode, Password
from interface.kit.forms import Form
from interface.kit.safe_redirect import local
from interface.oversight.request_context import COOKIE, ROLES, grant_of

bp = Blueprint("sign_in", __name__)
LOOKS = {"size": {"normal", "large"}, "language": {"zh", "en"}}
YEAR = 365 * 24 * 3600


class SignInForm(Form):
    login = Line(_("账号"), render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    secret = Password(_("口令"), render_kw={"autocomplete": "current-password"})


class CodeForm(Form):
    code = OneTimeCode(_("动态验证码"), description=CODE_HINT)


@bp.get("/sign-in")
def show() -> Any:
    if g.actor is not None:
        return redirect(url_for("start.index"), 303)
    return _page(SignInForm())


@bp.post("/sign-in")
def sign_in() -> Any:
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form), 422
    credential = g.accounts.people.credential(form.login.data)
    who = visitor(credential.official if credential else None)
    try:
        right = g.accounts.sign_in(credential, form.login.data, form.secret.data, who)
    except (Wait, Busy) as later:
        form.wrong(None, str(later))
        return _page(form), 429
    if credential is None or not right:
        form.wrong("secret", gettext("账号或口令不正确"))
        return _page(form), 422
    grant = grant_of(credential.official)
    if refused := _refusal(credential, grant):
        g.accounts.record.add(credential.official, "refused", who)
        form.wrong(None, refused)
        return _page(form), 403
    return _begin(credential.official, grant, who)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Any:
    """动态验证码: the second half of a sign-in, where the instance demands one."""
    if g.pending is None:
        return redirect(url_for("sign_in.show", next=local(request.args.get("next"))), 303)
    form, status, who = CodeForm(), 200, visitor(g.pending.official)
    if form.validate_on_submit():
        try:
            if g.accounts.take_code(g.pending.official, form.code.data, g.services.clock.now(), who):
                g.sessions.confirm_code(g.pending)
                return _signed_in(g.pending.official, who)
            form.wrong("code", gettext(WRONG_CODE))
        except Wait as wait:
            form.wrong(None, str(wait))
            status = 429
    return render_template("sign_in_code.html", form=form), 422 if form.wrongs and status == 200 else status


def _page(form: SignInForm) -> str:
    """The ordinary door's page under another title; on a training instance with the accounts that this door lets in."""
    words = {OFFICES[role] for role in ROLES}
    demo = [one for one in g.people.demo_accounts() if one["role"] in words] if g.training else []
    title, note = gettext("登录监督端"), gettext("市纪委监委和审计人员使用与办理端相同的账号和口令")
    return render_template("sign_in.html", form=form, demo=demo, title=title, note=note)


def _refusal(credential: Credential, grant: Grant | None) -> str | None:
    if credential.one_time:
        return gettext("请先在办理端登录，更换一次性口令，再到监督端登录")
    if grant is None:
        return gettext("监督端只对市纪委监委和审计人员开放；请从办理端登录")
    if g.services.home.demands_second_factor and not g.people.has_second_factor(str(credential.official)):
        return gettext("本系统登录时要求动态验证码；请先在办理端登录并启用，再到监督端登录")
    return None


def _begin(official: UUID, grant: Any, who: Visitor) -> Any:
    """A new token and a new form token: what was known before signing in is worth nothing after it."""
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    due = g.services.home.demands_second_factor
    token = g.sessions.open(official, grant.role, grant.unit, device=device_words(), code_due=due)
    if due:
        response = make_response(redirect(url_for("sign_in.code", next=local(request.args.get("next"))), 303))
    else:
        response = _signed_in(official, who)
    keep_cookie(response, COOKIE, token, path=_path())
    return response


def _signed_in(official: UUID, who: Visitor) -> Any:
    g.accounts.record.add(official, "signed_in", who)
    response = make_response(redirect(local(request.args.get("next")) or url_for("start.index"), 303))
    remember_device(response, official)
    return response


@bp.post("/sign-out")
def sign_out() -> Any:
    if (open_ := g.signed_in or g.pending) is not None:
        g.sessions.close(open_)
    session.clear()
    response = make_response(redirect(url_for("sign_in.show"), 303))
    drop_cookie(response, COOKIE, path=_path())
    return signed_out(response)


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
