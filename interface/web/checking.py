"""Before a weighty act: in words what will be signed, and the password. 核对

The page sends the form again to the same address, with its token, so the act is the one that was looked at and is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from interface.web.attempts import Wait
from interface.web.fields import Password
from interface.web.forms import ActForm, Form

CARRIED = {"csrf_token", "password_again", "checked"}  # what the page itself sends beside the form


class Review(NamedTuple):
    """对象: what the act is about, in facts (label, words); its state before and after; what fields were before, by name."""

    of: list[tuple[Any, Any]]
    states: tuple[Any, Any]
    before: dict[str, Any] = {}


class PasswordAgain(Form):
    password_again = Password(lazy_gettext("登录口令"), render_kw={"autocomplete": "current-password"})


def check(form: ActForm, title: str, review: Callable[[], Review]) -> tuple[str, int] | None:
    """None once the page was looked at and the password is right or not older than five minutes; else that page.

    Files can't be carried along: a weighty form has none.
    """
    password, status = PasswordAgain(), 200
    known = g.sessions.is_confirmed(g.signed_in)
    if request.form.get("checked"):
        if known or _confirmed(password):
            return None
        status = 422
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in CARRIED]
    shown = {"title": title, "about": review(), "typed": form.typed, "carried": carried}
    return render_template("check.html", form=password, password=not known, **shown), status


def _confirmed(password: PasswordAgain) -> bool:
    if not password.password_again.data:
        password.wrong("password_again", _("请填写登录口令"))
        return False
    try:
        if g.accounts.confirm(g.signed_in, password.password_again.data, request.remote_addr or ""):
            return True
        password.wrong("password_again", _("口令不正确，请重新输入"))
    except Wait as wait:
        password.wrong("password_again", str(wait))
    return False
