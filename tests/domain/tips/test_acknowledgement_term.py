"""The term for signing: five working days, by the calendar with its make-up workdays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain import data
from domain.calendar import WorkingDays
from domain.tips import acknowledgement_term

CALENDAR = data.read("calendar")
DAYS = WorkingDays.of(CALENDAR["years"], CALENDAR["days_off"], CALENDAR["working_days"])


@pytest.mark.parametrize(
    ("assigned", "due"),
    [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-07", "2026-03-13"),
        ("2026-02-12", "2026-02-26"),  # 春节 from the 15th, and the 14th was a working Saturday
        ("2026-09-18", "2026-09-24"),  # a working Sunday, before 中秋
    ],
)
def test_the_last_day_to_sign(assigned, due):
    assert acknowledgement_term.due(date.fromisoformat(assigned), DAYS) == date.fromisoformat(due)


def test_late_is_what_was_due_before_the_day():
    start = date(2026, 1, 20)
    for n in range(90):
        day = start + timedelta(n)
        edge = acknowledgement_term.assigned_before(day, DAYS)
        assert acknowledgement_term.due(edge - timedelta(1), DAYS) < day <= acknowledgement_term.due(edge, DAYS)
