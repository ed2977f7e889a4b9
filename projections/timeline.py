"""办理经过: every event of one matter and of the matters linked to it, and the receipt of each. One row for each position."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import orjson

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table
from projections.query.as_of import alive, until
from projections.query.page import fetch
from projections.query.scope import Scope

# What these say is shown by pages of their own, and is long.
UNTOLD = frozenset({"log.opened", "rules.adopted", "catalogue.adopted", "calendar.adopted", "score_table.adopted"})


class Happening(NamedTuple):
    """One event as people read it; `data` is its JSON text. The row's `since` is its position."""

    stream: str
    version: int
    topic: str
    recorded_at: str
    day: str
    actor: str
    role: str
    unit: str
    command: str
    leaf_hash: str
    data: str | None
    backfilled: str | None


def _keep(rows: Rows, recorded: Recorded) -> None:
    paper = recorded.backfilled
    rows.append(
        Happening(
            recorded.stream, recorded.version, recorded.topic, recorded.recorded_at, recorded.on, recorded.actor,
            recorded.role, recorded.unit, recorded.command, recorded.leaf_hash,
            None if recorded.topic in UNTOLD else orjson.dumps(recorded.data).decode(),
            orjson.dumps(paper).decode() if paper else None,
        )
    )  # fmt: skip


TIMELINE = ReadModel(
    "timeline",
    3,
    (Table("happening", Happening, ("stream, version", "leaf_hash", "topic, since"), append_only=True),),
    {"*": _keep},
)


class TimelineItem(NamedTuple):
    """`kind` of the matter: tip | problem | deduction | disclosure | estate | import | company | official."""

    position: int
    kind: str
    stream: str
    version: int
    topic: str
    recorded_at: str
    day: str
    actor: str
    role: str
    unit: str
    command: str
    leaf_hash: str
    data: dict[str, Any]
    backfilled: dict[str, str] | None


def acted(alias: str) -> str:
    """A condition: one of the accounts `touched` has done something in the matter of this row, as far as position `upto`."""
    return f"""EXISTS (SELECT FROM read.happening h WHERE h.stream = {alias}.key AND h.actor = ANY(%(touched)s)
        AND h.since <= coalesce(%(upto)s::bigint, h.since))"""


def matters(scope: Scope, at: int | None) -> str:
    """A SELECT of (kind, key) of every matter the scope covers. Companies and what was adopted are public."""
    return f"""SELECT 'tip' AS kind, key FROM read.tip m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'problem', key FROM read.problem m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'disclosure', key FROM read.disclosure m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'deduction', key FROM read.deduction m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'estate', key FROM read.estate m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'import', key FROM read.import m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}
        UNION ALL SELECT 'company', key FROM read.company m WHERE {alive(at, "m")}
        UNION ALL SELECT 'official', official FROM read.role m WHERE {alive(at, "m")} AND {scope.sql("m.unit")}"""


def of_matter(cursor: Any, scope: Scope, id: str, *, linked: bool = True, at: int | None = None) -> list[TimelineItem]:
    """The events of a matter in the order of the log; `linked`: also of the tip it came from, of the problems it became, of
    the deductions that cite it. What another unit owns is left out; a matter that is another's has no rows at all.
    """
    query = f"""WITH own AS (SELECT kind, key FROM ({matters(scope, at)}) m WHERE key = %(id)s LIMIT 1),
        near AS (SELECT kind, key FROM own {_linked(at) if linked else ""}),
        seen AS (SELECT DISTINCT near.kind, near.key FROM near JOIN ({matters(scope, at)}) m USING (key))
        SELECT h.since, seen.kind, {", ".join(f"h.{name}" for name in Happening._fields)}
        FROM seen JOIN read.happening h ON h.stream = seen.key WHERE {until(at, "h")} ORDER BY h.since"""
    return fetch(cursor, query, {"id": str(id), **scope.bound}, _item)


def _linked(at: int | None) -> str:
    """A problem's tip and those that joined it, the tip's problems, the deductions of all those problems."""
    return f"""UNION SELECT 'tip', p.tip FROM own JOIN read.problem p ON p.key = own.key WHERE {alive(at, "p")}
            AND p.tip IS NOT NULL
        UNION SELECT 'tip', t.key FROM own JOIN read.tip t ON t.joined = own.key WHERE {alive(at, "t")}
        UNION SELECT 'problem', t.joined FROM own JOIN read.tip t ON t.key = own.key WHERE {alive(at, "t")}
            AND t.joined IS NOT NULL
        UNION SELECT 'problem', p.key FROM own JOIN read.problem p ON p.tip = own.key WHERE {alive(at, "p")}
        UNION SELECT 'problem', d.problem FROM own JOIN read.deduction d ON d.key = own.key WHERE {alive(at, "d")}
        UNION SELECT 'deduction', d.key FROM own JOIN read.deduction d ON d.problem = own.key WHERE {alive(at, "d")}
        UNION SELECT 'deduction', d.key FROM own JOIN read.problem p ON p.tip = own.key
            JOIN read.deduction d ON d.problem = p.key WHERE {alive(at, "d")} AND {alive(at, "p")}"""


def _item(position: int, kind: str, *columns: Any) -> TimelineItem:
    *own, data, backfilled = columns
    told = json.loads(data) if data else {}, json.loads(backfilled) if backfilled else None
    return TimelineItem._make((position, kind, *own, *told))


def latest(
    cursor: Any, scope: Scope, *, topics: tuple[str, ...], at: int | None = None, size: int = 20
) -> list[TimelineItem]:
    """What was recorded last in the scope's matters, of these topics, the newest first: read from the end of the log on."""
    query = f"""SELECT h.since, m.kind, {", ".join(f"h.{name}" for name in Happening._fields)} FROM read.happening h
        CROSS JOIN LATERAL (SELECT kind FROM ({matters(scope, at)}) x WHERE x.key = h.stream LIMIT 1) m
        WHERE {until(at, "h")} AND h.topic = ANY(%(topics)s) ORDER BY h.since DESC LIMIT {size:d}"""
    return fetch(cursor, query, {"topics": list(topics), **scope.bound}, _item)
