"""Destroying what a tip says: proposed by one person, approved by another, final when the epoch has ended. 线索内容销毁"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from application.command import handles
from application.ledger import Ledger, Receipt
from application.permissions import must_reach
from application.tips import OnTip
from application.vault.rolling import Rolled, roll
from domain import laws
from domain.errors import RuleBroken
from domain.tips.tip import Tip
from domain.values import CITY

NIGHTLY = 24 * 3_600.0  # seconds
ORDERED = "order"  # the ground that needs the number of a paper
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ProposeShredding(OnTip):
    """提请销毁: `ground` is one of the grounds of domain.laws; `order` the number of the paper that orders it."""

    ground: str
    order: str | None = None


@dataclass(frozen=True, kw_only=True)
class ShredTip(OnTip):
    """销毁线索内容: on the ground that was proposed."""


@handles(ProposeShredding)
def propose_shredding(command: ProposeShredding, ledger: Ledger) -> Receipt:
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    if command.ground == ORDERED and not (command.order or "").strip():
        raise RuleBroken("请填写法律文书的文号")
    tip.propose_shredding(ground=laws.ground("shred", command.ground), order=command.order, actor=command.actor)
    return ledger.commit(tip, command=command)


@handles(ShredTip)
def shred_tip(command: ShredTip, ledger: Ledger) -> Receipt:
    """The event and the deletion are one transaction; then the epoch ends, or at the next roll if it can't end now."""
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    tip.shred(actor=command.actor)
    receipt = ledger.commit(tip, command=command, beside=ledger.vault.tips.delete(tip.id))
    try:
        end_epoch(ledger)
    except Exception as error:
        log.warning("the epoch goes on until the next roll: %s", type(error).__name__)
    return receipt


def end_epoch(ledger: Ledger) -> Rolled:
    """What `vault shred --now` and every night do: keys of what was deleted are gone afterwards."""
    return roll(ledger.table.database, ledger.vault.tips.epochs)


def proposal(ledger: Ledger, tip: UUID) -> tuple[str, str | None] | None:
    """(ground, number of the paper) that was proposed and not decided yet."""
    found = ledger.fetch(Tip, tip)
    return None if found.shredded else found.proposal
