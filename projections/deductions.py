"""企业信用: proposed and decided deductions, and a company's balance on any day with each decision behind it.

Points are tenths. The score starts at 100 points and has no floor (requirements §3; 示例，待市住建局确认). Only decided deductions
count, from the day they were decided. Within one town's scope there are only those that the town proposed, and no balance:
what is left of the points would tell the other towns'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table, day
from projections.query.as_of import alive
from projections.query.open_problem import OPEN
from projections.query.page import Page, containing, fetch, fetch_page
from projections.query.scope import Scope

BASE_X10 = 1000


class Deduction(NamedTuple):
    """扣分: `problem_version` is where the cited problem stood. `points_x10` is what was decided, else what was proposed."""

    position: int
    version: int
    state: str
    company: str
    problem: str
    problem_version: int
    unit: str
    score_table: int
    score_code: str
    proposed_x10: int
    points_x10: int
    reason: str
    proposed_on: date
    proposed_by: str
    decided_on: date | None = None
    decided_by: str | None = None
    document: str | None = None
    note: str | None = None
    served_on: date | None = None
    served_way: str | None = None


def _proposed(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.put(
        recorded.stream,
        Deduction(
            recorded.position, recorded.version, "proposed", data["company"], data["problem"], data["problem_version"],
            data["unit"], data["score_table"], data["score_code"], data["points_x10"], data["points_x10"],
            data["reason"], date.fromisoformat(recorded.on), recorded.actor,
        ),
    )  # fmt: skip


def _decided(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.change(
        Deduction,
        recorded.stream,
        version=recorded.version,
        state="decided",
        points_x10=data["points_x10"],
        document=data["document"],
        decided_on=day(data["decided_on"]),
        decided_by=recorded.actor,
        note=data.get("note"),
    )


def _served(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.change(
        Deduction, recorded.stream, version=recorded.version, served_on=day(data["served_on"]), served_way=data["way"]
    )


def _declined(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Deduction,
        recorded.stream,
        version=recorded.version,
        state="declined",
        decided_on=day(recorded.on),
        decided_by=recorded.actor,
        note=recorded.data["reason"],
    )


CREDIT = ReadModel(
    "credit",
    2,
    (Table("deduction", Deduction, ("company", "problem")),),
    {
        "deduction.proposed": _proposed,
        "deduction.decided": _decided,
        "deduction.served": _served,
        "deduction.declined": _declined,
    },
)


@dataclass(frozen=True)
class DeductionFilter:
    states: tuple[str, ...] = ()
    company: str | None = None
    problem: str | None = None
    unit: str | None = None
    unserved: bool = False

    def sql(self) -> str:
        """A condition on the alias d."""
        conditions = {
            "d.state = ANY(%(states)s)": self.states,
            "d.company = %(company)s": self.company,
            "d.problem = %(problem)s": self.problem,
            "d.unit ^@ %(unit)s": self.unit,
            "d.state = 'decided' AND d.served_on IS NULL": self.unserved,
        }
        return " AND ".join(["true", *(condition for condition, wanted in conditions.items() if wanted)])

    @property
    def bound(self) -> dict[str, Any]:
        return {**vars(self), "states": list(self.states)}


class DeductionItem(NamedTuple):
    """With the names its ids stand for and how the cited problem stands now: `problem_revoked` = its close-out was revoked."""

    id: str
    deduction: Deduction
    company_name: str | None
    unit_name: str | None
    problem_number: str | None
    problem_title: str | None
    problem_state: str | None
    problem_revoked: bool
    conduct: str | None


def _select(scope: Scope, at: int | None, condition: str) -> str:
    return f"""SELECT d.key, {", ".join(f"d.{name}" for name in Deduction._fields)}, c.name, u.short_name, p.number, p.title,
            p.state, p.revoked_on IS NOT NULL, s.conduct
        FROM read.deduction d
        LEFT JOIN read.company c ON c.key = d.company AND {alive(at, "c")}
        LEFT JOIN read.unit u ON u.key = d.unit AND {alive(at, "u")}
        LEFT JOIN read.problem p ON p.key = d.problem AND {scope.sql("p.unit")} AND {alive(at, "p")}
        LEFT JOIN read.score s ON s.version = d.score_table AND s.code = d.score_code AND {alive(at, "s")}
        WHERE {alive(at, "d")} AND {scope.sql("d.unit")} AND {condition} ORDER BY d.position DESC"""


def _item(id: str, *columns: Any) -> DeductionItem:
    own, names = columns[: len(Deduction._fields)], columns[len(Deduction._fields) :]
    return DeductionItem(id, Deduction(*own), *names)


def deductions(
    cursor: Any,
    scope: Scope,
    wanted: DeductionFilter = DeductionFilter(),
    *,
    at: int | None = None,
    page: int = 1,
    size: int = 20,
) -> Page[DeductionItem]:
    """The newest first."""
    query = _select(scope, at, wanted.sql())
    return fetch_page(cursor, query, {**wanted.bound, **scope.bound}, _item, page=page, size=size)


def count(cursor: Any, scope: Scope, wanted: DeductionFilter = DeductionFilter(), *, at: int | None = None) -> int:
    query = f"SELECT count(*) FROM read.deduction d WHERE {alive(at, 'd')} AND {scope.sql('d.unit')} AND {wanted.sql()}"
    cursor.execute(query, {**wanted.bound, **scope.bound})
    return cursor.fetchone()[0]


def deduction(cursor: Any, scope: Scope, id: str, *, at: int | None = None) -> DeductionItem | None:
    found = fetch(cursor, _select(scope, at, "d.key = %(id)s"), {"id": str(id), **scope.bound}, _item)
    return found[0] if found else None


class Balance(NamedTuple):
    """`balance_x10` = base − the points of `decided`, whose rows are the decisions in force on the day; None in a part's scope."""

    company: str
    code: str
    name: str
    base_x10: int
    deducted_x10: int
    balance_x10: int | None
    decided: list[DeductionItem]
    proposed: list[DeductionItem]
    declined: list[DeductionItem]


