"""People, their accounts and what they may do. 人员与角色"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.log.append_batch import SideRow
from application.registers.registers import unit_of
from application.vault.crypto import Unreadable
from application.vault.passwords import NONE, Password
from application.vault.people import Credential, Person
from domain import text
from domain.errors import NotFound, RuleBroken
from domain.officials.official import Official
from domain.officials.person import Person as NamedPerson
from domain.roles import CITY, ROLES, TOWN

KINDS = dict.fromkeys(TOWN, "town") | dict.fromkeys(CITY, "city")  # of the units that a role is for


@dataclass(frozen=True, kw_only=True)
class EnrolOfficial(Command):
    """登记工作人员: a person with an account; with a signing key only where a starting password is given.

    Without, a key administrator gives key and password in an act of their own: nobody makes a new official alone. A person whose staff number is known gets a second account, and stays one person for four eyes.
    """

    person: Person
    login: str
    password: Password | None = None
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
    """设置口令: by the person, who knows the old one."""

    password: Password
    old: Password


def enrol_official(command: EnrolOfficial, ledger: Ledger) -> Receipt:
    if not command.person.name.strip() or not command.person.staff_number.strip() or not command.login.strip():
        raise RuleBroken("请填写姓名、工号和账号")
    people, person = ledger.vault.people, _named(command.person)
    login = text.name("账号", command.login)
    if people.credential(login) is not None:
        raise RuleBroken("此账号已被使用，请另取一个")
    official_id, person_id = uuid4(), people.known(person.staff_number)
    things, beside = [], []
    if person_id is None:
        person_id = uuid4()
        name_commit, row = people.seal(person_id, person)
        things.append(NamedPerson.name_(id=person_id, name_commit=name_commit, actor=command.actor))
        beside.append(row)
    elif people.names([person_id])[person_id] != person.name:
        raise RuleBroken("此工号已登记在另一姓名下，请核对工号和姓名")
    official = Official.enrol(id=official_id, person=person_id, actor=command.actor)
    hashed = NONE
    if command.password is not None:
        hashed = command.password.hashed
        key, _, key_row = ledger.keys.create(str(official_id), command.password)
        official.enrol_key(key=key, in_force=None, actor=command.actor)
        beside.append(key_row)
    beside.append(people.new_credential(Credential(official_id, login, hashed, command.one_time)))
    return ledger.commit(*things, official, command=command, beside=beside)


def _named(person: Person) -> Person:
    """As it is kept: a name that looks like another one, by what nobody sees in it, would be two persons of one."""
    phone = text.name("电话", person.phone) if person.phone.strip() else ""
    return Person(text.name("姓名", person.name), phone, text.name("工号", person.staff_number))


def grant_role(command: GrantRole, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    _refuse_misplaced(ledger, command.role, command.unit)
    _refuse_exclusive(ledger, official, command.role)
    official.grant_role(role=command.role, unit=command.unit, actor=command.actor)
    return ledger.commit(official, command=command)


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


def withdraw_role(command: WithdrawRole, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    held = ledger.authority().roles.get(str(official.id), set())
    official.withdraw_role(role=command.role, unit=command.unit, held=held, reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


def retire_official(command: RetireOfficial, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.retire(reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


def revoke_key(command: RevokeKey, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.revoke_key(in_force=ledger.key_in_force(official.id), reason=command.reason, actor=command.actor)
    return ledger.commit(official, command=command)


def set_password(command: SetPassword, ledger: Ledger) -> Receipt:
    """The event, the new hash and the key under the new password, in one transaction."""
    official = ledger.fetch(Official, UUID(command.actor.id))
    official.set_credential(actor=command.actor)
    command.password.judge(about(official, ledger))
    try:
        beside = _key_under(command, official, ledger)
    except Unreadable:
        raise RuleBroken("现在的口令不正确") from None
    beside.append(ledger.vault.people.new_password(official.id, command.password.hashed, one_time=False))
    return ledger.commit(official, command=command, beside=beside)


def about(official: Official, ledger: Ledger) -> list[str]:
    """What everybody knows of an account, and its password may therefore not hold."""
    people, known = ledger.vault.people, list[str]()
    if (credential := people.credential_of(official.id)) is not None:
        known.append(credential.login)
    if (person := people.person(official.person)) is not None:
        known += [person.name, person.staff_number]
    for code in {unit for _role, unit in ledger.authority().roles.get(str(official.id), ())}:
        with suppress(NotFound):  # the founder's, before the city's units are registered
            unit = unit_of(ledger, code)
            known += [unit.name, unit.short_name]
    return known


def _key_under(command: SetPassword, official: Official, ledger: Ledger) -> list[SideRow]:
    """The rows that put the person's key under the new password.

    Whoever gave the starting password may have kept what it opens, so a new key takes over as soon as it is changed;
    not yet on a log that has not adopted the rules which allow that.
    """
    owner, keys, authority = str(official.id), ledger.keys, ledger.authority()
    credential = ledger.vault.people.credential_of(official.id)
    may = command.actor.role in authority.rules.get("key.rotated", {"roles": []})["roles"]
    if not (keys.guarded and may and credential and credential.one_time):
        return keys.wrapped_again(owner, command.old, command.password)
    keys.unlock(owner, command.old)
    key, _, row = keys.create(owner, command.password)
    official.rotate_key(key=key, in_force=authority.keys_in_force.get(owner), actor=command.actor)
    return [row]


HANDLERS: Handlers = {
    EnrolOfficial: enrol_official,
    GrantRole: grant_role,
    GrantSubstitute: grant_substitute,
    WithdrawRole: withdraw_role,
    RetireOfficial: retire_official,
    RevokeKey: revoke_key,
    SetPassword: set_password,
}
