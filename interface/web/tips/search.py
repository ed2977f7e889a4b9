"""What stands beside a tip of its vault: requests for the identity, who has read it, what is like it; and the search. 线索保密"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.tips.search import MOST, near, near_text, numbered, search
from domain.errors import NotAllowed, RuleBroken
from interface.kit.fields import Line
from interface.kit.forms import Form
from interface.kit.offers import may_ask
from interface.kit.request_context import reading
from interface.kit.security import sign_in_required
from interface.web.tips import readings
from projections import disclosures
from projections import tips as tips_desk
from projections.disclosures import DisclosureFilter
from projections.tips import TipItem

bp = Blueprint("tip_search", __name__, url_prefix="/tips")
bp.before_request(sign_in_required)
READERS_OF_TEXT = {"city_desk", "city_decider", "town_handler", "town_verifier"}
SHOWN, NEAR = 100, 10


class SearchForm(Form):
    """Sent by POST: what is looked for may be a name, and stands in no address."""

    wanted = Line(
        _("原文中的词"),
        description=_("多个词用空格分开，须全部出现；也可填 12345 工单等来源编号。搜索会记录，搜索的词不记录"),
    )


@bp.route("/search", methods=["GET", "POST"])
def find() -> Any:
    if g.actor.role not in READERS_OF_TEXT or g.at is not None:
        raise NotAllowed(gettext("您的角色不能查看线索原文"))
    form, found, looked = SearchForm(), None, 0
    if form.validate_on_submit():
        with reading() as cursor:
            ids = [UUID(key) for key in tips_desk.ids(cursor, g.scope, size=MOST)]
        try:
            hits = search(g.services.ledger, g.actor, ids, form.wanted.data)
            hits = list(dict.fromkeys([*numbered(g.services.ledger, form.wanted.data.strip()), *hits]))
        except RuleBroken as refusal:
            form.wrong("wanted", str(refusal))
        else:
            looked, found = len(ids), _items(hits[:SHOWN])
    status = 422 if form.is_submitted() and found is None else 200
    return render_template("tips/search.html", form=form, found=found, looked=looked), status


def _items(ids: list[UUID]) -> list[TipItem]:
    """Those of these tips that the actor may see."""
    with reading() as cursor:
        found = [tips_desk.tip(cursor, g.scope, str(id), day=g.day) for id in ids]
    return [one for one in found if one is not None]


def like(text: str) -> list[TipItem]:
    """Tips within the actor's sight that are likely to say the same."""
    return _items(near_text(g.services.ledger, text))[:NEAR]


def beside(cursor: Any, item: TipItem) -> dict[str, Any]:
    """For the template: `disclosures`, `may_ask`, `readings` (None: not for this role), `near` (likely to say the same), `recused` in words."""
    return {
        "disclosures": disclosures.disclosures(cursor, g.scope, DisclosureFilter(tip=item.id), at=g.at).rows,
        "may_ask": may_ask() and item.tip.shredded_on is None,
        "readings": readings.of_tip(UUID(item.id)) if g.at is None else None,
        "near": _items(near(g.services.ledger, UUID(item.id))[:NEAR]) if g.at is None else [],
        "recused": "、".join(g.people.unit(code) for code in (item.tip.recused or "").split()),
    }
