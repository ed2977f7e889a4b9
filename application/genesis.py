"""How a log begins: entry 0 names it and its keys, entry 1 the rules, then the first administrator (trail.md §4). 创世"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from application.command import Command
from application.ledger import Ledger, Receipt
from application.trail.authority import ADMINISTRATOR, SERVICE
from application.vault.people import Credential, Person
from domain import rules
from domain.log.log import Log, Rules
from domain.officials.official import Official
from domain.officials.person import Person as NamedPerson
from domain.values import Actor

CITY = "320581"


@dataclass(frozen=True, kw_only=True)
class OpenLog(Command):
    """启用日志: `log_keys` are vkeys; `password` is the argon2id hash of a one-time password.

    `continues`: the last signed checkpoint of the frozen log before this one.
    """

    log_keys: list[str]
    person: Person
    login: str
    password: str
    continues: str | None = None


def first_administrator() -> Actor:
    return Actor(str(uuid4()), ADMINISTRATOR, CITY)


def open_log(command: OpenLog, ledger: Ledger) -> Receipt:
    """All of it in one transaction: log, rules, the administrator's person and account, and the keys in the vault."""
    actor = command.actor
    official, person = UUID(actor.id), uuid4()
    service, _, service_key = ledger.keys.create(SERVICE)
    own, signer, own_key = ledger.keys.create(actor.id)
    log = Log.open(
        origin=ledger.origin,
        mode=ledger.mode,
        actor=actor,
        log_keys=command.log_keys,
        service=service,
        administrator={"official": actor.id, **own},
        continues=command.continues,
    )
    adopted = Rules.adopt(
        origin=ledger.origin,
        version=rules.VERSION,
        types=rules.TYPES,
        exclusive_roles=rules.EXCLUSIVE_ROLES,
        actor=actor,
    )
    name_commit, person_row = ledger.vault.people.seal(person, command.person)
    credential = ledger.vault.people.new_credential(
        Credential(official, command.login, command.password, one_time=True)
    )
    return ledger.commit(
        log,
        adopted,
        NamedPerson.name_(id=person, name_commit=name_commit, actor=actor),
        Official.enrol(id=official, person=person, actor=actor),
        command=command,
        beside=(service_key, own_key, person_row, credential),
        signer=signer,
    )
