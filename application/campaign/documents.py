"""What is decided by: the first editions, later ones, and which one counts on a day. 依据文件"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from domain.base import public_id
from domain.campaign.documents import Calendar, Campaign, Catalogue, Document, ScoreTable
from domain.campaign.proposal import Proposal
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.values import Actor

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
    """采用依据文件: the first edition, at the founding; kind is catalogue, calendar or score_table; `members` are those of its event."""

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


@dataclass(frozen=True, kw_only=True)
class ProposeDocument(Command):
    """提请采用依据文件新版: `kind` catalogue, calendar or score_table; `content` as domain/campaign/contents.py has it."""

    kind: str
    content: dict[str, Any]
    effective_on: date
    note: str


@dataclass(frozen=True, kw_only=True)
class OnProposal(Command):
    """`seen` is the version of the proposal that the person was looking at."""

    proposal: UUID
    seen: int


@dataclass(frozen=True, kw_only=True)
class AdoptProposal(OnProposal):
    """采用依据文件新版"""


@dataclass(frozen=True, kw_only=True)
class DeclineProposal(OnProposal):
    """不予采用依据文件新版"""

    reason: str


def propose_document(command: ProposeDocument, ledger: Ledger) -> Receipt:
    if command.kind not in KINDS:
        raise RuleBroken("请选择文件种类：整治条目清单、工作日历或信用扣分标准")
    _must_decide_on(command.kind, command.actor)
    editions = list(_editions(ledger, command.kind))
    before = in_force(ledger, KINDS[command.kind], command.effective_on)
    proposal = Proposal.propose(
        origin=ledger.origin,
        kind=command.kind,
        version=len(editions) + 1,
        before={name: value for name, value in before.members.items() if name != "version"},
        content=command.content,
        effective_on=command.effective_on,
        today=ledger.today,
        note=command.note,
        actor=command.actor,
    )
    return ledger.commit(proposal, command=command)


def adopt_proposal(command: AdoptProposal, ledger: Ledger) -> Receipt:
    proposal = ledger.fetch(Proposal, command.proposal, seen=command.seen)
    _must_decide_on(proposal.kind, command.actor)
    proposal.adopt(today=ledger.today, actor=command.actor)
    return ledger.commit(proposal, command=command)


def decline_proposal(command: DeclineProposal, ledger: Ledger) -> Receipt:
    proposal = ledger.fetch(Proposal, command.proposal, seen=command.seen)
    _must_decide_on(proposal.kind, command.actor)
    proposal.decline(reason=command.reason, actor=command.actor)
    return ledger.commit(proposal, command=command)


def _must_decide_on(kind: str, actor: Actor) -> None:
    """The score table is the housing bureau's, the rest the city's. Raises NotAllowed."""
    if (kind == "score_table") != (actor.role == "housing_decider"):
        raise NotAllowed("信用扣分标准由市住建局提请和采用，整治条目清单和工作日历由市专班提请和采用")


def edition(ledger: Ledger, kind: type[Kind], version: int) -> Kind:
    """The version that something was decided by."""
    if version == 1:
        return ledger.fetch(kind, public_id(ledger.origin, kind.TOPIC, "1"))
    proposal = ledger.fetch(Proposal, public_id(ledger.origin, "document", f"{kind.TOPIC}/{version}"))
    return kind.read(version, proposal.content)


def in_force(ledger: Ledger, kind: type[Kind], on: date | None = None) -> Kind:
    """The newest edition that counts on this day (today), whenever it was adopted."""
    day = (on or ledger.today).isoformat()
    counting = [one for one in _editions(ledger, kind.TOPIC) if one.counts and one.effective_on <= day]
    if not counting:
        raise NotFound("尚未采用此类依据文件，请联系市专班")
    found: Kind = counting[-1].document
    return found


class Edition(NamedTuple):
    """`counts`: it was adopted, and not only proposed or declined."""

    effective_on: str
    counts: bool
    document: Any


def _editions(ledger: Ledger, kind: str) -> Iterator[Edition]:
    """All of a kind in the order of their versions, which are numbered without gaps; what is decided is looked up once."""
    known: dict[tuple[str, int], Edition] = ledger.found
    version = 1
    while True:
        if (one := known.get((kind, version))) is None:
            if (one := _looked_up(ledger, kind, version)) is None:
                return
            if version == 1 or one.counts:
                known[kind, version] = one
        yield one
        version += 1


def _looked_up(ledger: Ledger, kind: str, version: int) -> Edition | None:
    if version == 1:
        first = public_id(ledger.origin, kind, "1")
        return Edition("", True, ledger.fetch(KINDS[kind], first)) if ledger.exists(first) else None
    id = public_id(ledger.origin, "document", f"{kind}/{version}")
    if not ledger.exists(id):
        return None
    proposal = ledger.fetch(Proposal, id)
    return Edition(proposal.effective_on, proposal.state == "adopted", KINDS[kind].read(version, proposal.content))


HANDLERS: Handlers = {
    OpenCampaign: open_campaign,
    AdoptDocument: adopt_document,
    ProposeDocument: propose_document,
    AdoptProposal: adopt_proposal,
    DeclineProposal: decline_proposal,
}
