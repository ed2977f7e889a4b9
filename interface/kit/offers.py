"""Whether a page offers an act to whoever looks; the log decides it again. 可办事项"""

from __future__ import annotations

from flask import g

from application.core.permissions import may
from domain.disclosures.actions import ACTIONS
from domain.rules import TYPES
from domain.values import Actor


def may_ask() -> bool:
    """Also the commission, which otherwise only reads."""
    return g.at is None and may(g.actor, ACTIONS["request"].event)


def is_offered(topic: str, unit: str, actor: Actor) -> bool:
    """Whether this role may write such an event about a matter of this unit; the log decides it again."""
    rule = TYPES.get(topic, {})
    anywhere = rule.get("unit") != "own" or actor.role in rule.get("anywhere", ())
    return may(actor, topic) and (anywhere or unit.startswith(actor.unit))
