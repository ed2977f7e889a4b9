"""Which problems of the ledger are meant: by lists, counts and cards alike. 台账筛选"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from projections.query.page import containing
from projections.timeline import acted


@dataclass(frozen=True)
class ProblemFilter:
    """None and () mean all. `unit` and `item` take in what lies below them; `text` is looked for in title and number."""

    states: tuple[str, ...] = ()
    unit: str | None = None
    item: str | None = None
    estate: str | None = None
    company: str | None = None
    handler: str | None = None
    tip: str | None = None
    handled: tuple[str, ...] = ()  # this person is 责任人 or one of these accounts 经办人
    touched: tuple[str, ...] = ()  # one of these accounts has done something in it
    upto: int | None = None  # position up to which that counts
    open: bool = False
    text: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    revoked: bool = False
    overdue: bool = False
    due_by: date | None = None  # open, not overdue, due until then

    def sql(self) -> str:
        """A condition on the alias p."""
        conditions = {
            "p.state = ANY(%(states)s)": self.states,
            "p.unit ^@ %(unit)s": self.unit,
            "(p.item = %(item)s OR p.item ^@ (%(item)s || '.'))": self.item,
            "p.estate = %(estate)s": self.estate,
            "p.company = %(company)s": self.company,
            "p.handler = %(handler)s": self.handler,
            "p.tip = %(tip)s": self.tip,
            "(p.owner = ANY(%(handled)s) OR p.handler = ANY(%(handled)s))": self.handled,
            acted("p"): self.touched,
            "p.closed_on IS NULL": self.open,
            "(p.title LIKE %(text)s OR p.number LIKE %(text)s)": self.text,
            "p.opened_on >= %(opened_from)s": self.opened_from,
            "p.opened_on <= %(opened_to)s": self.opened_to,
            "p.closed_on >= %(closed_from)s": self.closed_from,
            "p.closed_on <= %(closed_to)s": self.closed_to,
            "p.revoked_on IS NOT NULL": self.revoked,
            "p.due_on < %(day)s AND p.closed_on IS NULL": self.overdue,
            "p.due_on BETWEEN %(day)s AND %(due_by)s AND p.closed_on IS NULL": self.due_by,
        }
        return " AND ".join(["true", *(condition for condition, wanted in conditions.items() if wanted)])

    @property
    def bound(self) -> dict[str, Any]:
        lists = {name: list(getattr(self, name)) for name in ("states", "handled", "touched")}
        return {**vars(self), **lists, "text": containing(self.text) if self.text else None}


EVERY = ProblemFilter()
