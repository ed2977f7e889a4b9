"""What was recorded about an account, in words: roles, keys, passwords. 账户变动"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from interface.identity.directory import Change
from interface.kit.formatting import moment, short
from interface.kit.labels import word


def told(changes: list[Change]) -> list[dict[str, Any]]:
    """For `show.timeline`, the newest first."""
    names = g.people.names(sorted({one.actor for one in changes}))
    return [
        {
            "at": moment(one.recorded_at),
            "title": word(one.topic, "happening"),
            "href": None,
            "who": f"{names[one.actor]} · {word(one.role, 'role')}",
            "note": "\n".join(said(one)),
            "position": one.position,
            "photos": [],
            "backfilled": None,
        }
        for one in reversed(changes)
    ]


def said(change: Change) -> list[str]:
    """What it says beside its name."""
    data, facts = change.data, []
    if "role" in data:
        facts.append(g.people.role(data["role"], data["unit"]))
    if "substitute_for" in data:
        who = g.people.name(UUID(data["substitute_for"]))
        facts.append(_("代理 %(who)s，至 %(day)s", who=who, day=data["until"]))
    if "keyid" in data:
        facts.append(_("密钥 %(id)s", id=short(data["keyid"])))
    return [*facts, *([data["reason"]] if "reason" in data else [])]
