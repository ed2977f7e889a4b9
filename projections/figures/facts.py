"""事实: one row for each countable happening of a tip or problem. What figures of a period count.

A fact says which matter, what and on which day; whose matter it is and of which item stands in the matter's own row. A revoked
close-out annuls its fact, a withdrawn tip its registration: figures as known before still count it, as corrected since not.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table


class Countable(NamedTuple):
    """`detail` is the result of a tip's verification."""

    matter: str
    version: int
    topic: str
    day: date
    detail: str | None = None


class Annulment(NamedTuple):
    """`version` is the annulled fact's."""

    matter: str
    version: int


def _count(rows: Rows, recorded: Recorded) -> None:
    rows.append(
        Countable(
            recorded.stream,
            recorded.version,
            recorded.topic,
            date.fromisoformat(recorded.on),
            recorded.data.get("result"),
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
    "problem.reopened",
)  # fmt: skip

FACTS = ReadModel(
    "facts",
    3,
    (
        Table("countable", Countable, ("topic, day",), append_only=True),
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
