"""The generated city: officials for every role, companies, estates; one account for each role, and one of a second town, is shown at sign-in."""

from __future__ import annotations

import json
from random import Random
from typing import Any, cast
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Ledger
from application.officials.officials import EnrolOfficial, GrantRole
from application.platform.home import Home, write_whole, writing
from application.registers.registers import RegisterCompany, RegisterEstate
from application.vault.passwords import Password
from application.vault.people import Credential, Person
from domain import data
from domain.base import public_id
from domain.communities import of_town
from domain.companies.company import check_character
from domain.officials.official import Official
from domain.roles import ROLES, TOWN
from domain.values import Actor
from interface.demo.texts import COMPANIES, ESTATES

PASSWORD = "yanlian-2026"  # noqa: S105 (training instances only; shown on the sign-in page)
SHOWN_TOWN, NEXT_TOWN = "320581003", "320581101"
CITY_ROLES = {
    "city_desk": "320581",
    "city_decider": "320581",
    "housing_decider": "320581-housing",
    "discipline": "320581-discipline",
    "auditor": "320581",
    "role_admin": "320581",
    "key_admin": "320581",
}


class City:
    """Who and what there is; made once for an instance, found again by later loads."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self.home, self.ledger = home, ledger
        self.towns = [unit["code"] for unit in data.read("units") if unit["kind"] == "town"]
        self.actors: dict[tuple[str, str], Actor] = {}
        self.persons: dict[str, UUID] = {}
        self.companies: list[UUID] = []
        self.estates: dict[str, list[tuple[UUID, UUID]]] = {town: [] for town in self.towns}

    def settle(self, rng: Random) -> None:
        authority = self.ledger.authority()
        administrator = next(o for o, held in authority.roles.items() if ("administrator", "320581") in held)
        admin = self._at_work(administrator, "administrator", "320581")
        password = Password(PASSWORD)
        for role, unit in [*CITY_ROLES.items(), *((role, town) for town in self.towns for role in TOWN)]:
            self._official(admin, role, unit, password)
        shown = [*CITY_ROLES.items(), *((role, SHOWN_TOWN) for role in TOWN), ("town_handler", NEXT_TOWN)]
        names = {unit["code"]: unit["short_name"] for unit in data.read("units")}
        accounts = [
            {"role": ROLES[role], "unit": names[unit], "login": self.login(role, unit), "password": PASSWORD}
            for role, unit in shown
        ]
        with writing(self.home.path):
            write_whole(self.home.path / "demo.json", json.dumps(accounts, ensure_ascii=False).encode())
        for number, name in enumerate(COMPANIES):
            self._company(admin, number, name)
        for town in self.towns:
            for name in ESTATES:
                self._estate(admin, town, name, rng.choice(self.companies))

    @staticmethod
    def login(role: str, unit: str) -> str:
        return f"{role}-{unit[6:].strip('-')}" if unit.startswith("320581") and len(unit) == 9 else role

    def do(self, kind: type[Command], actor: Actor, /, **members: Any) -> Any:
        return self.ledger.handle(kind(id=uuid4(), actor=actor, **members))

    def _at_work(self, official: str, role: str, unit: str) -> Actor:
        signer = self.ledger.keys.signer(official)  # opened once, not for every event
        return Actor(official, role, unit, frozenset({official}), lambda: signer)

    def _official(self, admin: Actor, role: str, unit: str, password: Password) -> None:
        login = self.login(role, unit)
        people = self.ledger.vault.people
        if (known := people.credential(login)) is None:
            number = len(self.actors) + 1
            person = Person(f"{ROLES[role].removeprefix('镇（街道）')}{number:02}号", "", f"YL-{login}")
            self.do(EnrolOfficial, admin, person=person, login=login, password=password, one_time=False)
            known = cast(Credential, people.credential(login))
        if (role, unit) not in self.ledger.fetch(Official, known.official).roles:
            self.do(GrantRole, admin, official=known.official, role=role, unit=unit)
        official = str(known.official)
        self.actors[role, unit] = self._at_work(official, role, unit)
        self.persons[official] = cast(UUID, people.known(f"YL-{login}"))

    def _company(self, admin: Actor, number: int, name: str) -> None:
        stem = f"91320581MAYL{number:05}"
        code = stem + check_character(stem)
        id = public_id(self.ledger.origin, "company", code)
        if not self.ledger.exists(id):
            self.do(RegisterCompany, admin, code=code, name=name)
        self.companies.append(id)

    def _estate(self, admin: Actor, town: str, name: str, company: UUID) -> None:
        id = public_id(self.ledger.origin, "estate", f"{town}/{name}")
        if not self.ledger.exists(id):
            kind = {"样板新村": "old", "示范家园": "relocation"}.get(name, "commercial")
            place = of_town(town)[len(self.estates[town])]
            self.do(RegisterEstate, admin, name=name, unit=town, kind=kind, community=place, company=company)
        self.estates[town].append((id, company))
