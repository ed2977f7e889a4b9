"""Events as sentences: who, in which role of which unit, did what, to what. 事件表述"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from domain.glossary import AGGREGATES, EVENTS
from domain.rules import TYPES
from interface.kit import timeline_text
from interface.kit.formatting import moment, points
from interface.kit.labels import word
from projections.events import Event, labels, tips_at

TOPICS = ["log.opened", *TYPES]
OF_DOCUMENTS = ("document.proposed", "document.adopted", "document.declined")
MATTERS = ("tip.", "lead.", "problem.", "deduction.", "disclosure.")
OF_OFFICIALS = ("official.", "role.", "key.", "credential.", "second_factor.")


def event(topic: str) -> str:
    """The term of an event, in the page's language; the topic itself where no term is known."""
    term = EVENTS.get("".join(part.capitalize() for part in topic.replace(".", "_").split("_")))
    return _(term) if term else topic


def kind_of(topic: str) -> str:
    """What an event of this topic is about: 问题, 问题线索, 小区 …"""
    if topic.startswith(OF_OFFICIALS):
        noun = "Official"
    else:
        other = {"access.sealed": "AccessSeal"} | dict.fromkeys(OF_DOCUMENTS, "Proposal")
        noun = other.get(topic) or topic.partition(".")[0].title().replace("_", "")
    return _(AGGREGATES[noun]) if noun in AGGREGATES else noun


def told(cursor: Any, events: list[Event]) -> list[dict[str, Any]]:
    """Of each event {position, at, sentence, what, who, about, stream, …} for the tables and timelines."""
    names = g.people.names(sorted({one.actor for one in events}))
    called = what_about(cursor, {one.stream: one.topic for one in events})
    return [_told(one, names[one.actor], called[one.stream]) for one in events]


def what_about(cursor: Any, topics: dict[str, str]) -> dict[str, str]:
    """What each stream is called, by a topic that occurs in it; what has no name is called by its kind and its id."""
    officials = [stream for stream, topic in topics.items() if topic.startswith(OF_OFFICIALS)]
    tips = {stream: _("线索 %(n)s", n=position) for stream, position in tips_at(cursor, sorted(topics)).items()}
    known = labels(cursor, sorted(topics)) | tips | g.people.names(officials)
    return {stream: known.get(stream) or f"{kind_of(topic)} {stream[:8]}" for stream, topic in topics.items()}


def _told(one: Event, name: str, about: str) -> dict[str, Any]:
    who = name if one.role in ("system", "public") else f"{g.people.unit(one.unit)} {word(one.role, 'role')} {name}"
    places = {"who": who, "at": moment(one.recorded_at), "what": event(one.topic), "about": about}
    return {
        "position": one.position,
        "at": places["at"],
        "what": places["what"],
        "who": who,
        "about": about,
        "stream": one.stream,
        "leaf_hash": one.leaf_hash,
        "day": one.day,
        "backfilled": one.backfilled,
        "said": _said(one.topic, one.data),
        "evidence": one.data.get("evidence", []),
        "sentence": _("%(who)s 于 %(at)s 记录“%(what)s”：%(about)s", **places),
    }


def _said(topic: str, data: dict[str, Any]) -> list[str]:
    """What the event says besides, as at the ordinary door, and what only an overseer asks for."""
    if not topic.startswith(MATTERS):
        return _of_no_matter(topic, data)
    said = timeline_text.said(data)
    if "owner" in data:
        said.insert(0, _answers(data["owner"]))
    if topic == "problem.corrected":
        said.append(
            _(
                "更正的栏目：%(fields)s",
                fields="、".join(
                    _(timeline_text.LABELS[one])
                    for one in timeline_text.LABELS
                    if one in data or one in data.get("cleared", ())
                ),
            )
        )
    if "measures" in data and topic == "problem.opened":
        said.append(_("整改措施：%(text)s", text=data["measures"]))
    if "points_x10" in data:
        said.append(_("扣分：%(points)s 分", points=points(data["points_x10"])))
    if "document" in data:
        said.append(_("文号：%(order)s", order=data["document"]))
    return said


def _of_no_matter(topic: str, data: dict[str, Any]) -> list[str]:
    """Of officials, keys, estates and the like."""
    if topic.startswith("role."):
        return [f"{g.people.unit(data['unit'])} · {word(data['role'], 'role')}"]
    if topic == "log.key_rotated":  # as both stand on paper, without their long half
        return [" → ".join(str(data.get(name)).rpartition("+")[0] for name in ("old", "new"))]
    return [data[name] for name in ("name", "code", "reason", "keyid") if isinstance(data.get(name), str)]


def _answers(owner: str) -> str:
    """Who answers for a problem from now on: a person in office, named like whoever signed the event."""
    try:
        name = g.services.vault.people.names([UUID(owner)]).get(UUID(owner), owner)
    except (ValueError, AttributeError):
        name = owner  # of a row that was overwritten
    return _("责任人：%(name)s", name=name)
