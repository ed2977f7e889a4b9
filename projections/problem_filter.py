"""Which problems of the ledger are meant: by lists, counts and cards alike. 台账筛选"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from projections.query.open_problem import OPEN as OPEN
from projections.query.page import containing
from projections.timeline import acted

# The deadline as of %(day)s: while a problem is paused, it moves on with every day, until the pause had to end.
DUE = """(p.due_on + CASE WHEN p.paused_on IS NULL THEN 0
    ELSE greatest(least(%(day)s::date, p.paused_until) - p.paused_on, 0) END)"""


@dataclass(frozen=True)
class ProblemFilter:
    """None and () mean all; `keys` are ids of problems. `unit` and `item` take in what lies below them; `text` is looked for in title and number."""

    states: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
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
    paused: bool = False
    urged: bool = False  # reminded of since anything was done about it
    asked: bool = False  # more time is asked for
    extended: bool = False
    due_by: date | None = None  # open, not overdue, due until then

    def sql(self) -> str:
        """A condition on the alias p."""
        conditions = {
            "p.state = ANY(%(states)s)": self.states,
            "p.key = ANY(%(keys)s)": self.keys,
            "p.unit ^@ %(unit)s": self.unit,
            "(p.item = %(item)s OR p.item ^@ (%(item)s || '.'))": self.item,
            "p.estate = %(estate)s": self.estate,
            "p.company = %(company)s": self.company,
            "p.handler = %(handler)s": self.handler,
            "p.tip = %(tip)s": self.tip,
            "(p.owner = ANY(%(handled)s) OR p.handler = ANY(%(handled)s))": self.handled,
            acted("p"): self.touched,
            OPEN: self.open,
            "(p.title LIKE %(text)s OR p.number LIKE %(text)s)": self.text,
            "p.opened_on >= %(opened_from)s": self.opened_from,
            "p.opened_on <= %(opened_to)s": self.opened_to,
            "p.closed_on >= %(closed_from)s": self.closed_from,
            "p.closed_on <= %(closed_to)s": self.closed_to,
            "p.revoked_on IS NOT NULL": self.revoked,
            f"{DUE} < %(day)s AND {OPEN}": self.overdue,
            f"p.paused_on IS NOT NULL AND {OPEN}": self.paused,
            f"p.urged_on IS NOT NULL AND {OPEN}": self.urged,
            f"p.asked_due_on IS NOT NULL AND {OPEN}": self.asked,
            "p.extensions > 0": self.extended,
            f"{DUE} BETWEEN %(day)s AND %(due_by)s AND {OPEN}": self.due_by,
        }
        return " AND ".join(["true", *(condition for condition, wanted in conditions.items() if wanted)])

    @property
    def bound(self) -> dict[str, Any]:
        lists = {name: list(getattr(self, name)) for name in ("states", "keys", "handled", "touched")}
        return {**vars(self), **lists, "text": containing(self.text) if self.text else None}


EVERY = ProblemFilter()
