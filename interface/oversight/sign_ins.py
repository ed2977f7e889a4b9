"""登录记录: who signed in at which door, and who was refused; for a month. 监督端登录记录"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from interface.identity.sign_in_record import DOORS, NOBODY, RESULTS
from interface.kit.fields import Choice, Line
from interface.kit.filters import FilterForm
from interface.oversight.request_context import page_number, reading, sign_in_required

bp = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")
bp.before_request(sign_in_required)


class Filters(FilterForm):
    person = Line(_("姓名"), needed=False)
    result = Choice(_("结果"), needed=False, empty=_("全部"))


@bp.get("")
def index() -> Any:
    form = Filters(formdata=request.args)
    form.result.choices = [(result, gettext(words)) for result, (words, _colour) in RESULTS.items()]
    right = form.validate()
    named = form.person.data if right else None
    officials = [UUID(one) for one in g.people.officials_named(named)] if named else None
    with reading() as cursor:
        page = g.accounts.record.page(cursor, page_number(), officials, form.result.data if right else None)
    names = g.people.names(sorted({str(one.official) for one in page.rows}))
    names[str(NOBODY)] = gettext("没有这个账号")
    shown = {"form": form, "page": page, "names": names, "doors": DOORS, "results": RESULTS}
    return render_template("sign_ins.html", **shown), 200 if right else 422
