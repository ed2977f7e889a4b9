"""The campaign and what it decides by. Each adopted version is a stream of its own, so it can be adopted once only."""

from typing import Any

from domain.base import CreatedEvent


class CampaignOpened(CreatedEvent):
    """专项整治已部署: the notice and its phases [{code, name, begins_on?, ends_on?}]; phases may overlap."""

    TOPIC = "campaign.opened"
    title: str
    document: str
    issued_on: str
    phases: list[dict[str, str]]


class CatalogueAdopted(CreatedEvent):
    """整治内容清单已采用: categories [{code, text, name, name_en}], items [{code, category, text, name, name_en, catch_all?}]."""

    TOPIC = "catalogue.adopted"
    version: int
    categories: list[dict[str, Any]]
    items: list[dict[str, Any]]


class CalendarAdopted(CreatedEvent):
    """工作日历已采用: days off and make-up working days (调休) of whole years, by the State Council's notices."""

    TOPIC = "calendar.adopted"
    version: int
    years: list[int]
    days_off: list[str]
    working_days: list[str]
    basis: str


class ScoreTableAdopted(CreatedEvent):
    """信用扣分标准已采用: rows [{code, item, conduct, basis, severity, points_x10, veto?}]; points in tenths."""

    TOPIC = "score_table.adopted"
    version: int
    note: str
    rows: list[dict[str, Any]]
