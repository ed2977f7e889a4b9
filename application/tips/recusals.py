"""Conflict of interest: a tip never reaches the unit that it complains about. 回避"""

from __future__ import annotations

from dataclasses import dataclass

from application.core.ledger import Handlers, Ledger, Receipt
from application.core.own_words import in_own_words
from application.core.permissions import must_reach
from application.registers.registers import unit_of
from application.tips.commands import OnTip
from domain.tips.tip import Tip
from domain.values import CITY


@dataclass(frozen=True, kw_only=True)
class RecuseUnit(OnTip):
    """回避线索: `unit` is whom the tip complains about."""

    unit: str
    reason: str


def recuse_unit(command: RecuseUnit, ledger: Ledger) -> Receipt:
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    in_own_words(ledger, tip.id, command.reason)
    tip.recuse(unit=unit_of(ledger, command.unit).code, reason=command.reason, actor=command.actor)
    return ledger.commit(tip, command=command)


HANDLERS: Handlers = {
    RecuseUnit: recuse_unit,
}
