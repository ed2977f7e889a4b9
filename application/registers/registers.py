"""Units, companies, estates. 单位、企业、小区登记"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import must_reach
from domain.base import public_id
from domain.communities import checked
from domain.companies.company import Company
from domain.errors import Conflict, RuleBroken
from domain.estates.estate import Estate
from domain.units.unit import Unit


@dataclass(frozen=True, kw_only=True)
class RegisterUnit(Command):
    """登记单位"""

    code: str
    name: str
    kind: str
    short_name: str


@dataclass(frozen=True, kw_only=True)
class RegisterCompany(Command):
    """登记物业服务企业"""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class RegisterEstate(Command):
    """登记小区: `company` is a company's id."""

    name: str
    unit: str
    kind: str
    community: str | None = None
    households: int | None = None
    company: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeEstateCompany(Command):
    """变更小区物业服务企业"""

    estate: UUID
    seen: int
    since_on: date
    company: UUID | None = None
    manager: UUID | None = None


def register_unit(command: RegisterUnit, ledger: Ledger) -> Receipt:
    unit = Unit.register(
        origin=ledger.origin,
        actor=command.actor,
        code=command.code,
        name=command.name,
        kind=command.kind,
        short_name=command.short_name,
    )
    return ledger.commit(unit, command=command)


def register_company(command: RegisterCompany, ledger: Ledger) -> Receipt:
    company = Company.register(origin=ledger.origin, actor=command.actor, code=command.code, name=command.name)
    try:
        return ledger.commit(company, command=command)
    except Conflict:
        raise RuleBroken("此企业已登记，无需重复登记") from None


def register_estate(command: RegisterEstate, ledger: Ledger) -> Receipt:
    unit_of(ledger, command.unit)
    if command.company is not None:
        ledger.fetch(Company, command.company)
    estate = Estate.register(
        origin=ledger.origin,
        actor=command.actor,
        name=command.name,
        unit=command.unit,
        kind=command.kind,
        community=checked(command.community, command.unit),
        households=command.households,
        company=str(command.company) if command.company else None,
    )
    try:
        return ledger.commit(estate, command=command)
    except Conflict:
        raise RuleBroken("此小区已登记，无需重复登记") from None


def change_estate_company(command: ChangeEstateCompany, ledger: Ledger) -> Receipt:
    estate = ledger.fetch(Estate, command.estate, seen=command.seen)
    must_reach(command.actor, estate.unit)
    if command.company is not None:
        ledger.fetch(Company, command.company)
    estate.change_company(
        since_on=command.since_on,
        company=str(command.company) if command.company else None,
        manager=str(command.manager) if command.manager else None,
        actor=command.actor,
    )
    return ledger.commit(estate, command=command)


def unit_of(ledger: Ledger, code: str) -> Unit:
    """Raises NotFound for a code that no unit has."""
    return ledger.fetch(Unit, public_id(ledger.origin, "unit", code))


HANDLERS: Handlers = {
    RegisterUnit: register_unit,
    RegisterCompany: register_company,
    RegisterEstate: register_estate,
    ChangeEstateCompany: change_estate_company,
}
