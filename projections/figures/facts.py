"""事实: one row for each countable happening of a tip or problem. What figures of a period count.

A fact says which matter, what and on which day; whose matter it is and of which item stands in the matter's own row. A revoked
close-out annuls its fact, a withdrawn tip its registration: figures as known before still count it, as corrected since not. A voided problem's row says so, and none of its facts counts.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table


class Countable(NamedTuple):
    """`detail` is the result of a tip's verification, or the day that a problem's deadline is moved to, or paused until."""

    matter: str
    version: int
    topic: str
    day: date
    detail: str | None = None


class Annulment(NamedTuple):
    """`version` is the annulled fact's."""

    matter: str
    version: int


# What moves a deadline, or stops it: the member that says until when.
MOVING = {
    "problem.extension_granted": "due_on", "problem.resumed": "due_on", "problem.reopened": "due_on",
    "problem.closure_revoked": "due_on", "problem.paused": "until",
}  # fmt: skip


def _count(rows: Rows, recorded: Recorded) -> None:
    rows.append(
        Countable(
            recorded.stream,
            recorded.version,
            recorded.topic,
            date.fromisoformat(recorded.on),
            recorded.data.get("result") or recorded.data.get(MOVING.get(recorded.topic, "")),
        )
    )


def _closure_revoked(rows: Rows, recorded: Recorded) -> None:
    _count(rows, recorded)
    rows.append(Annulment(recorded.stream, recorded.data["closed"]))


def _tip_verified(rows: Rows, recorded: Recorded) -> None:
    """A second look takes the place of the first."""
    _count(rows, recorded)
    if (replaced := recorded.data.get("replaces")) is not None:
        rows.append(Annulment(recorded.stream, replaced))


def _tip_reopened(rows: Rows, recorded: Recorded) -> None:
    """What was declined was not declined after all, or was answered for a while."""
    _count(rows, recorded)
    rows.append(Annulment(recorded.stream, recorded.data["of"]))


def _tip_withdrawn(rows: Rows, recorded: Recorded) -> None:
    """It should not have been registered: its registration is annulled, the only fact that it can have."""
    rows.append(Annulment(recorded.stream, 1))


COUNTED = (
    "tip.registered", "tip.accepted", "tip.declined", "tip.answered", "problem.opened",
    "problem.completion_reported", "problem.rectification_verified", "problem.rectification_refused", "problem.closed",
    "problem.rectified_at_once", "problem.closure_refused", "problem.reopened", "problem.urged", "problem.voided",
    "problem.extension_requested", "problem.extension_granted", "problem.extension_refused", "problem.paused",
    "problem.resumed",
)  # fmt: skip

FACTS = ReadModel(
    "facts",
    3,
    (
        Table("countable", Countable, ("topic, day", "matter, version"), append_only=True),
        Table("annulment", Annulment, ("matter",), append_only=True),
    ),
    {
        **dict.fromkeys(COUNTED, _count),
        "problem.closure_revoked": _closure_revoked,
        "tip.withdrawn": _tip_withdrawn,
        "tip.verified": _tip_verified,
        "tip.reopened": _tip_reopened,
    },
)
