"""办理经过: the events of a matter as people read them, for `show.timeline`."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _

from interface.web.format import moment
from interface.web.words import HAPPENINGS, word

TOPICS = tuple(HAPPENINGS)
SAID = ("reason", "finding", "note", "answer", "description", "turn_to")


def told(items: list[Any]) -> list[dict[str, Any]]:
    """{at, title, who, note, position, stream, photos} of each, in the given order."""
    names = g.people.names(sorted({one.actor for one in items}))
    return [
        {
            "at": moment(one.recorded_at),
            "title": word(one.topic, "happening"),
            "who": f"{names[one.actor]} · {g.people.unit(one.unit)}",
            "note": "\n".join(_said(one.data)),
            "position": one.position,
            "stream": one.stream,
            "photos": one.data.get("evidence", []),
            "backfilled": one.backfilled,
        }
        for one in items
    ]


def _said(data: dict[str, Any]) -> list[str]:
    """What the event says, in the order in which people would say it."""
    facts = []
    if "result" in data:
        facts.append(_("核查结论：%(result)s", result=word(data["result"], "result")))
    if "unit" in data:
        facts.append(_("承办单位：%(unit)s", unit=g.people.unit(data["unit"])))
    if "due_on" in data:
        facts.append(_("期限：%(day)s", day=data["due_on"]))
    return facts + [data[name] for name in SAID if data.get(name)]
