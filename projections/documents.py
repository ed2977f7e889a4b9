"""What is decided by: campaign and phases, catalogue, working days, score table, in every version that was adopted. 现行依据"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import Fold, ReadModel, Rows, Table, day
from projections.query.as_of import alive
from projections.query.page import fetch


class Campaign(NamedTuple):
    title: str
    document: str
    issued_on: date


class Phase(NamedTuple):
    campaign: str
    code: str
    name: str
    begins_on: date | None
    ends_on: date | None


class CatalogueItem(NamedTuple):
    """整治条目 with its category; `text` is the notice's own wording, `evidence` the kinds demanded, one in a line."""

    version: int
    code: str
    category: str
    category_name: str
    text: str
    name: str
    name_en: str
    catch_all: bool
    evidence: str | None

    @property
    def demands(self) -> list[str]:
        """The kinds of evidence without which completion cannot be reported."""
        return (self.evidence or "").splitlines()


class Calendar(NamedTuple):
    """工作日历: days are ISO days, one space between; so are years, and those of them that are provisional (暂定)."""

    version: int
    years: str
    provisional: str
    days_off: str
    working_days: str
    basis: str


class Score(NamedTuple):
    """扣分标准: points in tenths."""

    version: int
    code: str
    item: str
    conduct: str
    basis: str
    severity: str
    points_x10: int
    veto: bool
    note: str


