"""Destroying what a tip says: proposed by one person, approved by another, final when the epoch has ended. 线索内容销毁"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import must_reach
from application.platform.clock import SHANGHAI, Clock, SystemClock, today
from application.tips.commands import OnTip
from application.vault.epoch_rotation import Rolled, roll
from domain import laws
from domain.errors import RuleBroken
from domain.tips.tip import Tip
from domain.values import CITY

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


def propose_shredding(command: ProposeShredding, ledger: Ledger) -> Receipt:
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    if command.ground == ORDERED and not (command.order or "").strip():
        raise RuleBroken("请填写法律文书的文号")
    tip.propose_shredding(ground=laws.ground("shred", command.ground), order=command.order, actor=command.actor)
    return ledger.commit(tip, command=command)


def shred_tip(command: ShredTip, ledger: Ledger) -> Receipt:
    """The event and the deletion are one transaction; then the epoch ends, or when the job next looks if it can't end now."""
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    tip.shred(actor=command.actor)
    _demand_end(ledger)
    receipt = ledger.commit(tip, command=command, beside=ledger.vault.tips.delete(tip.id))
    try:
        end_epoch(ledger)
    except Exception as error:
        _demand_end(ledger)  # a job that ran meanwhile may have taken it back
        log.warning("the epoch goes on until the job ends it: %s", type(error).__name__)
    return receipt


def _demand_end(ledger: Ledger) -> None:
    with suppress(OSError):  # on a disk that can't be written the day's end has to do
        ledger.vault.tips.epochs.demand_end()


def end_epoch(ledger: Ledger) -> Rolled:
    """What `vault shred --now` and every day do: keys of what was deleted are gone afterwards."""
    epochs = ledger.vault.tips.epochs
    rolled = roll(ledger.table.database, epochs)
    epochs.ended()
    return rolled


def end_epoch_if_due(ledger: Ledger, *, clock: Clock | None = None) -> Rolled | None:
    """An epoch ends when its day in Shanghai is over, or when something was destroyed and it could not end at once.

    Not sooner: whatever was copied of the database under an ended epoch can't be read any more. One from a day that has not
    come, by a clock that was wrong, ends too.
    """
    epochs = ledger.vault.tips.epochs
    began = epochs.began
    if began is None:
        return None
    is_todays = began.astimezone(SHANGHAI).date() == today(clock or SystemClock())
    return None if is_todays and not epochs.must_end else end_epoch(ledger)


def proposal(ledger: Ledger, tip: UUID) -> tuple[str, str | None] | None:
    """(ground, number of the paper) that was proposed and not decided yet."""
    found = ledger.fetch(Tip, tip)
    return found.proposal if found.content == "proposed" else None


HANDLERS: Handlers = {
    ProposeShredding: propose_shredding,
    ShredTip: shred_tip,
}
