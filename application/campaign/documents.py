"""What is decided by: adopting a version, and finding the one in force. 依据文件"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from domain.base import public_id
from domain.campaign.documents import Calendar, Campaign, Catalogue, Document, ScoreTable
from domain.errors import NotFound

Kind = TypeVar("Kind", bound=Document)
KINDS: dict[str, type[Document]] = {kind.TOPIC: kind for kind in (Catalogue, Calendar, ScoreTable)}


@dataclass(frozen=True, kw_only=True)
class OpenCampaign(Command):
    """部署专项整治"""

    title: str
    document: str
    issued_on: str
    phases: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class AdoptDocument(Command):
    """采用依据文件: kind is catalogue, calendar or score_table; `members` are those of its event."""

    kind: str
    members: dict[str, Any]


def open_campaign(command: OpenCampaign, ledger: Ledger) -> Receipt:
    campaign = Campaign.open(
        origin=ledger.origin,
        actor=command.actor,
        title=command.title,
        document=command.document,
        issued_on=command.issued_on,
        phases=command.phases,
    )
    return ledger.commit(campaign, command=command)


def adopt_document(command: AdoptDocument, ledger: Ledger) -> Receipt:
    document = KINDS[command.kind].adopt(origin=ledger.origin, actor=command.actor, **command.members)
    return ledger.commit(document, command=command)


def edition(ledger: Ledger, kind: type[Kind], version: int) -> Kind:
    """The version that something was decided by."""
    return ledger.fetch(kind, public_id(ledger.origin, kind.TOPIC, str(version)))


def in_force(ledger: Ledger, kind: type[Kind]) -> Kind:
    """The newest version. Versions are numbered without gaps, and each is looked up once only."""
    known: dict[type[Document], Document] = ledger.__dict__.setdefault("_in_force", {})
    newest = known.get(kind)
    version = newest.edition if newest else 0
    while ledger.exists(id := public_id(ledger.origin, kind.TOPIC, str(version + 1))):
        newest, version = ledger.fetch(kind, id), version + 1
    if newest is None:
        raise NotFound("尚未采用此类依据文件，请联系市专班")
    known[kind] = newest
    return newest  # type: ignore[return-value]


HANDLERS: Handlers = {
    OpenCampaign: open_campaign,
    AdoptDocument: adopt_document,
}
