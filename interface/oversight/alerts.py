"""监督预警: what the rules of the overseer find; every number opens its rows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.errors import NotFound
from interface.kit.fields import Choice
from interface.kit.filters import FilterForm
from interface.kit.formatting import SHANGHAI
from interface.oversight import event_text
from interface.oversight.request_context import page_number, reading, sign_in_required
from projections import alerts, events

bp = Blueprint("alerts", __name__, url_prefix="/alerts")
bp.before_request(sign_in_required)
DAYS = (30, 90, 365)


class Filters(FilterForm):
    days = Choice(_("时段"), needed=False, empty=_("最近 30 天"))


def _form() -> Filters:
    form = Filters(formdata=request.args)
    form.days.choices = [(str(n), gettext("最近 %(n)s 天", n=n)) for n in DAYS[1:]] + [("all", gettext("全部"))]
    form.validate()
    return form


def _after(cursor: Any, form: Filters) -> int:
    """The position behind which the rules look."""
    if form.days.data == "all":
        return 0
    days = int(form.days.data) if form.days.data in map(str, DAYS) else DAYS[0]
    begins = datetime.combine(g.day - timedelta(days=days), time(), SHANGHAI)
    return alerts.position_before(cursor, events.moment(begins))


@bp.get("")
def index() -> str:
    form = _form()
    with reading() as cursor:
        after = _after(cursor, form)
        counts = {code: alerts.count(cursor, code, day=g.day, after=after) for code in alerts.RULES}
    return render_template("alerts.html", form=form, rules=alerts.RULES, counts=counts)


@bp.get("/<code>")
def show(code: str) -> str:
    if (rule := alerts.RULES.get(code)) is None:
        raise NotFound(gettext("没有这条预警规则"))
    form = _form()
    with reading() as cursor:
        page = alerts.rows(cursor, code, day=g.day, after=_after(cursor, form), page=page_number())
        topics = events.topics_at(cursor, [one.position for one in page.rows])
        called = event_text.what_about(cursor, {one.stream: topics[one.position] for one in page.rows})
    names = g.people.names(sorted({one.actor for one in page.rows}))
    shown = {"code": code, "rule": rule, "page": page, "form": form, "called": called, "names": names}
    shown |= {"topics": topics, "RECORDED": alerts.RECORDED}
    return render_template("alert.html", **shown)
