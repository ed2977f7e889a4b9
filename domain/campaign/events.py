"""The campaign and what it decides by. Each adopted version is a stream of its own, so it can be adopted once only."""

from typing import Any

from domain.base import CreatedEvent, DomainEvent


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
    """工作日历已采用: days off and make-up working days (调休) of whole years, by the State Council's notices.

    `provisional` are years whose notice is not out yet: Monday to Friday, and the holidays that the law itself fixes.
    """

    TOPIC = "calendar.adopted"
    version: int
    years: list[int]
    provisional: list[int]
    days_off: list[str]
    working_days: list[str]
    basis: str


class ScoreTableAdopted(CreatedEvent):
    """信用扣分标准已采用: rows [{code, item, conduct, basis, severity, points_x10, veto?}]; points in tenths."""

    TOPIC = "score_table.adopted"
    version: int
    note: str
    rows: list[dict[str, Any]]


class DocumentProposed(CreatedEvent):
    """依据文件已提请采用: `kind` catalogue | calendar | score_table; `content` the members of its first edition's event but the
    version; it would count from `effective_on`.
    """

    TOPIC = "document.proposed"
    kind: str
    version: int
    effective_on: str
    content: dict[str, Any]
    note: str


class DocumentAdopted(DomainEvent):
    """依据文件已采用: by another person; from its day of effect on decisions rest on it, older ones keep theirs."""

    TOPIC = "document.adopted"


class DocumentDeclined(DomainEvent):
    """依据文件未采用"""

    TOPIC = "document.declined"
    reason: str
