"""查阅记录: who was shown what, and why. The table only grows, and the log seals it every hour."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.verifier.formats.entry import body_of, loads
from interface.i18n.locales import N_
from interface.kit import access_text
from interface.kit.fields import Choice, Day, Line
from interface.kit.filters import FilterForm
from interface.kit.formatting import SHANGHAI
from interface.oversight.request_context import page_number, reading, record, sign_in_required, unseen
from projections.query.page import Page, fetch_page

bp = Blueprint("readings", __name__, url_prefix="/readings")
bp.before_request(sign_in_required)
# By its word in the address: what it is called, and which rows are meant.
KINDS = {
    "tip": (N_("线索原文"), "what ^@ 'tip/' AND NOT why ^@ 'disclosure/'"),
    "identity": (N_("打开身份"), "why ^@ 'disclosure/'"),
    "tips": (N_("搜索线索原文"), "what ^@ 'tips/'"),
    "lead": (N_("检举线索"), "what ^@ 'lead/'"),
    "export": (N_("导出"), "what ^@ 'export/'"),
    "pack": (N_("证据包"), "what ^@ 'pack/'"),
    "entry": (N_("日志条目"), "what ^@ 'entry/'"),
    "access": (N_("查阅记录"), "what = 'access'"),
}
SELECT = "SELECT id, at, actor, unit, what, why FROM vault.access"


class Reading(NamedTuple):
    id: int
    at: datetime
    actor: str
    unit: str
    what: str
    why: str


class Filters(FilterForm):
    person = Line(_("查阅人姓名"), needed=False)
    kind = Choice(_("查阅内容"), needed=False, empty=_("全部"))
    day = Day(_("查阅日期从"), needed=False)
    to_day = Day(_("查阅日期至"), needed=False)


@bp.get("")
def index() -> Any:
    """Who looks at what others read is recorded too."""
    form = Filters(formdata=request.args)
    form.kind.choices = [(kind, gettext(words)) for kind, (words, _rows) in KINDS.items() if not _is_hidden(kind)]
    right = form.validate()
    record("access", "oversight")
    with reading() as cursor:
        page = _listed(cursor, form if right else None)
        sealed = _sealed(cursor)
    names = g.people.names(sorted({one.actor for one in page.rows}))
    rows = [_shown(one, names[one.actor], sealed) for one in page.rows]
    return render_template("readings.html", form=form, page=page, rows=rows), 200 if right else 422


def _listed(cursor: Any, form: Filters | None) -> Page[Reading]:
    conditions, bound = (
        [f"NOT ({rows})" for kind, (_words, rows) in KINDS.items() if _is_hidden(kind)],
        dict[str, Any](),
    )
    if form is not None and form.person.data:
        conditions.append("actor = ANY(%(actors)s)")
        bound["actors"] = g.people.officials_named(form.person.data)
    if form is not None and form.kind.data:
        conditions.append(KINDS[form.kind.data][1])
    if form is not None and form.day.data:
        conditions.append("at >= %(day)s")
        bound["day"] = datetime.combine(form.day.data, time(), SHANGHAI)
    if form is not None and form.to_day.data:
        conditions.append("at < %(to_day)s")
        bound["to_day"] = datetime.combine(form.to_day.data, time(), SHANGHAI) + timedelta(days=1)
    query = f"{SELECT} WHERE {' AND '.join(conditions) or 'true'} ORDER BY id DESC"
    return fetch_page(cursor, query, bound, Reading, page=page_number(), size=20)


def _is_hidden(kind: str) -> bool:
    """That a letter was read tells that there is one."""
    return f"{kind}.referred" in unseen()


def _sealed(cursor: Any) -> int:
    """The last row that a seal in the log speaks of."""
    cursor.execute("SELECT entry FROM log.event WHERE topic = 'access.sealed' ORDER BY position DESC LIMIT 1")
    row = cursor.fetchone()
    return loads(body_of(bytes(row[0])))["data"]["to"] if row else 0


def _shown(one: Reading, name: str, sealed: int) -> dict[str, Any]:
    kind, _slash, rest = one.what.partition("/")
    matter = rest.partition("/")[0]
    return {
        "at": one.at,
        "name": name,
        "unit": g.people.unit(one.unit),
        "words": access_text.read(one.what),
        "matter": matter if len(matter) == 36 else "",
        "position": int(rest) if kind == "entry" and rest.isdigit() else None,
        "why": access_text.reason(one.why),
        "sealed": one.id <= sealed,
    }
