"""身份打开: who asked for which fields of which tip, who decided, and how often it was opened. No word of a reporter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table
from projections.query.as_of import alive
from projections.query.page import Page, fetch, fetch_page
from projections.query.scope import Scope


class Disclosure(NamedTuple):
    """`fields` are separated by spaces; `unit` is the unit that asks."""

    position: int
    version: int
    state: str
    unit: str
    tip: str
    fields: str
    reason: str
    requested_by: str
    requested_on: date
    decided_by: str | None = None
    decided_on: date | None = None
    note: str | None = None
    opened: int = 0
    opened_on: date | None = None


def _requested(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.put(
        recorded.stream,
        Disclosure(
            recorded.position, recorded.version, "requested", data["unit"], data["tip"], " ".join(data["fields"]),
            data["reason"], recorded.actor, date.fromisoformat(recorded.on),
        ),
    )  # fmt: skip


def _decided(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Disclosure,
        recorded.stream,
        version=recorded.version,
        state=recorded.topic.partition(".")[2],
        decided_by=recorded.actor,
        decided_on=date.fromisoformat(recorded.on),
        note=recorded.data.get("note") or recorded.data.get("reason"),
    )


def _opened(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Disclosure,
        recorded.stream,
        version=recorded.version,
        opened=rows.need(Disclosure, recorded.stream).opened + 1,
        opened_on=date.fromisoformat(recorded.on),
    )


DISCLOSURES = ReadModel(
    "disclosures",
    1,
    (Table("disclosure", Disclosure, ("unit, position", "tip")),),
    {
        "disclosure.requested": _requested,
        "disclosure.approved": _decided,
        "disclosure.declined": _decided,
        "disclosure.opened": _opened,
    },
)


@dataclass(frozen=True)
class DisclosureFilter:
    """() and None mean all; `not_by` are accounts: what they asked for is left out."""

    states: tuple[str, ...] = ()
    tip: str | None = None
    not_by: tuple[str, ...] = ()

    def sql(self) -> str:
        """A condition on the alias d."""
        conditions = {
            "d.state = ANY(%(states)s)": self.states,
            "d.tip = %(tip)s": self.tip,
            "d.requested_by <> ALL(%(not_by)s)": self.not_by,
        }
        return " AND ".join(["true", *(condition for condition, wanted in conditions.items() if wanted)])

    @property
    def bound(self) -> dict[str, Any]:
        return {"states": list(self.states), "tip": self.tip, "not_by": list(self.not_by)}


class DisclosureItem(NamedTuple):
    """With the place in the log that the tip is known by."""

    id: str
    disclosure: Disclosure
    tip_position: int | None


def _select(scope: Scope, at: int | None, condition: str) -> str:
    columns = ", ".join(f"d.{name}" for name in Disclosure._fields)
    return f"""SELECT d.key, {columns}, t.position FROM read.disclosure d
        LEFT JOIN read.tip t ON t.key = d.tip AND {alive(at, "t")}
        WHERE {alive(at, "d")} AND {scope.sql("d.unit")} AND {condition}"""


def _item(id: str, *columns: Any) -> DisclosureItem:
    *own, tip_position = columns
    return DisclosureItem(id, Disclosure(*own), tip_position)


def disclosures(
    cursor: Any,
    scope: Scope,
    wanted: DisclosureFilter = DisclosureFilter(),
    *,
    at: int | None = None,
    page: int = 1,
    size: int = 20,
) -> Page[DisclosureItem]:
    """The list, the newest first."""
    query = f"{_select(scope, at, wanted.sql())} ORDER BY d.position DESC"
    bound = {**wanted.bound, **scope.bound}
    return fetch_page(cursor, query, bound, _item, page=page, size=size, total=count(cursor, scope, wanted, at=at))


def count(cursor: Any, scope: Scope, wanted: DisclosureFilter = DisclosureFilter(), *, at: int | None = None) -> int:
    query = (
        f"SELECT count(*) FROM read.disclosure d WHERE {alive(at, 'd')} AND {scope.sql('d.unit')} AND {wanted.sql()}"
    )
    cursor.execute(query, {**wanted.bound, **scope.bound})
    return cursor.fetchone()[0]


def disclosure(cursor: Any, scope: Scope, id: str, *, at: int | None = None) -> DisclosureItem | None:
    """One request; None if there is none or it is another unit's."""
    found = fetch(cursor, _select(scope, at, "d.key = %(id)s"), {"id": id, **scope.bound}, _item)
    return found[0] if found else None
