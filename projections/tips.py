"""线索台: every tip with where it stands, whose it is and until when. Its text and reporter lie in the vault."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import Fold, ReadModel, Rows, Table, day
from projections.query.as_of import alive
from projections.query.page import Page, fetch, fetch_page
from projections.query.scope import Scope
from projections.tip_filter import EVERY, OVERDUE, URGENT, TipFilter

CITY = 6  # digits of its code; those of its units begin with them


class Tip(NamedTuple):
    """`position` is the place of its registration in the log; `version` what a form has to have seen."""

    position: int
    version: int
    state: str
    unit: str
    channel: str
    received_on: date
    registered_on: date
    registered_by: str
    import_batch: str | None = None
    item: str | None = None
    estate: str | None = None
    due_on: date | None = None
    accepted_on: date | None = None
    assigned_on: date | None = None
    acknowledged_on: date | None = None
    returned_on: date | None = None
    verified_on: date | None = None
    result: str | None = None
    problems: int | None = None
    answered_on: date | None = None
    declined_on: date | None = None
    withdrawn_on: date | None = None
    shredding: str | None = None
    shredding_by: str | None = None
    shredded_on: date | None = None
    recused: str | None = None
    summary: str | None = None
    answer_due_on: date | None = None
    informed_on: date | None = None
    urgent_on: date | None = None
    reopened_on: date | None = None
    joined: str | None = None


def _tip_registered(rows: Rows, recorded: Recorded) -> None:
    data, on = recorded.data, date.fromisoformat(recorded.on)
    batch = data.get("import")
    rows.put(
        recorded.stream,
        Tip(
            recorded.position, recorded.version, "registered", data.get("unit", recorded.unit), data["channel"],
            date.fromisoformat(data["received_on"]), on, recorded.actor, str(batch["batch"]) if batch else None,
            answer_due_on=day(data.get("answer_due_on")),
        ),
    )  # fmt: skip


def _moves(state: str, stamp: str, *taken: str) -> Fold:
    """The fold of an act that brings a tip to `state` on a day, and takes these members of its data over."""

    def fold(rows: Rows, recorded: Recorded) -> None:
        data = recorded.data
        columns: dict[str, Any] = {name: data[name] for name in taken if name in data}
        columns[stamp] = date.fromisoformat(recorded.on)
        rows.change(Tip, recorded.stream, version=recorded.version, state=state, **columns)

    return fold


def _tip_assigned(rows: Rows, recorded: Recorded) -> None:
    data, on = recorded.data, date.fromisoformat(recorded.on)
    due_on = day(data["due_on"])
    rows.change(
        Tip,
        recorded.stream,
        version=recorded.version,
        state="assigned",
        unit=data["unit"],
        due_on=due_on,
        assigned_on=on,
        acknowledged_on=None,
    )


def _tip_taken_up(rows: Rows, recorded: Recorded) -> None:
    """The town has it, and has signed for it: it was its own from the beginning."""
    on = date.fromisoformat(recorded.on)
    due_on = day(recorded.data["due_on"])
    stamps = {"assigned_on": on, "acknowledged_on": on, "due_on": due_on}
    rows.change(Tip, recorded.stream, version=recorded.version, state="acknowledged", **stamps)


def _tip_recalled(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Tip,
        recorded.stream,
        version=recorded.version,
        state="accepted",
        unit=recorded.data["unit"],
        due_on=None,
        acknowledged_on=None,
    )


def _tip_reopened(rows: Rows, recorded: Recorded) -> None:
    """What ended it is taken back; what was answered is verified anew, until a new day."""
    tip, on = rows.need(Tip, recorded.stream), date.fromisoformat(recorded.on)
    back = {"declined": "registered", "answered": "acknowledged"}[tip.state]
    due_on = day(recorded.data.get("due_on")) or tip.due_on
    ends = {"answered_on": None, "declined_on": None, "due_on": due_on, "reopened_on": on}
    rows.change(Tip, recorded.stream, version=recorded.version, state=back, **ends)


def _stamped(stamp: str) -> Fold:
    """The fold of an act that leaves a tip where it is."""

    def fold(rows: Rows, recorded: Recorded) -> None:
        rows.change(Tip, recorded.stream, version=recorded.version, **{stamp: date.fromisoformat(recorded.on)})

    return fold


def _tip_joined(rows: Rows, recorded: Recorded) -> None:
    joined = recorded.data["problem"]
    rows.change(Tip, recorded.stream, version=recorded.version, state="became_problems", problems=1, joined=joined)


def _tip_became_problems(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Tip,
        recorded.stream,
        version=recorded.version,
        state="became_problems",
        problems=len(recorded.data["problems"]),
    )


def _unit_recused(rows: Rows, recorded: Recorded) -> None:
    """What the unit held is the city's again, whose code is the beginning of its own."""
    tip, recused = rows.need(Tip, recorded.stream), recorded.data["recused"]
    held = tip.unit == recused
    rows.change(
        Tip,
        recorded.stream,
        version=recorded.version,
        recused=f"{tip.recused} {recused}" if tip.recused else recused,
        unit=recused[:CITY] if held else tip.unit,
        state="returned" if held and tip.state in ("assigned", "acknowledged") else tip.state,
    )


def _shredding_proposed(rows: Rows, recorded: Recorded) -> None:
    ground, order = recorded.data["ground"], recorded.data.get("order")
    rows.change(
        Tip,
        recorded.stream,
        version=recorded.version,
        shredding=f"{ground} {order}" if order else ground,
        shredding_by=recorded.actor,
    )


def _shredded(rows: Rows, recorded: Recorded) -> None:
    rows.change(Tip, recorded.stream, version=recorded.version, shredded_on=date.fromisoformat(recorded.on))


