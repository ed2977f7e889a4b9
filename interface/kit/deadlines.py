"""Working days left, by the calendar that was adopted last. 期限"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext as _

from domain.calendar import WorkingDays
from domain.tips import acknowledgement_term
from interface.kit.formatting import SOON, Light, light
from interface.kit.labels import word
from projections import documents as adopted


def working_days(cursor: Any) -> WorkingDays:
    """The calendar in force as of this page; read once for each page."""
    if "working_days" not in g:
        found = adopted.calendar(cursor, day=g.day, at=g.at)
        told = (found.years, found.days_off, found.working_days, found.provisional) if found else ("",) * 4
        years, off, on, provisional = (one.split() for one in told)
        g.working_days = WorkingDays.of(list(map(int, years)), off, on, list(map(int, provisional)))
    return g.working_days


def deadline(cursor: Any, due_on: date | None, *, ended: str | None = None) -> Light | None:
    """The traffic light of a deadline; None where there is none yet."""
    if due_on is None:
        return Light("grey", ended) if ended else None
    left = working_days(cursor).between(g.day, due_on) if due_on >= g.day and ended is None else None
    return light(due_on, g.day, working_days_left=left, ended=ended)


def problem_deadline(cursor: Any, problem: Any) -> Light | None:
    """The traffic light of a problem: how it ended, or that its clock stands, or how much time is left of the present deadline."""
    if problem.closed_on or problem.voided_on:
        return deadline(
            cursor, problem.due_on, ended=word("closed" if problem.closed_on else "voided", "problem_state")
        )
    if problem.paused_until is not None and g.day < problem.paused_until:
        return Light("grey", _("暂停至 %(day)s", day=problem.paused_until))
    return deadline(cursor, problem.due(g.day))


def soon(cursor: Any) -> date:
    """The last deadline that counts as 即将到期: three working days ahead."""
    return working_days(cursor).after(g.day, SOON)


def sign_by(cursor: Any, tip: Any) -> date | None:
    """签收期限: the last day to sign for a tip or to return it; None before it is assigned."""
    return acknowledgement_term.due(tip.assigned_on, working_days(cursor)) if tip.assigned_on else None


def signing(cursor: Any, tip: Any) -> Light | None:
    """The traffic light of signing for a tip (签收), as it waits for that or as it was done; None while it needs none."""
    last = sign_by(cursor, tip)
    if last is None or tip.state in ("declined", "returned"):
        return None
    if tip.acknowledged_on is None:
        waiting = deadline(cursor, last)
        return waiting and Light(waiting.tone, _("签收%(when)s", when=waiting.word))
    late = working_days(cursor).between(last, tip.acknowledged_on)
    return Light("red", _("签收逾期 %(n)s 个工作日", n=late)) if late > 0 else Light("grey", _("按时签收"))


def unsigned_before(cursor: Any) -> date:
    """What was assigned before this day and is not signed for is late."""
    return acknowledgement_term.assigned_before(g.day, working_days(cursor))
