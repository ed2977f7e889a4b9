"""What is decided by: campaign and phases, catalogue, working days, score table, in every version that was adopted. 现行依据"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table, day
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
    """工作日历: days are ISO days, one space between."""

    version: int
    years: str
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


def _catalogue_adopted(rows: Rows, recorded: Recorded) -> None:
    version, names = recorded.data["version"], {c["code"]: c["name"] for c in recorded.data["categories"]}
    for item in recorded.data["items"]:
        rows.put(
            f"{version:06d} {item['code']}",
            CatalogueItem(
                version, item["code"], item["category"], names[item["category"]], item["text"], item["name"],
                item["name_en"], item.get("catch_all", False), "\n".join(item.get("evidence", ())),
            ),
        )  # fmt: skip


def _calendar_adopted(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    years = " ".join(str(year) for year in data["years"])
    rows.put(
        f"{data['version']:06d}",
        Calendar(data["version"], years, " ".join(data["days_off"]), " ".join(data["working_days"]), data["basis"]),
    )


def _score_table_adopted(rows: Rows, recorded: Recorded) -> None:
    version, note = recorded.data["version"], recorded.data["note"]
    for row in recorded.data["rows"]:
        rows.put(
            f"{version:06d} {row['code']}",
            Score(
                version, row["code"], row["item"], row["conduct"], row["basis"], row["severity"], row["points_x10"],
                row.get("veto", False), note,
            ),
        )  # fmt: skip


ADOPTED = ReadModel(
    "adopted",
    2,
    (
        Table("campaign", Campaign),
        Table("phase", Phase),
        Table("catalogue_item", CatalogueItem),
        Table("calendar", Calendar),
        Table("score", Score),
    ),
    {
        "campaign.opened": _campaign_opened,
        "catalogue.adopted": _catalogue_adopted,
        "calendar.adopted": _calendar_adopted,
        "score_table.adopted": _score_table_adopted,
    },
)


def campaigns(cursor: Any, *, at: int | None = None) -> list[tuple[Campaign, list[Phase]]]:
    """Every campaign with its phases, the latest first."""
    query = f"SELECT key, title, document, issued_on FROM read.campaign c WHERE {alive(at, 'c')} ORDER BY since DESC"
    found = fetch(cursor, query, {}, lambda key, *columns: (key, Campaign(*columns)))
    query = f"SELECT {', '.join(Phase._fields)} FROM read.phase f WHERE {alive(at, 'f')} ORDER BY code"
    phases = fetch(cursor, query, {}, Phase)
    return [(campaign, [phase for phase in phases if phase.campaign == key]) for key, campaign in found]


def catalogue(cursor: Any, *, version: int | None = None, at: int | None = None) -> list[CatalogueItem]:
    """The items of a version (None: the latest adopted) in the order of their codes."""
    return _latest(cursor, "catalogue_item", CatalogueItem, version, at)


def calendar(cursor: Any, *, version: int | None = None, at: int | None = None) -> Calendar | None:
    found = _latest(cursor, "calendar", Calendar, version, at)
    return found[0] if found else None


def score_table(cursor: Any, *, version: int | None = None, at: int | None = None) -> list[Score]:
    """The rows of a version (None: the latest adopted) in the order of their codes."""
    return _latest(cursor, "score", Score, version, at)


def _latest(cursor: Any, table: str, kind: type[Any], version: int | None, at: int | None) -> list[Any]:
    wanted = (
        "%(version)s" if version is not None else f"(SELECT max(version) FROM read.{table} l WHERE {alive(at, 'l')})"
    )
    query = f"""SELECT {", ".join(kind._fields)} FROM read.{table} a
        WHERE {alive(at, "a")} AND version = {wanted} ORDER BY key"""
    return fetch(cursor, query, {"version": version}, kind)
