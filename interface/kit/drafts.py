"""未提交的内容: a form that was not taken, on whatever page that is said, and what was typed into it is shown again."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from wtforms import DateField, HiddenField, PasswordField, StringField
from wtforms.fields.core import UnboundField

from interface.kit.forms import Form

OWN = ("same-origin", "none")  # words that another site sent are nobody's draft


def not_sent() -> tuple[str, int]:
    """The answer to a form without its token or its session: 403 where one has to sign in again, else 400."""
    sentence = _("页面已过期，内容没有提交。请返回上一页，刷新后重新提交")
    if g.actor is None and request.blueprint != "sign_in":
        sentence = _("您已退出登录，或登录已过期，内容没有提交。请重新登录后再办理")
    status = 403 if g.actor is None and request.blueprint != "sign_in" else 400
    return render_template("refusal.html", sentence=sentence, status=status, unsent=typed()), status


def typed() -> list[tuple[Any, str]]:
    """(label, words) of everything that was written into the form; never a password."""
    if request.endpoint is None or request.blueprint == "sign_in":
        return []
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OWN:
        return []
    try:
        sent = list(request.form.items(multi=True))
    except HTTPException:  # too large to be read, or cut off
        return []
    labels = _labels(Form) | _labels(Form, of=current_app.view_functions[request.endpoint].__module__)
    written = ((name.rpartition("-")[2], words) for name, words in sent)
    return [(labels[name], words) for name, words in written if name in labels and words.strip()]


def _labels(kind: type[Form], of: str | None = None) -> dict[str, Any]:
    """What fields for writing are called, by name, in all forms or in those of one module: which form was sent is known to its
    own page only.
    """
    written = {name: field.args[0] for name, field in vars(kind).items() if _is_written(field)}
    found = written if of in (None, kind.__module__) else {}
    for other in kind.__subclasses__():
        found |= _labels(other, of)
    return found


def _is_written(field: Any) -> bool:
    made = field.field_class if isinstance(field, UnboundField) else object
    return issubclass(made, StringField | DateField) and not issubclass(made, PasswordField | HiddenField)
