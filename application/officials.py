"""People, their accounts and what they may do. 人员与角色"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from application.command import Command, handles
from application.ledger import Ledger, Receipt
from application.registers import unit_of
from application.vault.people import Credential, Person
from domain.errors import RuleBroken
from domain.officials.official import Official
from domain.officials.person import Person as NamedPerson
from domain.rules import CITY, ROLES, TOWN

KINDS = dict.fromkeys(TOWN, "town") | dict.fromkeys(CITY, "city")  # of the units that a role is for


@dataclass(frozen=True, kw_only=True)
class EnrolOfficial(Command):
    """登记工作人员: a person with an account and a signing key; `password` is an argon2id hash.

    A person whose staff number is known gets a second account, and stays one person for four eyes.
    """

    person: Person
    login: str
    password: str
    one_time: bool = True


@dataclass(frozen=True, kw_only=True)
class GrantRole(Command):
    """授予角色"""

    official: UUID
    role: str
    unit: str
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class GrantSubstitute(Command):
    """指定代理人: `official` acts in the role of `substitute_for` up to and with the day `until`."""

    official: UUID
    substitute_for: UUID
    role: str
    unit: str
    until: date
    reason: str | None = None
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawRole(Command):
    """收回角色"""

    official: UUID
    role: str
    unit: str
    reason: str
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class RetireOfficial(Command):
    """停用工作人员"""

    official: UUID
    reason: str
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class RevokeKey(Command):
    """吊销签名密钥"""

    official: UUID
    reason: str
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class SetPassword(Command):
    """设置口令: by the person; `password` is an argon2id hash."""

    password: str = field(repr=False)


@handles(EnrolOfficial)
def enrol_official(command: EnrolOfficial, ledger: Ledger) -> Receipt:
    if not command.person.name.strip() or not command.person.staff_number.strip() or not command.login.strip():
        raise RuleBroken("请填写姓名、工号和账号")
    people = ledger.vault.people
    if people.credential(command.login) is not None:
        raise RuleBroken("此账号已被使用，请另取一个")
    official_id, person_id = uuid4(), people.known(command.person.staff_number)
    things, beside = [], []
    if person_id is None:
        person_id = uuid4()
        name_commit, row = people.seal(person_id, command.person)
        things.append(NamedPerson.name_(id=person_id, name_commit=name_commit, actor=command.actor))
        beside.append(row)
    official = Official.enrol(id=official_id, person=person_id, actor=command.actor)
    key, _, key_row = ledger.keys.create(str(official_id))
    official.enrol_key(key=key, actor=command.actor)
    account = Credential(official_id, command.login, command.password, command.one_time)
    beside += [key_row, people.new_credential(account)]
    return ledger.commit(*things, official, command=command, beside=beside)


@handles(GrantRole)
def grant_role(command: GrantRole, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    _refuse_misplaced(ledger, command.role, command.unit)
    _refuse_exclusive(ledger, official, command.role)
    official.grant_role(role=command.role, unit=command.unit, actor=command.actor)
    return ledger.commit(official, command=command)


@handles(GrantSubstitute)
def grant_substitute(command: GrantSubstitute, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    _refuse_exclusive(ledger, official, command.role)
    official.substitute(
        of=ledger.fetch(Official, command.substitute_for),
        role=command.role,
        unit=command.unit,
        until=command.until,
        reason=command.reason,
        today=ledger.today,
        actor=command.actor,
    )
    return ledger.commit(official, command=command)


def _refuse_misplaced(ledger: Ledger, role: str, unit: str) -> None:
    kind, wanted = unit_of(ledger, unit).kind, KINDS.get(role)
    if wanted is not None and kind != wanted:
        raise RuleBroken("镇（街道）的角色只能授予镇（街道），市专班的角色只能授予市专班，请重新选择单位")


def _refuse_exclusive(ledger: Ledger, official: Official, role: str) -> None:
    """What the log refuses under its lock, said early: over all accounts of the person."""
    authority = ledger.authority()
    held = {held for one in authority.accounts(str(official.id)) for held, _ in authority.roles.get(one, ())}
    for one, other in authority.exclusive_roles:
        if role in (one, other) and held & ({one, other} - {role}):
            raise RuleBroken(f"{ROLES[one]}和{ROLES[other]}不得由同一人担任，请另选一人")


@handles(WithdrawRole)
def withdraw_role(command: WithdrawRole, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.withdraw_role(role=command.role, unit=command.unit, reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


@handles(RetireOfficial)
def retire_official(command: RetireOfficial, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.retire(reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


@handles(RevokeKey)
def revoke_key(command: RevokeKey, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.revoke_key(reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


@handles(SetPassword)
def set_password(command: SetPassword, ledger: Ledger) -> Receipt:
    """The event and the new hash in one transaction."""
    official = ledger.fetch(Official, UUID(command.actor.id))
    official.set_credential(actor=command.actor)
    row = ledger.vault.people.new_password(official.id, command.password)
    return ledger.commit(official, command=command, beside=(row,))
