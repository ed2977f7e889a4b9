"""What is open under people's names: for whoever leaves office, and whoever has to find them a successor. 交接"""

from __future__ import annotations

from typing import Any, NamedTuple

from projections.query.open_problem import OPEN
from projections.query.scope import Scope


class Under(NamedTuple):
    """So many open problems of a unit have this person as 责任人 and this account as 经办人 (None: nobody yet)."""

    unit: str
    owner: str
    handler: str | None
    count: int  # type: ignore[assignment]  # a tuple has a method of this name


def names(cursor: Any, scope: Scope) -> list[Under]:
    """Under which names the open problems of the scope stand."""
    query = f"""SELECT p.unit, p.owner, p.handler, count(*) FROM read.problem p
        WHERE p.until IS NULL AND {scope.sql("p.unit")} AND {OPEN}
        GROUP BY p.unit, p.owner, p.handler ORDER BY p.unit, p.owner, p.handler"""
    cursor.execute(query, scope.bound)
    return [Under(*row) for row in cursor.fetchall()]


class Proposed(NamedTuple):
    """What these accounts proposed and somebody else has not decided yet."""

    deductions: int
    disclosures: int
    shreddings: int


def proposed(cursor: Any, accounts: list[str]) -> Proposed:
    query = """SELECT
        (SELECT count(*) FROM read.deduction WHERE until IS NULL AND state = 'proposed' AND proposed_by = ANY(%(by)s)),
        (SELECT count(*) FROM read.disclosure WHERE until IS NULL AND state = 'requested' AND requested_by = ANY(%(by)s)),
        (SELECT count(*) FROM read.tip WHERE until IS NULL AND shredded_on IS NULL AND shredding_by = ANY(%(by)s))"""
    cursor.execute(query, {"by": accounts})
    return Proposed(*cursor.fetchone())
