"""查阅记录: who read what of a tip, and what a person has read. Every reading is recorded before it happens, and stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template

from application.audit import access_record
from interface.kit import access_text
from interface.kit.formatting import moment
from interface.kit.security import sign_in_required

bp = Blueprint("readings", __name__, url_prefix="/readings")
bp.before_request(sign_in_required)

SEE_READERS = frozenset({"city_desk", "city_decider", "discipline", "auditor"})


@bp.get("")
def index() -> str:
    """One's own."""
    found = access_record.of_official(g.services.database, g.actor.id)
    return render_template("readings/index.html", readings=told(found))


def of_tip(tip: UUID) -> list[dict[str, Any]] | None:
    """Who has read this tip; None for those who are not shown it."""
    if g.actor.role not in SEE_READERS:
        return None
    return told(access_record.of_tip(g.services.database, tip))


def told(readings: list[access_record.Reading]) -> list[dict[str, Any]]:
    names = g.people.names(sorted({one.actor for one in readings}))
    return [
        {
            "at": moment(one.at),
            "who": f"{names[one.actor]} · {g.people.unit(one.unit)}",
            "what": access_text.read(one.what),
            "why": access_text.reason(one.why),
        }
        for one in readings
    ]
