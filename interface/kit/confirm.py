"""Before a weighty act: in words what will be signed, and the password, with a code where a second factor is enrolled. 核对

The page sends the form again to the same address, with its token, so the act is the one that was looked at and is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from application.core.ledger import STALE
from domain.errors import Conflict
from interface.i18n.locales import N_
from interface.identity.login_throttle import Wait
from interface.kit.fields import OneTimeCode, Password
from interface.kit.forms import ActForm, Form

CARRIED = {"csrf_token", "password_again", "code_again", "checked"}  # what the page itself sends beside the form

CODE_HINT = lazy_gettext("手机验证器上的六位数字，或一个恢复码")
WRONG_CODE = N_("动态验证码不正确或已用过，请等新的验证码出现后再输入")


class Confirmation(NamedTuple):
    """对象: what the act is about, in facts (label, words); the names of its state before and after; what fields were before.

    `version` is what it is now: nobody is asked to look at, or to give a password for, what has changed meanwhile.
    """

    of: list[tuple[Any, Any]]
    states: tuple[Any, Any] | None = None
    before: dict[str, Any] = {}
    version: int | None = None


class Again(Form):
    """What somebody who is signed in already says once more."""

    password_again = Password(lazy_gettext("登录口令"), render_kw={"autocomplete": "current-password"})
    code_again = OneTimeCode(lazy_gettext("动态验证码"), description=CODE_HINT)


def asked_again() -> Again:
    """The password, unless it is not older than five minutes; likewise a code of whoever enrolled a second factor."""
    asked = Again()
    if g.sessions.is_confirmed(g.signed_in):
        del asked.password_again
    if not g.people.has_second_factor(g.actor.id) or g.sessions.is_code_confirmed(g.signed_in):
        del asked.code_again
    return asked


def check(form: ActForm, title: str, review: Callable[[], Confirmation]) -> tuple[str, int] | None:
    """None once the page was looked at, and what was asked again is right. Raises Conflict, or what the review raises.

    Files can't be carried along: a weighty form has none.
    """
    asked, status = asked_again(), 200
    if request.form.get("checked"):
        if not asked.shown or is_answered(asked):
            return None
        status = 422
    if (about := review()).version is not None and about.version != form.version:
        raise Conflict(STALE)
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in CARRIED]
    shown = {"title": title, "about": about, "typed": form.typed, "carried": carried}
    return render_template("check.html", form=asked, **shown), status


def is_answered(asked: Again) -> bool:
    """A code is spent only beside the right password; a wrong one of either makes the next try wait alike."""
    if not asked.validate():
        return False
    address = request.remote_addr or ""
    try:
        return code_is_known(asked, address) and _password_is_right(asked, address) and code_is_spent(asked)
    except Wait as wait:
        asked.wrong(None, str(wait))
        return False


def code_is_known(asked: Any, address: str) -> bool:
    """Of a form that asks a code, or does not. Raises Wait: wrong codes count like wrong passwords."""
    if asked.code_again is None:
        return True
    if g.accounts.knows_code(g.signed_in, asked.code_again.data, g.services.clock.now(), address):
        return True
    asked.wrong("code_again", _(WRONG_CODE))
    return False


def _password_is_right(asked: Again, address: str) -> bool:
    if asked.password_again is None or g.accounts.confirm(g.signed_in, asked.password_again.data, address):
        return True
    asked.wrong("password_again", _("口令不正确，请重新输入"))
    return False


def code_is_spent(asked: Any) -> bool:
    if asked.code_again is None:
        return True
    if g.services.vault.second_factors.spend(g.signed_in.official, asked.code_again.data, g.services.clock.now()):
        g.sessions.confirm_code(g.signed_in)
        return True
    asked.wrong("code_again", _(WRONG_CODE))
    return False
