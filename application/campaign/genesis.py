"""How a log begins: entry 0 names it and its keys, entry 1 the rules, then the first administrator (docs/format.md §4). 创世

And how its rules are renewed: a newer program may bring newer rules, which count from the event that adopts them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.platform.database import Database
from application.vault.passwords import Password
from application.vault.people import Credential, Person
from application.verifier.formats.entry import body_of, loads
from application.verifier.rules.rights_register import ADMINISTRATOR, SERVICE
from domain import rules
from domain.base import public_id
from domain.errors import RuleBroken
from domain.log.log import Log, Rules
from domain.officials.official import Official
from domain.officials.person import Person as NamedPerson
from domain.values import Actor

CITY = "320581"


@dataclass(frozen=True, kw_only=True)
class OpenLog(Command):
    """启用日志: `log_keys` are vkeys; `password` is a one-time one.

    `continues`: the last signed checkpoint of the frozen log before this one.
    """

    log_keys: list[str]
    person: Person
    login: str
    password: Password
    continues: str | None = None


def first_administrator() -> Actor:
    return Actor(str(uuid4()), ADMINISTRATOR, CITY)


def open_log(command: OpenLog, ledger: Ledger) -> Receipt:
    """All of it in one transaction: log, rules, the administrator's person and account, and the keys in the vault."""
    actor = command.actor
    official, person = UUID(actor.id), uuid4()
    service, _, service_key = ledger.keys.create(SERVICE)
    own, signer, own_key = ledger.keys.create(actor.id, command.password)
    command = replace(command, actor=replace(actor, signer=lambda: signer))  # the vault doesn't have it yet
    log = Log.open(
        origin=ledger.origin,
        mode=ledger.mode,
        actor=actor,
        log_keys=command.log_keys,
        service=service,
        administrator={"official": actor.id, **own},
        continues=command.continues,
    )
    adopted = Rules.adopt(origin=ledger.origin, actor=actor, **rules.adopted())
    name_commit, person_row = ledger.vault.people.seal(person, command.person)
    credential = ledger.vault.people.new_credential(
        Credential(official, command.login, command.password.hashed, one_time=True)
    )
    return ledger.commit(
        log,
        adopted,
        NamedPerson.name_(id=person, name_commit=name_commit, actor=actor),
        Official.enrol(id=official, person=person, actor=actor),
        command=command,
        beside=(service_key, own_key, person_row, credential),
    )


@dataclass(frozen=True, kw_only=True)
class AdoptRules(Command):
    """采用权限规则: those that this program brings, on a log whose rules are older."""


def adopt_rules(command: AdoptRules, ledger: Ledger) -> Receipt:
    adopted = version_in_force(ledger.table.database)
    if adopted >= rules.VERSION:
        raise RuleBroken(f"日志已采用第 {adopted} 版权限规则，本程序没有更新的版本")
    renewed = Rules.adopt(origin=ledger.origin, actor=command.actor, **rules.adopted())
    return ledger.commit(renewed, command=command)


def adoption(ledger: Ledger, actor: Actor) -> AdoptRules:
    """The same command whoever makes it when: the rules of one version are adopted once."""
    return AdoptRules(id=public_id(ledger.origin, "adopt rules", str(rules.VERSION)), actor=actor)


def adopt_in_training(ledger: Ledger) -> Receipt | None:
    """A training log takes over the program's rules by itself; None where there is nothing to adopt, or nobody who may."""
    if ledger.mode != "training" or version_in_force(ledger.table.database) >= rules.VERSION or ledger.is_frozen:
        return None
    adopter = _adopter(ledger)
    return ledger.handle(adoption(ledger, adopter)) if adopter else None


def version_in_force(database: Database) -> int:
    """Of the rules that the log adopted last; 0 before it has any."""
    with database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event WHERE topic = 'rules.adopted' ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    return loads(body_of(bytes(row[0])))["data"]["version"] if row else 0


def _adopter(ledger: Ledger) -> Actor | None:
    """Somebody with a key, and a role that may adopt rules by those in force."""
    authority = ledger.authority()
    for official in sorted(authority.keys_in_force.keys() - authority.retired - {SERVICE}):
        for role, unit in sorted(authority.roles.get(official, ())):
            if role in authority.rules["rules.adopted"]["roles"]:
                return Actor(official, role, unit, authority.accounts(official))
    return None


HANDLERS: Handlers = {
    AdoptRules: adopt_rules,
}
