"""A small city for tests: a log after genesis, and officials enrolled as they are needed."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from application.all_handlers import HANDLERS
from application.campaign.first_setup import set_up
from application.campaign.genesis import CITY, OpenLog, first_administrator, open_log
from application.core.ledger import Ledger
from application.log.entry_codec import EntryCodec
from application.log.event_table import EventTable
from application.log.log_keys import FILES, LogKeys
from application.officials.officials import EnrolOfficial, GrantRole
from application.platform.clock import Clock, TrainingClock
from application.platform.database import APPLICATION, Database
from application.platform.home import Home
from application.platform.logins import login
from application.registers.registers import RegisterCompany, RegisterEstate
from application.vault.crypto import Secrets
from application.vault.passwords import Cost, Password
from application.vault.people import Person
from application.vault.signing_keys import KeyRing
from application.vault.vault import Vault
from application.verifier.formats.note import ED25519
from domain import rules
from domain.base import public_id
from domain.companies.company import check_character
from domain.officials.official import Official
from domain.values import Actor
from tests import places, servers

ORIGIN = "changshu.test/campaign"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday, 12:00 in Shanghai
STARTING = Password("correct horse battery", Cost(1, 1, 8))  # everybody's; cheap, since it is checked so often
TOWN, OTHER_TOWN = "320581003", "320581001"


def ledger_on(database: Database, clock: Clock, home: Path, mode: str = "training") -> Ledger:
    master = home / "keys" / "master.key"
    secrets = Secrets.load(master) if master.exists() else Secrets.create(master)
    vault = Vault(database, secrets, home)
    table = EventTable(database, EntryCodec(ORIGIN), clock)
    keys = KeyRing(database, secrets, guarded=mode != "training")
    return Ledger(table, origin=ORIGIN, mode=mode, clock=clock, keys=keys, vault=vault, handlers=HANDLERS)


def at_work(ledger: Ledger, actor: Actor, password: Password = STARTING) -> Actor:
    """With the key in hand; where the log asks for a password, with the one that opens it."""
    keys = ledger.keys
    signer = keys.unlock(actor.id, password).signer if keys.guarded else keys.signer(actor.id)
    return replace(actor, signer=lambda: signer)


def _log_keys(home: Path) -> list[str]:
    """Those of a home that has some already."""
    keys = home / "keys"
    return [str(vkey) for vkey in LogKeys.load(keys).vkeys] if (keys / FILES[ED25519]).exists() else []


class Beginning(NamedTuple):
    """A training city after genesis: its database, to be cloned, and its folder, to be copied."""

    database: str
    home: Path
    administrator: Actor
    commission: str


def beginning(*, keyed: bool) -> Beginning:
    """Made once in a process, since every second test begins there; `keyed`: its first entry names keys of the log.

    Under the rules that stand now: a test may put others in their place first.
    """
    return _beginning(keyed, repr(rules.adopted()))


@cache
def _beginning(keyed: bool, _rules: str) -> Beginning:
    home = Home(Path(tempfile.mkdtemp(prefix="city-", dir=places.folder())))
    if keyed:
        home.create()
        LogKeys.create(home.keys, ORIGIN)
    dsn = servers.fresh()
    database = Database(login(dsn, APPLICATION), size=4)
    city = City.found(database, TrainingClock(NOON), home.path)
    city.ledger.close()
    database.close()
    administrator = replace(city.administrator, signer=None)
    return Beginning(dsn.rpartition("dbname=")[2], home.path, administrator, city.commission)


@dataclass
class City:
    ledger: Ledger
    administrator: Actor
    commission: str = ""
    actors: dict[tuple[str, str, int], Actor] = field(default_factory=dict)

    @classmethod
    def found(cls, database: Database, clock: Clock, home: Path, mode: str = "training") -> City:
        ledger, administrator = ledger_on(database, clock, home, mode), first_administrator()
        person = Person("测试管理员", "", "A-0")
        command = OpenLog(
            id=uuid4(),
            actor=administrator,
            log_keys=_log_keys(home),
            person=person,
            login="administrator",
            password=STARTING,
        )
        open_log(command, ledger)
        administrator = at_work(ledger, administrator)
        set_up(ledger, administrator)
        return cls(ledger, administrator, ledger.vault.letterbox.create())

    @classmethod
    def began(cls, beginning: Beginning, database: Database, clock: Clock, home: Path) -> City:
        """On a clone of that database, with a copy of that folder."""
        shutil.copytree(beginning.home, home, dirs_exist_ok=True)
        ledger = ledger_on(database, clock, home)
        return cls(ledger, at_work(ledger, beginning.administrator), beginning.commission)

    def actor(self, role: str, unit: str = TOWN, number: int = 1) -> Actor:
        """The official with this role in this unit, enrolled at first asking; another number is another person."""
        if (known := self.actors.get((role, unit, number))) is not None:
            return known
        person = Person(f"测试{role}{number}", "", f"{role}-{unit}-{number}")
        enrol = EnrolOfficial(
            id=uuid4(),
            actor=self.administrator,
            person=person,
            login=person.staff_number,
            password=STARTING,
            one_time=False,
        )
        self.ledger.handle(enrol)
        credential = self.ledger.vault.people.credential(person.staff_number)
        assert credential is not None
        grant = GrantRole(id=uuid4(), actor=self.administrator, official=credential.official, role=role, unit=unit)
        self.ledger.handle(grant)
        actor = at_work(self.ledger, Actor(str(credential.official), role, unit, frozenset({str(credential.official)})))
        self.actors[role, unit, number] = actor
        return actor

    @property
    def desk(self) -> Actor:
        return self.actor("city_desk", CITY)

    def person(self, actor: Actor) -> UUID:
        return self.ledger.fetch(Official, UUID(actor.id)).person

    def company(self, number: int = 1) -> UUID:
        stem = f"91320581MA1X{number:05}"
        code = stem + check_character(stem)
        id = public_id(ORIGIN, "company", code)
        if not self.ledger.exists(id):
            name = f"演练物业{number}有限公司"
            self.ledger.handle(RegisterCompany(id=uuid4(), actor=self.desk, code=code, name=name))
        return id

    def estate(self, town: str = TOWN, name: str = "演练花园") -> UUID:
        id = public_id(ORIGIN, "estate", f"{town}/{name}")
        if not self.ledger.exists(id):
            register = RegisterEstate(
                id=uuid4(), actor=self.desk, name=name, unit=town, kind="commercial", company=self.company()
            )
            self.ledger.handle(register)
        return id

    def topics(self) -> list[str]:
        return [event.topic for event in self.ledger.read(after=0, limit=10_000)]
