"""签收期限: how long a town may take to sign for a tip or to return it. 签收、退回"""

from __future__ import annotations

from datetime import date

from domain.calendar import WorkingDays

TERM = 5  # working days after the day of 交办; 12345 platforms know 2, the regulation on petitions outranks them
SOURCE = "《信访工作条例》第二十三条"


def due(assigned_on: date, days: WorkingDays) -> date:
    """The last day to sign for it or to return it."""
    return days.after(assigned_on, TERM)


def assigned_before(day: date, days: WorkingDays) -> date:
    """What was assigned before this day, and is not signed for, is late on `day`."""
    first = day
    while due(first, days) >= day:
        first = date.fromordinal(first.toordinal() - 1)
    return date.fromordinal(first.toordinal() + 1)
