"""答复期限: how long the office has to answer whoever reported, by the channel. A clock of its own beside the term for verifying."""

from __future__ import annotations

from datetime import date

from domain.calendar import WorkingDays

TERMS = {"12345": 5}  # working days from the day of receipt (requirements §4); other channels have no term of their own


def due(channel: str, received_on: date, days: WorkingDays) -> date | None:
    """The last day to answer; None where the channel knows no term."""
    return days.after(received_on, TERMS[channel]) if channel in TERMS else None
