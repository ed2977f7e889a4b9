"""期限规定: the terms of a problem that the papers leave to the city, in calendar days (domain/data/terms.json, 待市专班确认)."""

from __future__ import annotations

from domain.data import read

TOWN_EXTENDS: int = read("terms")[
    "extension_decided_by_town_days"
]  # beyond the deadline of the round; more is the city's
LONGEST_PAUSE: int = read("terms")["longest_pause_days"]  # in one round, all pauses together
