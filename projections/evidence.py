"""佐证材料: which event showed which file. Finds a file's events by its hash, and pictures that serve two matters."""

from __future__ import annotations

from typing import NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table


class Exhibit(NamedTuple):
    """One file beside one event. The row's `since` is the event's position."""

    sha256: str
    stream: str
    topic: str
    unit: str


def _show(rows: Rows, recorded: Recorded) -> None:
    for member in recorded.data.get("evidence") or ():
        rows.append(Exhibit(member["sha256"], recorded.stream, recorded.topic, recorded.unit))


SHOWING = (
    "tip.verified", "problem.opened", "problem.step_recorded", "problem.completion_reported",
    "problem.rectified_at_once", "problem.rectification_verified", "problem.rectification_refused",
)  # fmt: skip
EVIDENCE = ReadModel(
    "evidence", 2, (Table("exhibit", Exhibit, ("sha256",), append_only=True),), dict.fromkeys(SHOWING, _show)
)
