"""登录、退出、口令、角色切换"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.officials import SetPassword
from application.vault.crypto import Unreadable
from application.vault.passwords import Password as Word
from domain.errors import Busy, NotAllowed, RuleBroken
from interface.web.accounts import SHORTEST
from interface.web.addresses import local
from interface.web.attempts import Wait
from interface.web.checking import CODE_HINT, code_is_known, code_is_spent
from interface.web.fields import Line, OneTimeCode, Password
from interface.web.forms import ActForm, Form
from interface.web.sessions import COOKIE

bp = Blueprint("sign_in", __name__)


class SignInForm(Form):
    login = Line(_("账号"), render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    secret = Password(_("口令"), render_kw={"autocomplete": "current-password"})


class PasswordForm(ActForm):
    old = Password(_("现在的口令"), render_kw={"autocomplete": "current-password"})
    new = Password(
        _("新口令"),
        description=_("至少 %(n)s 个字符，可以是一句话", n=SHORTEST),
        render_kw={"autocomplete": "new-password"},
    )
    again = Password(_("再输一次新口令"), render_kw={"autocomplete": "new-password"})
    code_again = OneTimeCode(_("动态验证码"), description=CODE_HINT)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if len(self.new.data) < SHORTEST:
            self.wrong("new", gettext("新口令至少要有 %(n)s 个字符", n=SHORTEST))
        if self.new.data != self.again.data:
            self.wrong("again", gettext("两次输入的新口令不一致"))
        if self.new.data == self.old.data:
            self.wrong("new", gettext("新口令不能与现在的口令相同"))
        return not self.wrongs


@bp.get("/sign-in")
def show() -> Any:
    if g.actor is not None:
        return redirect(url_for("desk.index"), 303)
    return _sign_in_page(SignInForm())


@bp.post("/sign-in")
def sign_in() -> Any:
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    try:
        credential = g.accounts.sign_in(form.login.data, form.secret.data, request.remote_addr or "")
    except (Wait, Busy) as later:
        form.wrong(None, str(later))
        return _sign_in_page(form), 429
    if credential is None:
        form.wrong("secret", gettext("账号或口令不正确"))
        return _sign_in_page(form), 422
    grants = g.people.grants(credential.official)
    if not grants:
        form.wrong(None, gettext("您的账号还没有角色，或已停用，请联系管理员"))
        return _sign_in_page(form), 403
    return _begin(credential, grants[0], Word(form.secret.data))


def _begin(credential: Any, grant: Any, password: Word) -> Any:
    """A new token and a new form token: what was known before signing in is worth nothing after it.

    The person's key is unlocked into the session; who has none may look and not act.
    """
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    token = g.sessions.open(credential.official, grant.role, grant.unit)
    with suppress(NotAllowed, Unreadable):
        g.session_keys.keep(token, g.services.keys.unlock(str(credential.official), password))
    to = (
        url_for("sign_in.password") if credential.one_time else local(request.args.get("next")) or url_for("desk.index")
    )
    response = make_response(redirect(to, 303))
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _sign_in_page(form: SignInForm) -> str:
    demo = g.people.demo_accounts() if g.training else []
    return render_template("sign_in.html", form=form, demo=demo)


@bp.post("/sign-out")
def sign_out() -> Any:
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    response = make_response(redirect(url_for("start.index"), 303))
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.route("/password", methods=["GET", "POST"])
def password() -> Any:
    """更换口令: by the person, who signs in again with it, on every machine."""
    if g.signed_in is None:
        return redirect(url_for("sign_in.show", next=request.path), 303)
    form = PasswordForm()
    if not g.people.has_second_factor(str(g.signed_in.official)):
        del form.code_again
    if form.validate_on_submit() and _old_is_right(form):
        new, old = Word(form.new.data), Word(form.old.data)
        g.services.ledger.handle(SetPassword(id=form.command, actor=g.actor, password=new, old=old))
        session.clear()
        flash(gettext("口令已更换，请用新口令登录"), "message")
        return redirect(url_for("sign_in.show"), 303)
    return render_template("password.html", form=form), 422 if form.wrongs else 200


def _old_is_right(form: PasswordForm) -> bool:
    address = request.remote_addr or ""
    try:
        if not code_is_known(form, address):
            return False
        if g.accounts.confirm(g.signed_in, form.old.data, address):
            return code_is_spent(form)
        form.wrong("old", gettext("现在的口令不正确"))
    except Wait as wait:
        form.wrong(None, str(wait))
    return False


@bp.post("/act-as")
def act_as() -> Any:
    """以另一角色办理: only in a role that was granted."""
    if g.signed_in is None:
        raise NotAllowed(gettext("请先登录"))
    role, _at, unit = request.form.get("grant", "").partition("@")
    if not any((one.role, one.unit) == (role, unit) for one in g.grants):
        raise RuleBroken(gettext("您没有这个角色，请重新选择"))
    g.sessions.act_as(g.signed_in, role, unit)
    return redirect(url_for("desk.index"), 303)
