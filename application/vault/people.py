"""Who people are: names, phones, accounts. Events know them by random ids only (docs/format.md §10.7). 人员保密库"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.log.append_batch import SideRow
from application.platform.database import Database
from application.vault.crypto import Secrets
from application.verifier.formats.commitments import SALT, commit

STARTING_TERM = 14  # days in which a starting password is changed, by the database's clock
INSERT_PERSON = "INSERT INTO vault.person (id, sealed, staff) VALUES %s"
INSERT_CREDENTIAL = "INSERT INTO vault.credential (official, login, sealed, password, one_time) VALUES %s"
CHANGE_CREDENTIAL = """
    UPDATE vault.credential SET password = new.password, one_time = new.one_time, given_at = now()
    FROM (VALUES %s) new (official, password, one_time) WHERE credential.official = new.official::uuid"""


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    staff_number: str


@dataclass(frozen=True)
class Credential:
    """`password` is an argon2id hash; `one_time`: to be changed at the first sign-in; `expired`: it was not, for too long."""

    official: UUID
    login: str
    password: str
    one_time: bool
    expired: bool = False


class People:
    def __init__(self, database: Database, secrets: Secrets) -> None:
        self.database, self.secrets = database, secrets
        self._box = secrets.box("person")
        self._names: dict[UUID, str] = {}

    def seal(self, id: UUID, person: Person) -> tuple[str, SideRow]:
        """The commitment of the name for the log, and the encrypted row; the staff number is unique."""
        salt = os.urandom(SALT)
        content = json.dumps(vars(person) | {"salt": salt.hex()}, ensure_ascii=False).encode()
        row = (id, self._box.seal(content, id.bytes), self._staff(person.staff_number))
        return commit("name", salt, person.name), SideRow(INSERT_PERSON, row)

    def known(self, staff_number: str) -> UUID | None:
        """The person with this staff number: one natural person is entered once."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT id FROM vault.person WHERE staff = %s", (self._staff(staff_number),))
            row = cursor.fetchone()
        return row[0] if row else None

    def names(self, ids: Iterable[UUID]) -> dict[UUID, str]:
        """Names of those who are known; names never change under an id, so they are kept."""
        missing = [id for id in ids if id not in self._names]
        if missing:
            for id, person in self._read(missing).items():
                self._names[id] = person.name
        return {id: self._names[id] for id in ids if id in self._names}

    def person(self, id: UUID) -> Person | None:
        return self._read([id]).get(id)

    def name_openings(self, ids: Iterable[UUID]) -> dict[str, dict[str, str]]:
        """{person: {name, salt}} of those who are known: with it whoever holds the entry of `person.named` can check the name."""
        found = {}
        for id, sealed in self._sealed(list(ids)):
            content = json.loads(self._box.open(bytes(sealed), id.bytes))
            found[str(id)] = {"name": content["name"], "salt": content["salt"]}
        return found

    def name_commit(self, id: UUID) -> str | None:
        """What the log must have committed to, by the row that is kept. Raises Unreadable."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT sealed FROM vault.person WHERE id = %s", (id,))
            row = cursor.fetchone()
        if row is None:
            return None
        content = json.loads(self._box.open(bytes(row[0]), id.bytes))
        return commit("name", bytes.fromhex(content["salt"]), content["name"])

    def _read(self, ids: Sequence[UUID]) -> dict[UUID, Person]:
        found = {}
        for id, sealed in self._sealed(ids):
            content = json.loads(self._box.open(bytes(sealed), id.bytes))
            found[id] = Person(content["name"], content["phone"], content["staff_number"])
        return found

    def _sealed(self, ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT id, sealed FROM vault.person WHERE id = ANY(%s)", (list(ids),))
            return cursor.fetchall()

    def _staff(self, number: str) -> bytes:
        return self.secrets.digest("staff number", number.strip().upper().encode())

    def new_credential(self, credential: Credential) -> SideRow:
        sealed = self._box.seal(credential.login.encode(), credential.official.bytes)
        row = (credential.official, self._login(credential.login), sealed, credential.password, credential.one_time)
        return SideRow(INSERT_CREDENTIAL, row)

    def credential(self, login: str) -> Credential | None:
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT official, password, one_time, one_time AND given_at < now() - make_interval(days => %s)"
                " FROM vault.credential WHERE login = %s",
                (STARTING_TERM, self._login(login)),
            )
            row = cursor.fetchone()
        return Credential(row[0], login, *row[1:]) if row else None

    def credential_of(self, official: UUID) -> Credential | None:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT sealed, password, one_time FROM vault.credential WHERE official = %s", (official,))
            row = cursor.fetchone()
        if row is None:
            return None
        return Credential(official, self._box.open(bytes(row[0]), official.bytes).decode(), row[1], row[2])

    def logins(self, officials: Iterable[UUID]) -> dict[UUID, str]:
        """The accounts' names, of those who have one."""
        with self.database.cursor() as cursor:
            query = "SELECT official, sealed FROM vault.credential WHERE official = ANY(%s)"
            cursor.execute(query, (list(officials),))
            rows = cursor.fetchall()
        return {official: self._box.open(bytes(sealed), official.bytes).decode() for official, sealed in rows}

    @staticmethod
    def new_password(official: UUID, password: str, *, one_time: bool) -> SideRow:
        """The password from now on; every session that the old one began ends with it."""
        return SideRow(CHANGE_CREDENTIAL, (official, password, one_time))

    def _login(self, login: str) -> bytes:
        return self.secrets.digest("login", login.strip().casefold().encode())
