"""工作台: what waits for this role; every count opens exactly its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext

from interface.web.format import endpoint_exists
from interface.web.locales import N_
from interface.web.scene import reading
from interface.web.security import sign_in_required
from projections import tips_desk
from projections.tips_desk import TipFilter

bp = Blueprint("desk", __name__)
bp.before_request(sign_in_required)

CITY = {"city_desk", "city_decider"}
TOWN = {"town_handler", "town_verifier", "town_closer"}
LOOK = {"discipline", "auditor"}


class Waiting(NamedTuple):
    """One count: whose it is, what it says, and the list with the filter that opens its rows."""

    roles: set[str]
    words: str
    tone: str
    endpoint: str
    filter: dict[str, str]


class Group(NamedTuple):
    title: str
    cards: list[dict[str, Any]]


TIPS = [
    Waiting(CITY | {"town_handler"}, N_("待研判"), "blue", "tips.index", {"state": "registered"}),
    Waiting(CITY, N_("待交办"), "blue", "tips.index", {"state": "accepted"}),
    Waiting(CITY, N_("退回待处理"), "amber", "tips.index", {"state": "returned"}),
    Waiting(TOWN, N_("待签收"), "amber", "tips.index", {"state": "assigned"}),
    Waiting(TOWN, N_("待核查"), "blue", "tips.index", {"state": "acknowledged"}),
    Waiting(TOWN | CITY, N_("已核查待转出或答复"), "blue", "tips.index", {"state": "verified"}),
    Waiting(TOWN | CITY | LOOK, N_("三日内到期"), "amber", "tips.index", {"due": "soon"}),
    Waiting(TOWN | CITY | LOOK, N_("已逾期"), "red", "tips.index", {"due": "overdue"}),
]


def _tips(cursor: Any, wanted: dict[str, str]) -> int:
    """As many as the list shows with this filter (tips.Filters.wanted)."""
    filter = TipFilter(
        states=(wanted["state"],) if "state" in wanted else (),
        overdue=wanted.get("due") == "overdue",
        due_by=g.day + timedelta(days=3) if wanted.get("due") == "soon" else None,
    )
    return tips_desk.count(cursor, g.scope, filter, day=g.day, at=g.at)


GROUPS: list[tuple[str, list[Waiting], Callable[[Any, dict[str, str]], int]]] = [(N_("问题线索"), TIPS, _tips)]


@bp.get("/desk")
def index() -> str:
    with reading() as cursor:
        groups = [_group(cursor, title, waiting, count) for title, waiting, count in GROUPS]
    return render_template("desk/index.html", groups=[group for group in groups if group.cards])


def _group(cursor: Any, title: str, waiting: list[Waiting], count: Callable[[Any, dict[str, str]], int]) -> Group:
    cards = [
        {
            "words": gettext(one.words),
            "tone": one.tone,
            "count": count(cursor, one.filter),
            "href": url_for(one.endpoint, **one.filter),
        }
        for one in waiting
        if g.actor.role in one.roles and endpoint_exists(one.endpoint)
    ]
    return Group(gettext(title), cards)
