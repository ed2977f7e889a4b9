"""What everything is decided by: the notice, the catalogue, the calendar, the score table. 依据文件

Each version is adopted once, as a stream of its own; the version in force is the newest.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from domain.base import Aggregate, CreatedEvent, DomainEvent, public_id
from domain.calendar import WorkingDays
from domain.campaign.events import CalendarAdopted, CampaignOpened, CatalogueAdopted, ScoreTableAdopted
from domain.errors import RuleBroken
from domain.values import Actor


class Campaign(Aggregate):
    """专项整治"""

    TOPIC = "campaign"
    Event, Created = DomainEvent, CampaignOpened

    @classmethod
    def open(cls, *, origin: str, actor: Actor, document: str, **members: Any) -> Self:
        id = public_id(origin, "campaign", document)
        return cls._create(CampaignOpened, id=id, document=document, actor=actor.id, **members)

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case CampaignOpened():
                self.title, self.phases = fact.title, fact.phases
            case _:
                super().evolve(fact)


KINDS = {"catalogue": "整治条目清单", "calendar": "工作日历", "score_table": "信用扣分标准"}


class Document(Aggregate):
    """A versioned document; `members` is what its event holds."""

    OPENING: ClassVar[type[CreatedEvent]]

    @classmethod
    def adopt(cls, *, origin: str, actor: Actor, version: int, **members: Any) -> Self:
        id = public_id(origin, cls.TOPIC, str(version))
        return cls._create(cls.OPENING, id=id, version=version, actor=actor.id, **members)

    @classmethod
    def first(cls, origin: str) -> UUID:
        """The id of the edition that came with the founding."""
        return public_id(origin, cls.TOPIC, "1")

    @classmethod
    def read(cls, version: int, content: dict[str, Any]) -> Self:
        """A later edition, as its proposal holds it."""
        later = object.__new__(cls)
        later.__dict__.update(members=content, edition=version)
        return later

    def evolve(self, fact: DomainEvent) -> None:
        if not isinstance(fact, self.OPENING):
            super().evolve(fact)
        self.members = fact.data
        self.edition: int = fact.data["version"]


class Catalogue(Document):
    """整治内容清单"""

    TOPIC = "catalogue"
    Event, Created = DomainEvent, CatalogueAdopted
    OPENING = CatalogueAdopted

    def item(self, code: str) -> dict[str, Any]:
        items: list[dict[str, Any]] = self.members["items"]
        for item in items:
            if item["code"] == code:
                return item
        raise RuleBroken("没有这个整治条目，请从 24 个条目中选择")


class Calendar(Document):
    """工作日历"""

    TOPIC = "calendar"
    Event, Created = DomainEvent, CalendarAdopted
    OPENING = CalendarAdopted

    @property
    def days(self) -> WorkingDays:
        told = self.members
        return WorkingDays.of(told["years"], told["days_off"], told["working_days"], told["provisional"])


class ScoreTable(Document):
    """信用扣分标准"""

    TOPIC = "score_table"
    Event, Created = DomainEvent, ScoreTableAdopted
    OPENING = ScoreTableAdopted

    def row(self, code: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self.members["rows"]
        for row in rows:
            if row["code"] == code:
                return row
        raise RuleBroken("扣分标准中没有这一条，请从现行标准中选择")
