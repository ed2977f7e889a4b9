"""Rules of a newer version on a log that began with an older one: adopted by an event, like the first. 采用权限规则"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from application.command import Command, handles
from application.ledger import Ledger, Receipt
from application.trail.authority import ADMINISTRATOR
from domain import rules
from domain.base import public_id
from domain.errors import RuleBroken
from domain.log.log import Rules
from domain.values import CITY, Actor


@dataclass(frozen=True, kw_only=True)
class AdoptRules(Command):
    """采用权限规则: the version that this program brings."""


@handles(AdoptRules)
def adopt_rules(command: AdoptRules, ledger: Ledger) -> Receipt:
    if is_adopted(ledger):
        raise RuleBroken(f"权限规则第 {rules.VERSION} 版已在施行，无需再次采用")
    adopted = Rules.adopt(
        origin=ledger.origin,
        version=rules.VERSION,
        types=rules.TYPES,
        exclusive_roles=rules.EXCLUSIVE_ROLES,
        actor=command.actor,
    )
    return ledger.commit(adopted, command=command)


def is_adopted(ledger: Ledger) -> bool:
    """Whether the log has this program's version of the rules; types that its own version doesn't list are refused."""
    return ledger.exists(public_id(ledger.origin, "rules", str(rules.VERSION)))


def adopt_in_training(ledger: Ledger) -> Receipt | None:
    """A training log takes the program's rules by itself, as its administrator; None where it has them."""
    if ledger.mode != "training" or is_adopted(ledger):
        return None
    roles = ledger.authority().roles
    administrator = next(official for official, held in roles.items() if (ADMINISTRATOR, CITY) in held)
    return ledger.handle(AdoptRules(id=uuid4(), actor=Actor(administrator, ADMINISTRATOR, CITY)))
