"""工作台: what waits for this role; every count opens exactly its rows."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext

from interface.web import history
from interface.web.deadlines import soon
from interface.web.format import endpoint_exists
from interface.web.locales import N_
from interface.web.scene import reading
from interface.web.security import sign_in_required
from interface.web.words import word
from projections import timeline, todo
from projections.todo import Card

bp = Blueprint("desk", __name__)
bp.before_request(sign_in_required)

KINDS = {"tips": N_("问题线索"), "problems": N_("问题台账"), "deductions": N_("信用扣分")}
LATEST = 8


class Group(NamedTuple):
    title: str
    cards: list[dict[str, Any]]


@bp.get("/desk")
def index() -> str:
    with reading() as cursor:
        cards = todo.cards(cursor, g.scope, g.actor.role, day=g.day, soon=soon(cursor), at=g.at)
        latest = timeline.latest(cursor, g.scope, topics=tuple(history.TOPICS), at=g.at, size=LATEST).rows
    groups = [
        Group(gettext(words), [_shown(one) for one in cards if one.kind == kind]) for kind, words in KINDS.items()
    ]
    overdue = sum(one.count for one in cards if one.code.endswith("_overdue"))
    shown = {"groups": [group for group in groups if group.cards], "overdue": overdue, "latest": history.told(latest)}
    return render_template("desk/index.html", **shown)


def _shown(card: Card) -> dict[str, Any]:
    return {"words": word(card.code, "card"), "tone": _tone(card), "count": card.count, "href": address(card)}


def _tone(card: Card) -> str:
    if not card.count:
        return "blue"
    late, pressing = ("_overdue", "_revoked"), ("_soon", "_refused", "_returned", "_acknowledge")
    return "red" if card.code.endswith(late) else "amber" if card.code.endswith(pressing) else "blue"


def address(card: Card) -> str | None:
    """The list that shows exactly what a card counts: `state` (several), `due` = overdue | soon, `revoked` = 1."""
    if not endpoint_exists(f"{card.kind}.index"):
        return None
    wanted: dict[str, Any] = {"state": list(card.filter.states)}
    if getattr(card.filter, "overdue", False):
        wanted["due"] = "overdue"
    elif getattr(card.filter, "due_by", None):
        wanted["due"] = "soon"
    if getattr(card.filter, "revoked", False):
        wanted["revoked"] = 1
    return url_for(f"{card.kind}.index", **wanted)