def _tip_supplemented(rows: Rows, recorded: Recorded) -> None:
    rows.change(Tip, recorded.stream, version=recorded.version)


TIPS_DESK = ReadModel(
    "tips_desk",
    4,
    (Table("tip", Tip, ("unit, state", "position", "state", "estate", "joined")),),
    {
        "tip.registered": _tip_registered,
        "tip.accepted": _moves("accepted", "accepted_on", "item", "summary", "estate"),
        "tip.declined": _moves("declined", "declined_on"),
        "tip.assigned": _tip_assigned,
        "tip.reassigned": _tip_assigned,
        "tip.taken_up": _tip_taken_up,
        "tip.recalled": _tip_recalled,
        "tip.reopened": _tip_reopened,
        "tip.joined_problem": _tip_joined,
        "tip.reporter_informed": _stamped("informed_on"),
        "tip.urgent_marked": _stamped("urgent_on"),
        "tip.acknowledged": _moves("acknowledged", "acknowledged_on"),
        "tip.returned": _moves("returned", "returned_on", "unit"),
        "tip.verified": _moves("verified", "verified_on", "result", "estate"),
        "tip.became_problems": _tip_became_problems,
        "tip.answered": _moves("answered", "answered_on"),
        "tip.withdrawn": _moves("withdrawn", "withdrawn_on"),
        "tip.unit_recused": _unit_recused,
        "tip.shredding_proposed": _shredding_proposed,
        "tip.shredded": _shredded,
        "tip.supplemented": _tip_supplemented,
    },
)


class TipItem(NamedTuple):
    """A row of the list: the tip with the names that its ids stand for, and whether it is overdue at the day asked for."""

    id: str
    tip: Tip
    unit_name: str | None
    item_name: str | None
    estate_name: str | None
    overdue: bool


def _select(scope: Scope, at: int | None, condition: str) -> str:
    return f"""SELECT t.key, {", ".join(f"t.{name}" for name in Tip._fields)}, u.short_name, e.name,
            (SELECT i.name FROM read.catalogue_item i WHERE i.code = t.item AND {alive(at, "i")}
                ORDER BY i.version DESC LIMIT 1),
            coalesce({OVERDUE}, false)
        FROM read.tip t
        LEFT JOIN read.unit u ON u.key = t.unit AND {alive(at, "u")}
        LEFT JOIN read.estate e ON e.key = t.estate AND {alive(at, "e")}
        WHERE {alive(at, "t")} AND {scope.sql("t.unit")} AND {condition}"""


def _item(id: str, *columns: Any) -> TipItem:
    *own, unit_name, estate_name, item_name, overdue = columns
    return TipItem(id, Tip(*own), unit_name, item_name, estate_name, overdue)


ORDERS = {
    "newest": f"{URGENT} DESC, t.position DESC",
    "due": f"{URGENT} DESC, CASE t.state WHEN 'assigned' THEN t.assigned_on ELSE t.due_on END, t.position",
}


def tips(
    cursor: Any,
    scope: Scope,
    wanted: TipFilter = EVERY,
    *,
    day: date,
    at: int | None = None,
    order: str = "newest",
    page: int = 1,
    size: int = 20,
) -> Page[TipItem]:
    """The list; `order` is newest, or due: what has to be signed for or verified soonest."""
    query = f"{_select(scope, at, wanted.sql())} ORDER BY {ORDERS[order]}"
    bound = {**wanted.bound, **scope.bound, "day": day}
    total = count(cursor, scope, wanted, day=day, at=at)
    return fetch_page(cursor, query, bound, _item, page=page, size=size, total=total)


def count(cursor: Any, scope: Scope, wanted: TipFilter = EVERY, *, day: date, at: int | None = None) -> int:
    query = f"SELECT count(*) FROM read.tip t WHERE {alive(at, 't')} AND {scope.sql('t.unit')} AND {wanted.sql()}"
    cursor.execute(query, {**wanted.bound, **scope.bound, "day": day})
    return cursor.fetchone()[0]


def tip(cursor: Any, scope: Scope, id: str, *, day: date, at: int | None = None) -> TipItem | None:
    """One tip; None if there is none or it is another unit's."""
    query = _select(scope, at, "t.key = %(id)s")
    found = fetch(cursor, query, {"id": str(id), **scope.bound, "day": day}, _item)
    return found[0] if found else None


def neighbours(
    cursor: Any, scope: Scope, wanted: TipFilter, position: int, *, day: date, at: int | None = None
) -> tuple[str | None, str | None]:
    """上一件、下一件 of the list `tips` shows with this filter, newest first, around the tip registered at `position`."""
    ids = []
    this = f"""(SELECT {URGENT}, t.position FROM read.tip t
        WHERE {alive(at, "t")} AND t.position = %(position)s)"""
    for sign, order in ((">", "ASC"), ("<", "DESC")):
        query = f"""SELECT t.key FROM read.tip t WHERE {alive(at, "t")} AND {scope.sql("t.unit")} AND {wanted.sql()}
            AND ({URGENT}, t.position) {sign} {this} ORDER BY {URGENT} {order}, t.position {order} LIMIT 1"""
        cursor.execute(query, {**wanted.bound, **scope.bound, "day": day, "position": position})
        found = cursor.fetchone()
        ids.append(found[0] if found else None)
    return ids[0], ids[1]


def ids(cursor: Any, scope: Scope, *, size: int, at: int | None = None) -> list[str]:
    """The newest tips of the scope."""
    query = f"""SELECT t.key FROM read.tip t WHERE {alive(at, "t")} AND {scope.sql("t.unit")}
        ORDER BY t.position DESC LIMIT {size:d}"""
    cursor.execute(query, scope.bound)
    return [key for (key,) in cursor.fetchall()]
