"""问题台账: every problem with its responsible unit and person, its deadline and where it stands (附件3, 格式待市专班确认)."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from projections.problem_filter import DUE, EVERY, OPEN, ProblemFilter
from projections.problem_fold import Problem, ProblemText
from projections.query.as_of import alive
from projections.query.page import Page, fetch, fetch_page
from projections.query.scope import Scope


class ProblemItem(NamedTuple):
    """A row of the ledger with the names its ids stand for.

    Traffic light (红绿灯): `closed_on`, else `overdue_days` (calendar days past the deadline at the day asked for, 0 = in time);
    how many working days are left is for whoever holds the calendar.
    """

    id: str
    problem: Problem
    unit_name: str | None
    estate_name: str | None
    company_name: str | None
    responsible_name: str | None
    item_name: str | None
    overdue_days: int


class ProblemPage(NamedTuple):
    """One problem with its long texts."""

    item: ProblemItem
    description: str
    measures: str
    source: str | None


def _select(scope: Scope, at: int | None, condition: str, more: str = "", join: str = "") -> str:
    return f"""SELECT p.key, {", ".join(f"p.{name}" for name in Problem._fields)}, u.short_name, e.name, c.name,
            coalesce(rc.name, ru.name), i.name,
            CASE WHEN {OPEN} THEN greatest(%(day)s::date - {DUE}, 0) ELSE 0 END {more}
        FROM read.problem p {join}
        LEFT JOIN read.unit u ON u.key = p.unit AND {alive(at, "u")}
        LEFT JOIN read.estate e ON e.key = p.estate AND {alive(at, "e")}
        LEFT JOIN read.company c ON c.key = p.company AND {alive(at, "c")}
        LEFT JOIN read.company rc ON rc.key = p.responsible AND {alive(at, "rc")}
        LEFT JOIN read.unit ru ON ru.key = p.responsible AND {alive(at, "ru")}
        LEFT JOIN read.catalogue_item i ON i.version = p.catalogue AND i.code = p.item AND {alive(at, "i")}
        WHERE {alive(at, "p")} AND {scope.sql("p.unit")} AND {condition}"""


def _item(id: str, *columns: Any) -> ProblemItem:
    own, names = columns[: len(Problem._fields)], columns[len(Problem._fields) :]
    return ProblemItem(id, Problem(*own), *names)


ORDERS = {"number": "p.number DESC, p.key", "due": "p.due_on, p.key", "opened": "p.position DESC"}


def problems(
    cursor: Any,
    scope: Scope,
    wanted: ProblemFilter = EVERY,
    *,
    day: date,
    at: int | None = None,
    order: str = "opened",
    page: int = 1,
    size: int = 20,
) -> Page[ProblemItem]:
    """The ledger; `order` is opened (newest first), due or number."""
    query = f"{_select(scope, at, wanted.sql())} ORDER BY {ORDERS[order]}"
    bound = {**wanted.bound, **scope.bound, "day": day}
    total = count(cursor, scope, wanted, day=day, at=at)
    return fetch_page(cursor, query, bound, _item, page=page, size=size, total=total)


def count(cursor: Any, scope: Scope, wanted: ProblemFilter = EVERY, *, day: date, at: int | None = None) -> int:
    query = f"SELECT count(*) FROM read.problem p WHERE {alive(at, 'p')} AND {scope.sql('p.unit')} AND {wanted.sql()}"
    cursor.execute(query, {**wanted.bound, **scope.bound, "day": day})
    return cursor.fetchone()[0]


def problem(cursor: Any, scope: Scope, id: str, *, day: date, at: int | None = None) -> ProblemPage | None:
    """One problem; None if there is none or it is another unit's."""
    join = f"LEFT JOIN read.problem_text x ON x.key = p.key AND {alive(at, 'x')}"
    query = _select(scope, at, "p.key = %(id)s", ", x.description, x.measures, x.source", join)

    def make(*columns: Any) -> ProblemPage:
        *own, description, measures, source = columns
        return ProblemPage(_item(*own), description or "", measures or "", source)

    found = fetch(cursor, query, {"id": str(id), **scope.bound, "day": day}, make)
    return found[0] if found else None


def texts(cursor: Any, scope: Scope, ids: list[str], *, at: int | None = None) -> dict[str, ProblemText]:
    """Description and measures of these problems, by id; nothing of those outside the scope."""
    query = f"""SELECT x.key, x.description, x.measures, x.source FROM read.problem_text x JOIN read.problem p ON p.key = x.key
        WHERE {alive(at, "x")} AND {alive(at, "p")} AND {scope.sql("p.unit")} AND p.key = ANY(%(ids)s)"""
    cursor.execute(query, {"ids": ids, **scope.bound})
    return {key: ProblemText(*columns) for key, *columns in cursor.fetchall()}


def neighbours(
    cursor: Any, scope: Scope, wanted: ProblemFilter, position: int, *, day: date, at: int | None = None
) -> tuple[str | None, str | None]:
    """上一件、下一件 of the ledger in the order "opened", around the problem opened at `position`."""
    ids = []
    for sign, order in ((">", "ASC"), ("<", "DESC")):
        query = f"""SELECT p.key FROM read.problem p WHERE {alive(at, "p")} AND {scope.sql("p.unit")} AND {wanted.sql()}
            AND p.position {sign} %(position)s ORDER BY p.position {order} LIMIT 1"""
        cursor.execute(query, {**wanted.bound, **scope.bound, "day": day, "position": position})
        found = cursor.fetchone()
        ids.append(found[0] if found else None)
    return ids[0], ids[1]