def _campaign_opened(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.put(recorded.stream, Campaign(data["title"], data["document"], date.fromisoformat(data["issued_on"])))
    for phase in data["phases"]:
        begins_on, ends_on = day(phase.get("begins_on")), day(phase.get("ends_on"))
        rows.put(
            f"{recorded.stream} {phase['code']}",
            Phase(recorded.stream, phase["code"], phase["name"], begins_on, ends_on),
        )


class Edition(NamedTuple):
    """依据文件版本: `content` is JSON, "" of a first edition, which counts from the beginning."""

    kind: str
    version: int
    state: str
    effective_on: date
    proposed_by: str
    proposed_on: date
    note: str
    content: str
    seen: int
    decided_by: str | None = None
    decided_on: date | None = None
    reason: str | None = None


def _first(kind: str, fold: Any) -> Fold:
    """The fold of an edition that came with the founding."""

    def folded(rows: Rows, recorded: Recorded) -> None:
        fold(rows, recorded.data["version"], recorded.data)
        on = date.fromisoformat(recorded.on)
        first = Edition(
            kind, recorded.data["version"], "adopted", BEGINNING, recorded.actor, on, "", "", recorded.version
        )
        rows.put(recorded.stream, first)

    return folded


def _proposed(rows: Rows, recorded: Recorded) -> None:
    data, on = recorded.data, date.fromisoformat(recorded.on)
    content = json.dumps(data["content"], ensure_ascii=False)
    told = data["kind"], data["version"], "proposed", date.fromisoformat(data["effective_on"]), recorded.actor, on
    rows.put(recorded.stream, Edition(*told, data["note"], content, recorded.version))


def _decided(state: str) -> Fold:
    def folded(rows: Rows, recorded: Recorded) -> None:
        decided = {"decided_by": recorded.actor, "decided_on": date.fromisoformat(recorded.on)}
        more = {"state": state, "seen": recorded.version, "reason": recorded.data.get("reason")}
        rows.change(Edition, recorded.stream, **decided, **more)
        if state == "adopted":
            one = rows.need(Edition, recorded.stream)
            ROWS[one.kind](rows, one.version, json.loads(one.content))

    return folded


def _catalogue_rows(rows: Rows, version: int, data: dict[str, Any]) -> None:
    names = {c["code"]: c["name"] for c in data["categories"]}
    for item in data["items"]:
        rows.put(
            f"{version:06d} {item['code']}",
            CatalogueItem(
                version, item["code"], item["category"], names[item["category"]], item["text"], item["name"],
                item["name_en"], item.get("catch_all", False), "\n".join(item.get("evidence", ())),
            ),
        )  # fmt: skip


def _calendar_rows(rows: Rows, version: int, data: dict[str, Any]) -> None:
    years, provisional = (" ".join(map(str, data[name])) for name in ("years", "provisional"))
    days = " ".join(data["days_off"]), " ".join(data["working_days"])
    rows.put(f"{version:06d}", Calendar(version, years, provisional, *days, data["basis"]))


def _score_rows(rows: Rows, version: int, data: dict[str, Any]) -> None:
    note = data["note"]
    for row in data["rows"]:
        rows.put(
            f"{version:06d} {row['code']}",
            Score(
                version, row["code"], row["item"], row["conduct"], row["basis"], row["severity"], row["points_x10"],
                row.get("veto", False), note,
            ),
        )  # fmt: skip


BEGINNING = date(2025, 1, 1)  # before it nobody decided anything by these documents
ROWS = {"catalogue": _catalogue_rows, "calendar": _calendar_rows, "score_table": _score_rows}
ADOPTED = ReadModel(
    "adopted",
    3,
    (
        Table("campaign", Campaign),
        Table("phase", Phase),
        Table("catalogue_item", CatalogueItem),
        Table("calendar", Calendar),
        Table("score", Score),
        Table("edition", Edition),
    ),
    {
        "campaign.opened": _campaign_opened,
        "catalogue.adopted": _first("catalogue", _catalogue_rows),
        "calendar.adopted": _first("calendar", _calendar_rows),
        "score_table.adopted": _first("score_table", _score_rows),
        "document.proposed": _proposed,
        "document.adopted": _decided("adopted"),
        "document.declined": _decided("declined"),
    },
)


def campaigns(cursor: Any, *, at: int | None = None) -> list[tuple[Campaign, list[Phase]]]:
    """Every campaign with its phases, the latest first."""
    query = f"SELECT key, title, document, issued_on FROM read.campaign c WHERE {alive(at, 'c')} ORDER BY since DESC"
    found = fetch(cursor, query, {}, lambda key, *columns: (key, Campaign(*columns)))
    query = f"SELECT {', '.join(Phase._fields)} FROM read.phase f WHERE {alive(at, 'f')} ORDER BY code"
    phases = fetch(cursor, query, {}, Phase)
    return [(campaign, [phase for phase in phases if phase.campaign == key]) for key, campaign in found]


def catalogue(cursor: Any, *, day: date, version: int | None = None, at: int | None = None) -> list[CatalogueItem]:
    """The items of a version (None: the one that counts on the day) in the order of their codes."""
    return _edition(cursor, "catalogue_item", CatalogueItem, "catalogue", day, version, at)


def calendar(cursor: Any, *, day: date, at: int | None = None) -> Calendar | None:
    found = _edition(cursor, "calendar", Calendar, "calendar", day, None, at)
    return found[0] if found else None


def score_table(cursor: Any, *, day: date, version: int | None = None, at: int | None = None) -> list[Score]:
    """The rows of a version (None: the one that counts on the day) in the order of their codes."""
    return _edition(cursor, "score", Score, "score_table", day, version, at)


def editions(cursor: Any, *, at: int | None = None) -> list[tuple[str, Edition]]:
    """Every edition of every kind with its stream, the newest of each kind first."""
    query = f"""SELECT key, {", ".join(Edition._fields)} FROM read.edition e
        WHERE {alive(at, "e")} ORDER BY kind, version DESC"""
    return fetch(cursor, query, {}, lambda key, *columns: (key, Edition(*columns)))


def _edition(
    cursor: Any, table: str, row: type[Any], kind: str, day: date, version: int | None, at: int | None
) -> list[Any]:
    counting = f"""(SELECT max(e.version) FROM read.edition e WHERE {alive(at, "e")} AND e.kind = %(kind)s
        AND e.state = 'adopted' AND e.effective_on <= %(day)s)"""
    wanted = "%(version)s" if version is not None else counting
    query = f"""SELECT {", ".join(row._fields)} FROM read.{table} a
        WHERE {alive(at, "a")} AND version = {wanted} ORDER BY key"""
    return fetch(cursor, query, {"version": version, "kind": kind, "day": day}, row)
