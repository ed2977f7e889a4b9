"""工作台: what waits for this role; every count opens exactly its rows."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext

from application.core.permissions import may
from domain.errors import Unavailable
from domain.tips.actions import ACTIONS, SUBSTANTIATED
from interface.i18n.locales import N_
from interface.kit import timeline_text
from interface.kit.deadlines import deadline, problem_deadline, sign_by, signing, soon, unsigned_before
from interface.kit.formatting import Light, endpoint_exists
from interface.kit.labels import word
from interface.kit.request_context import SEE_NONE, own_accounts, reading
from interface.kit.security import may_write, sign_in_required
from interface.web.documents import views as documents
from interface.web.officials import views as officials
from interface.web.problems import handovers
from projections import timeline, todo
from projections.tip_filter import TO_VERIFY
from projections.todo import Card

bp = Blueprint("desk", __name__)
bp.before_request(sign_in_required)

KINDS = {
    "tips": N_("问题线索"),
    "problems": N_("问题台账"),
    "deductions": N_("信用扣分"),
    "disclosures": N_("身份打开"),
}
LATEST, FIRST = 8, 10


class Group(NamedTuple):
    title: str
    cards: list[dict[str, Any]]


@bp.get("/desk")
def index() -> str:
    with reading() as cursor:
        edges = {"soon": soon(cursor), "unsigned_before": unsigned_before(cursor)}
        own = own_accounts() if g.at is None else ()
        cards = todo.cards(cursor, g.scope, g.actor.role, day=g.day, at=g.at, own=own, **edges)
        waiting = _waiting(cursor, cards) if may_write() else []
        latest = timeline.latest(cursor, g.scope, topics=tuple(timeline_text.TOPICS), at=g.at, size=LATEST)
    groups = [
        Group(gettext(words), [_shown(one) for one in cards if one.kind == kind]) for kind, words in KINDS.items()
    ]
    if g.actor.role in SEE_NONE:
        groups.append(Group(gettext("人员与权限"), officials.counted()))
    if (left := handovers.counted()) is not None:
        groups.append(Group(gettext("工作交接"), [left]))
    if (left := documents.counted()) is not None:
        groups.append(Group(gettext("依据文件"), [left]))
    overdue = [_shown(one) for one in cards if one.code.endswith("_overdue") and one.count]
    shown = {
        "groups": [group for group in groups if group.cards],
        "overdue": overdue,
        "latest": timeline_text.told(latest),
    }
    shown["waiting"] = waiting
    return render_template("desk/index.html", **shown)


def number() -> int:
    """How many matters wait for an act of this role, for the menu of every page; 0 also where nobody can say."""
    if not may_write():
        return 0
    try:
        with reading() as cursor:
            return todo.number(cursor, g.scope, g.actor.role, _acts_on, day=g.day, own=own_accounts())
    except Unavailable:
        return 0


class Waiting(NamedTuple):
    """One matter and the act that it waits for; `due_on` None: no term runs."""

    words: str
    matter: str
    unit: str | None
    due_on: date | None
    light: Light | None
    href: str
    urged: bool = False


def _waiting(cursor: Any, cards: list[Card]) -> list[Waiting]:
    """What this role has to act on: what it was reminded of, then what is due soonest."""
    found = []
    for card in cards:
        if card.count and _acts_on(card.code):
            make = MAKE.get(card.code) or {"tips": _tip, "problems": _problem, "deductions": _deduction}[card.kind]
            rows = todo.rows(cursor, g.scope, card, day=g.day, at=g.at, size=FIRST).rows
            found += [make(cursor, card.code, item) for item in rows]
    return sorted(found, key=lambda one: (not one.urged, one.due_on or date.max))[:FIRST]


def _acts_on(code: str) -> bool:
    """Whether the card names an act, and this role may do it."""
    return code in todo.ACTS and may(g.actor, todo.ACTS[code].event)


def _tip(cursor: Any, code: str, item: Any) -> Waiting:
    tip, action, convert = item.tip, todo.ACTS[code], ACTIONS["convert"]
    href = url_for("tips.show", id=item.id, act=action.name, _anchor=f"act-{action.name}")
    if convert.starts_in(tip.state) and tip.result in SUBSTANTIATED:
        action, href = convert, url_for("tip_new.convert", id=item.id)
    due_on = tip.due_on if tip.state in TO_VERIFY else None
    light = deadline(cursor, due_on)
    if ACTIONS["acknowledge"].starts_in(tip.state):
        due_on, light = sign_by(cursor, tip), signing(cursor, tip)
    matter = gettext("线索 %(n)s", n=tip.position) + f" · {word(tip.channel, 'channel')}"
    return Waiting(gettext(action.words), matter, item.unit_name, due_on, light, href)


def _problem(cursor: Any, code: str, item: Any) -> Waiting:
    action, problem = todo.ACTS[code], item.problem
    href = url_for("problems.show", id=item.id, act=action.name, _anchor=f"act-{action.name}")
    words, light = gettext(action.words), problem_deadline(cursor, problem)
    if problem.urged_on:
        words += gettext("（已催办 %(n)s 次）", n=problem.urgings)
    matter = f"{problem.number} {problem.title}"
    return Waiting(words, matter, item.unit_name, problem.due(g.day), light, href, bool(problem.urged_on))


def _deduction(_cursor: Any, code: str, item: Any) -> Waiting:
    href = url_for("deductions.show", id=item.id)
    return Waiting(gettext(todo.ACTS[code].words), item.company_name or "", item.unit_name, None, None, href)


def _disclosure(_cursor: Any, code: str, item: Any) -> Waiting:
    href = url_for("disclosures.show", id=item.id)
    matter = gettext("线索 %(n)s", n=item.tip_position)
    return Waiting(gettext(todo.ACTS[code].words), matter, g.people.unit(item.disclosure.unit), None, None, href)


def _shredding(_cursor: Any, code: str, item: Any) -> Waiting:
    href = url_for("tips.show", id=item.id, act="shred", _anchor="act-shred")
    matter = gettext("线索 %(n)s", n=item.tip.position)
    return Waiting(gettext(todo.ACTS[code].words), matter, item.unit_name, None, None, href)


MAKE = {"disclosures_to_decide": _disclosure, "shreddings_to_decide": _shredding}


def _shown(card: Card) -> dict[str, Any]:
    return {"words": word(card.code, "card"), "tone": _tone(card), "count": card.count, "href": address(card)}


def _tone(card: Card) -> str:
    if not card.count:
        return "blue"
    late, pressing = ("_overdue", "_revoked"), ("_soon", "_urged", "_refused", "_returned", "_acknowledge")
    return "red" if card.code.endswith(late) else "amber" if card.code.endswith(pressing) else "blue"


# A member of a card's filter, and how the list's address asks for the same.
ASKED = (
    ("shredding_not_by", "waits", "shredding"),
    ("unsigned_before", "due", "receipt"),
    ("due_by", "due", "soon"),
    ("overdue", "due", "overdue"),
    ("unanswered", "due", "answer"),
    ("urged", "due", "urged"),
    ("asked", "due", "asked"),
    ("revoked", "revoked", 1),
    ("unserved", "unserved", 1),
)


def address(card: Card) -> str | None:
    """The list that shows exactly what a card counts: `state` (several), `due` = overdue | soon, `revoked` = 1."""
    if not endpoint_exists(f"{card.kind}.index"):
        return None
    if card.kind == "disclosures":
        return url_for("disclosures.index", waiting=1)
    wanted: dict[str, Any] = {asked: value for member, asked, value in ASKED if getattr(card.filter, member, None)}
    return url_for(f"{card.kind}.index", state=list(card.filter.states), **wanted)
