"""批量不予受理: one reason for many tips, an event for each, signed by whoever ticked them; what is refused is told row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may
from application.tips.commands import DeclineTip
from domain import laws
from domain.errors import Refusal, RuleBroken, Unavailable
from domain.tips.actions import ACTIONS, STATES
from interface.kit.fields import Choice, Text
from interface.kit.forms import ActForm
from interface.kit.offers import is_offered
from interface.kit.request_context import reading
from interface.kit.security import may_write, must_be_offered, sign_in_required
from interface.web.tips import views as tips
from interface.web.tips.forms import find_tip
from projections import tips as tips_desk
from projections.tips import TipItem

bp = Blueprint("tip_decline", __name__, url_prefix="/tips")
bp.before_request(sign_in_required)
ACT = ACTIONS["decline"]
MOST = 100  # tips of one page


class DeclineManyForm(ActForm):
    title, grave = _("批量不予受理"), True
    reason = Text(_("不予受理的理由"), description=_("写入所选的每一条线索；举报人可以查看"))
    basis = Choice(_("依据"))


class Outcome(NamedTuple):
    """What came of one tip: its event's place in the log, or the sentence that refused it. `number` is what it is called."""

    id: UUID
    number: int | None
    position: int | None
    sentence: str


@bp.route("/decline", methods=["GET", "POST"])
def decline() -> Any:
    must_be_offered(may_decline_many())
    form = DeclineManyForm()
    form.basis.choices = list(laws.grounds("decline").items())
    chosen = request.form.getlist("tips")
    if request.method == "POST" and _is_right(form, chosen):
        outcomes = list(_all_declined(form, chosen))
        if done := [one.position for one in outcomes if one.position]:
            g.services.projections.wait_for(max(done))
        return render_template("tips/declined.html", outcomes=outcomes, done=len(done)), 200 if done else 422
    with reading() as cursor:
        rows = _offered(cursor)
    shown = {"form": form, "rows": rows, "chosen": chosen, "most": MOST}
    return render_template("tips/decline.html", **shown), form.status


def may_decline_many() -> bool:
    return may_write() and may(g.actor, ACT.event)


def _is_right(form: DeclineManyForm, chosen: list[str]) -> bool:
    right = form.validate_on_submit()
    if not 0 < len(chosen) <= MOST:
        form.wrong(None, gettext("请勾选要办理的线索，一次最多 %(n)s 条", n=MOST))
        right = False
    form.status = 200 if right else 422
    return right


def _offered(cursor: Any) -> list[TipItem]:
    """Those of the list, with its filter, that can be declined, the newest first: a flood is on top."""
    asked = tips.wanted(cursor, tips.filters(cursor))
    states = tuple(state for state in STATES if ACT.starts_in(state) and state in (asked.states or STATES))
    if not states:
        return []
    wanted = replace(asked, states=states)
    page = tips_desk.tips(cursor, g.scope, wanted, day=g.day, order="newest", page=1, size=MOST)
    return [one for one in page.rows if is_offered(ACT.event, one.tip.unit, g.actor)]


def _all_declined(form: DeclineManyForm, chosen: list[str]) -> Iterator[Outcome]:
    """One after the other; where the log can't be written at all, the rest is not tried."""
    cut: Unavailable | None = None
    for one in dict.fromkeys(chosen):
        id, seen = _read(one)
        number = None
        try:
            with reading() as cursor:
                number = find_tip(cursor, id).tip.position
            if cut is not None:
                raise cut
            yield Outcome(id, number, _declined(form, id, seen), "")
        except Refusal as refused:
            cut = refused if isinstance(refused, Unavailable) else cut
            yield Outcome(id, number, None, str(refused))


def _declined(form: DeclineManyForm, id: UUID, seen: int) -> int:
    """Sent twice, each tip is declined once: the command's id follows from the form's."""
    members = {"reason": form.reason.data, "basis": form.basis.data}
    command = DeclineTip(id=uuid5(form.command, str(id)), actor=g.actor, tip=id, seen=seen, **members)
    return g.services.ledger.handle(command).position


def _read(value: str) -> tuple[UUID, int]:
    """The tip, and the version of it that was looked at."""
    id, _colon, seen = value.partition(":")
    try:
        return UUID(id), int(seen)
    except ValueError:
        raise RuleBroken(gettext("表单不完整，请刷新页面后重新填写")) from None
