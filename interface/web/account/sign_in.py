"""登录、退出、口令、角色切换"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.officials.officials import SetPassword
from application.vault.crypto import Unreadable
from application.vault.passwords import Password as Word
from application.vault.people import STARTING_TERM, Credential
from domain.errors import Busy, NotAllowed, RuleBroken
from domain.passwords import SHORTEST
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
from interface.identity.sessions import COOKIE
from interface.kit.confirm import CODE_HINT, WRONG_CODE, code_is_known, code_is_spent
from interface.kit.fields import Line, OneTimeCode, Password
from interface.kit.forms import ActForm, Form
from interface.kit.safe_redirect import local

bp = Blueprint("sign_in", __name__)


class SignInForm(Form):
    login = Line(_("账号"), render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    secret = Password(_("口令"), render_kw={"autocomplete": "current-password"})


class CodeForm(Form):
    code = OneTimeCode(_("动态验证码"), description=CODE_HINT)


class PasswordForm(ActForm):
    old = Password(_("现在的口令"), render_kw={"autocomplete": "current-password"})
    new = Password(
        _("新口令"),
        description=_("至少 %(n)s 个字符，可以是一句话；常见的口令和含有账号、姓名、单位、工号的不行", n=SHORTEST),
        render_kw={"autocomplete": "new-password"},
    )
    again = Password(_("再输一次新口令"), render_kw={"autocomplete": "new-password"})
    code_again = OneTimeCode(_("动态验证码"), description=CODE_HINT)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
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
    credential = g.accounts.people.credential(form.login.data)
    who = visitor(credential.official if credential else None)
    try:
        right = g.accounts.sign_in(credential, form.login.data, form.secret.data, who)
    except (Wait, Busy) as later:
        form.wrong(None, str(later))
        return _sign_in_page(form), 429
    if credential is None or not right:
        form.wrong("secret", gettext("账号或口令不正确"))
        return _sign_in_page(form), 422
    grants = g.people.grants(credential.official)
    if refused := _refusal(credential, grants):
        g.accounts.record.add(credential.official, "refused", who)
        form.wrong(None, refused)
        return _sign_in_page(form), 403
    return _begin(credential, grants[0], Word(form.secret.data), who)


def _refusal(credential: Credential, grants: list[Grant]) -> str | None:
    if not grants:
        return gettext("您的账号还没有角色，或已停用，请联系管理员")
    if credential.expired and g.people.key_administrators_beside(credential.official):
        return gettext("起始口令 %(n)s 天内有效，现已过期；请联系密钥管理员重置口令", n=STARTING_TERM)
    return None


def _begin(credential: Credential, grant: Grant, password: Word, who: Visitor) -> Any:
    """A new token and a new form token: what was known before signing in is worth nothing after it.

    The person's key is unlocked into the session; who has none may look and not act. Where a second factor is demanded, the
    session opens nothing before its code is given.
    """
    if g.signed_in is not None:
        g.sessions.close(g.signed_in)
    session.clear()
    code_due = g.services.home.demands_second_factor and g.people.has_second_factor(str(credential.official))
    device = device_words()
    token = g.sessions.open(credential.official, grant.role, grant.unit, device=device, code_due=code_due)
    with suppress(NotAllowed, Unreadable):
        g.session_keys.keep(token, g.services.keys.unlock(str(credential.official), password))
    if code_due:
        response = make_response(redirect(url_for("sign_in.code", next=local(request.args.get("next"))), 303))
    else:
        response = _signed_in(credential.official, credential.one_time, who)
    keep_cookie(response, COOKIE, token)
    return response


def _signed_in(official: UUID, must_change: bool, who: Visitor) -> Any:
    """On to where they wanted; this device is known from now on."""
    g.accounts.record.add(official, "signed_in", who)
    g.accounts.record.forget()
    to = url_for("sign_in.password") if must_change else local(request.args.get("next")) or url_for("desk.index")
    response = make_response(redirect(to, 303))
    remember_device(response, official)
    return response


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
                return _signed_in(g.pending.official, g.pending.must_change, who)
            form.wrong("code", gettext(WRONG_CODE))
        except Wait as wait:
            form.wrong(None, str(wait))
            status = 429
    return render_template("sign_in_code.html", form=form), 422 if form.wrongs and status == 200 else status


def _sign_in_page(form: SignInForm) -> str:
    demo = g.people.demo_accounts() if g.training else []
    return render_template("sign_in.html", form=form, demo=demo)


@bp.post("/sign-out")
def sign_out() -> Any:
    if (open_ := g.signed_in or g.pending) is not None:
        g.sessions.close(open_)
    session.clear()
    response = make_response(redirect(url_for("start.index"), 303))
    drop_cookie(response, COOKIE)
    return signed_out(response)


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
        try:
            g.services.ledger.handle(SetPassword(id=form.command, actor=g.actor, password=new, old=old))
        except RuleBroken as refusal:
            form.wrong("new", str(refusal))
        else:
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
