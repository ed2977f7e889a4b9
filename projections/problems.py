"""问题台账: every problem with its responsible unit and person, its deadline and where it stands (附件3, 格式待市专班确认)."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from domain.problems.events import company_after
from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table, day
from projections.problem_filter import EVERY, ProblemFilter
from projections.query.as_of import alive
from projections.query.page import Page, fetch, fetch_page
from projections.query.scope import Scope


class Problem(NamedTuple):
    """`responsible` is a company's id or a unit's code, `owner` a person's id, `handler` and the doers officials' ids.

    The days of a round (reported, verified, closed) are of the present one; `due_on` is the current deadline.
    """

    position: int
    version: int
    state: str
    number: str
    unit: str
    estate: str
    item: str
    title: str
    kind: str
    responsible: str
    owner: str
    found_on: date
    opened_on: date
    original_due_on: date
    due_on: date
    due_tentative: bool
    company: str | None
    secondary: str | None  # codes, one space between
    tip: str | None
    catalogue: int
    calendar: int
    opened_by: str
    handler: str | None = None
    steps: int = 0
    refusals: int = 0
    reopenings: int = 0
    completed_on: date | None = None
    reported_on: date | None = None
    reported_by: str | None = None
    verified_on: date | None = None
    verified_by: str | None = None
    closed_on: date | None = None
    closed_by: str | None = None
    revoked_on: date | None = None


class ProblemText(NamedTuple):
    """The long texts, kept apart since they hardly ever change."""

    description: str
    measures: str


def _opened(rows: Rows, recorded: Recorded) -> None:
    data, due_on = recorded.data, date.fromisoformat(recorded.data["due_on"])
    rows.put(recorded.stream, ProblemText(data["description"], data["measures"]))
    rows.put(
        recorded.stream,
        Problem(
            recorded.position, recorded.version, "opened", data["number"], data["unit"], data["estate"], data["item"],
            data["title"], data["kind"], data["responsible"], data["owner"], date.fromisoformat(data["found_on"]),
            date.fromisoformat(recorded.on), due_on, due_on, data.get("due_tentative", False), data.get("company"),
            " ".join(data.get("secondary", ())), data.get("tip"), data["catalogue"], data["calendar"], recorded.actor,
        ),
    )  # fmt: skip


def _assigned(rows: Rows, recorded: Recorded) -> None:
    """Whom it is assigned to changes at any time; the state only if nothing was done yet."""
    old = rows.need(Problem, recorded.stream)
    state = "assigned" if old.state == "opened" else old.state
    rows.put(recorded.stream, old._replace(version=recorded.version, state=state, handler=recorded.data["handler"]))


def _corrected(rows: Rows, recorded: Recorded) -> None:
    """The row says what holds now; its earlier versions and the event say what stood there."""
    data, old = dict(recorded.data), rows.need(Problem, recorded.stream)
    if "found_on" in data:
        data["found_on"] = date.fromisoformat(data["found_on"])
    own = {name: data[name] for name in Problem._fields if name in data}
    own["company"] = company_after(old.company, old.responsible, data)
    rows.put(recorded.stream, old._replace(version=recorded.version, **own))
    if long := {name: data[name] for name in ProblemText._fields if name in data}:
        rows.change(ProblemText, recorded.stream, **long)


def _owner_changed(rows: Rows, recorded: Recorded) -> None:
    rows.change(Problem, recorded.stream, version=recorded.version, owner=recorded.data["owner"])


def _step_recorded(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    rows.put(recorded.stream, old._replace(version=recorded.version, state="rectifying", steps=old.steps + 1))


def _completion_reported(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="reported",
        completed_on=day(recorded.data["completed_on"]),
        reported_on=day(recorded.on),
        reported_by=recorded.actor,
    )


def _verified(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="verified",
        verified_on=day(recorded.on),
        verified_by=recorded.actor,
    )


def _refused(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    rows.put(recorded.stream, old._replace(version=recorded.version, state="refused", refusals=old.refusals + 1))


def _closed(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="closed",
        closed_on=day(recorded.on),
        closed_by=recorded.actor,
    )


def _reopened(rows: Rows, recorded: Recorded) -> None:
    _begin_again(rows, recorded, rows.need(Problem, recorded.stream))


def _closure_revoked(rows: Rows, recorded: Recorded) -> None:
    _begin_again(rows, recorded, rows.need(Problem, recorded.stream)._replace(revoked_on=day(recorded.on)))


def _begin_again(rows: Rows, recorded: Recorded, old: Problem) -> None:
    rows.put(
        recorded.stream,
        old._replace(
            version=recorded.version, state="reopened", due_on=date.fromisoformat(recorded.data["due_on"]),
            reopenings=old.reopenings + 1, completed_on=None, reported_on=None, reported_by=None, verified_on=None,
            verified_by=None, closed_on=None, closed_by=None,
        ),
    )  # fmt: skip


PROBLEM_LEDGER = ReadModel(
    "problem_ledger",
    4,
    (
        Table("problem", Problem, ("unit, state", "position", "number", "estate", "company", "tip")),
        Table("problem_text", ProblemText),
    ),
    {
        "problem.opened": _opened,
        "problem.assigned": _assigned,
        "problem.corrected": _corrected,
        "problem.owner_changed": _owner_changed,
        "problem.step_recorded": _step_recorded,
        "problem.completion_reported": _completion_reported,
        "problem.rectification_verified": _verified,
        "problem.rectification_refused": _refused,
        "problem.closed": _closed,
        "problem.reopened": _reopened,
        "problem.closure_revoked": _closure_revoked,
    },
)


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


def _select(scope: Scope, at: int | None, condition: str, more: str = "", join: str = "") -> str:
    return f"""SELECT p.key, {", ".join(f"p.{name}" for name in Problem._fields)}, u.short_name, e.name, c.name,
            coalesce(rc.name, ru.name), i.name,
            CASE WHEN p.closed_on IS NULL THEN greatest(%(day)s::date - p.due_on, 0) ELSE 0 END {more}
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
    query = _select(scope, at, "p.key = %(id)s", ", x.description, x.measures", join)

    def make(*columns: Any) -> ProblemPage:
        *own, description, measures = columns
        return ProblemPage(_item(*own), description or "", measures or "")

    found = fetch(cursor, query, {"id": str(id), **scope.bound, "day": day}, make)
    return found[0] if found else None


def texts(cursor: Any, scope: Scope, ids: list[str], *, at: int | None = None) -> dict[str, ProblemText]:
    """Description and measures of these problems, by id; nothing of those outside the scope."""
    query = f"""SELECT x.key, x.description, x.measures FROM read.problem_text x JOIN read.problem p ON p.key = x.key
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
