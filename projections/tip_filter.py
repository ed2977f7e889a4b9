"""Which tips a list, a card or a count is of. 线索筛选"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from projections.timeline import acted

TO_VERIFY = (
    "assigned",
    "acknowledged",
)  # the term is one for verifying: whoever is in none of these keeps or misses none
ANSWERED = ("answered", "declined", "withdrawn")  # no term for an answer runs any more
UNANSWERED = f"(t.state NOT IN {ANSWERED} AND t.answer_due_on < %(day)s::date)"
URGENT = "(t.urgent_on IS NOT NULL AND t.state NOT IN ('became_problems', 'answered', 'declined', 'withdrawn'))"
OVERDUE = f"(t.state IN {TO_VERIFY} AND t.due_on < %(day)s::date)"  # the one definition, of desk, lists and alerts


@dataclass(frozen=True)
class TipFilter:
    """None and () mean all. `unit` and `item` take in what lies below them; `overdue` and `due_by` count tips that are to be verified.

    `unsigned_before`: assigned before this day and not signed for (签收) yet. `shredding_not_by`: a destruction was proposed
    by another account than these, and waits. `touched`: one of these accounts has done something in it, as far as position
    `upto`. `ids`: one of these; with none at all nothing is found.
    """

    states: tuple[str, ...] = ()
    channel: str | None = None
    unit: str | None = None
    item: str | None = None
    estate: str | None = None
    import_batch: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    overdue: bool = False
    unanswered: bool = False
    due_by: date | None = None
    unsigned_before: date | None = None
    shredding_not_by: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    upto: int | None = None
    ids: tuple[str, ...] | None = None

    def sql(self) -> str:
        """A condition on the alias t."""
        conditions = {
            "t.state = ANY(%(states)s)": self.states,
            "t.channel = %(channel)s": self.channel,
            "t.unit ^@ %(unit)s": self.unit,
            "(t.item = %(item)s OR t.item ^@ (%(item)s || '.'))": self.item,
            "t.estate = %(estate)s": self.estate,
            "t.import_batch = %(import_batch)s": self.import_batch,
            "t.received_on >= %(received_from)s": self.received_from,
            "t.received_on <= %(received_to)s": self.received_to,
            OVERDUE: self.overdue,
            UNANSWERED: self.unanswered,
            "t.state = ANY(%(to_verify)s) AND t.due_on BETWEEN %(day)s AND %(due_by)s": self.due_by,
            "t.state = 'assigned' AND t.assigned_on < %(unsigned_before)s": self.unsigned_before,
            "t.shredded_on IS NULL AND t.shredding_by <> ALL(%(shredding_not_by)s)": self.shredding_not_by,
            acted("t"): self.touched,
        }
        chosen = ["true"] if self.ids is None else ["t.key = ANY(%(ids)s)"]
        return " AND ".join([*chosen, *(condition for condition, wanted in conditions.items() if wanted)])

    @property
    def bound(self) -> dict[str, Any]:
        lists = {name: list(getattr(self, name) or ()) for name in ("states", "shredding_not_by", "touched", "ids")}
        return {**vars(self), **lists, "to_verify": list(TO_VERIFY)}


EVERY = TipFilter()