def balance(cursor: Any, scope: Scope, company: str, *, day: date, at: int | None = None) -> Balance | None:
    """A company's points on a day; None if there is no such company. 扣分 not yet decided on the day are `proposed`."""
    cursor.execute(f"SELECT code, name FROM read.company c WHERE key = %s AND {alive(at, 'c')}", (str(company),))
    found = cursor.fetchone()
    if found is None:
        return None
    wanted = DeductionFilter(company=str(company))
    rows = fetch(cursor, _select(scope, at, wanted.sql()), {**wanted.bound, **scope.bound}, _item)
    decided = [row for row in rows if _decided_by(row.deduction, day)]
    declined = [row for row in rows if row.deduction.state == "declined"]
    proposed = [row for row in rows if row not in decided and row not in declined and row.deduction.proposed_on <= day]
    points = sum(row.deduction.points_x10 for row in decided)
    code, name = found
    left = BASE_X10 - points if scope.whole else None
    return Balance(str(company), code, name, BASE_X10, points, left, decided, proposed, declined)


def _decided_by(deduction: Deduction, day: date) -> bool:
    return deduction.state == "decided" and deduction.decided_on is not None and deduction.decided_on <= day


class CompanyItem(NamedTuple):
    """`estates`, `open_problems` and `deducted_x10` count what the scope covers; `balance_x10` is None in a part's scope."""

    id: str
    code: str
    name: str
    estates: int
    open_problems: int
    deducted_x10: int
    balance_x10: int | None


def companies(
    cursor: Any,
    scope: Scope,
    *,
    text: str | None = None,
    day: date,
    at: int | None = None,
    page: int = 1,
    size: int = 20,
) -> Page[CompanyItem]:
    """企业 by name; the register is public, the counts are the scope's. `text` is looked for in name and code."""
    query = f"""SELECT c.key, c.code, c.name,
            (SELECT count(*) FROM read.estate e WHERE e.company = c.key AND {alive(at, "e")} AND {scope.sql("e.unit")}),
            (SELECT count(*) FROM read.problem p WHERE p.company = c.key AND {alive(at, "p")} AND {scope.sql("p.unit")}
                AND {OPEN}),
            x.points, {f"{BASE_X10} - x.points" if scope.whole else "NULL::bigint"}
        FROM read.company c, LATERAL (SELECT coalesce(sum(d.points_x10), 0)::bigint AS points FROM read.deduction d
            WHERE d.company = c.key AND {alive(at, "d")} AND {scope.sql("d.unit")} AND d.state = 'decided'
                AND d.decided_on <= %(day)s) x
        WHERE {alive(at, "c")} AND (%(text)s IS NULL OR c.name LIKE %(text)s OR c.code LIKE %(text)s)
        ORDER BY c.name, c.key"""
    bound = {"text": containing(text) if text else None, "day": day, **scope.bound}
    return fetch_page(cursor, query, bound, CompanyItem, page=page, size=size)
