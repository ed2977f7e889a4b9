"""Working days left, by the calendar that was adopted last. 期限"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g

from domain.calendar import WorkingDays
from interface.web.format import SOON, Light, light
from projections import adopted


def working_days(cursor: Any) -> WorkingDays:
    """The calendar in force as of this page; read once for each page."""
    if "working_days" not in g:
        found = adopted.calendar(cursor, at=g.at)
        years, off, on = (found.years, found.days_off, found.working_days) if found else ("", "", "")
        g.working_days = WorkingDays.of([int(year) for year in years.split()], off.split(), on.split())
    return g.working_days


def deadline(cursor: Any, due_on: date | None, *, ended: str | None = None) -> Light | None:
    """The traffic light of a deadline; None where there is none yet."""
    if due_on is None:
        return Light("grey", ended) if ended else None
    left = working_days(cursor).between(g.day, due_on) if due_on >= g.day and ended is None else None
    return light(due_on, g.day, working_days_left=left, ended=ended)


def soon(cursor: Any) -> date:
    """The last deadline that counts as 即将到期: three working days ahead."""
    return working_days(cursor).after(g.day, SOON)
