"""The oversight door over a city whose log is published, and browsers in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg2
import pytest
from flask import Flask

from application.log.log_keys import LogKeys
from application.platform.database import OVERSIGHT, Database
from application.platform.home import Home
from application.platform.logins import login
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.vault.crypto import Secrets
from application.verifier.formats.entry import body_of
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from interface.oversight.app import create_app
from interface.oversight.readonly_services import Overseen, Shown
from interface.oversight.verification_job import Examination
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests.cities import ORIGIN, City
from tests.interface.web.conftest import PASSWORD, Browser

TIME = 1_772_424_000
WITNESS = NoteKey("witness.test/commission", COSIGNATURE, bytes(range(32)))
STRANGER = NoteKey("witness.test/stranger", COSIGNATURE, bytes(32))


@pytest.fixture
def city(keyed: Home, city: City) -> City:
    """The first entry of its log names the keys that are in the home already."""
    return city


@pytest.fixture
def home(keyed: Home, city: City) -> Home:
    keyed.describe(origin=ORIGIN, mode="training")
    return keyed


@pytest.fixture
def publish(home: Home, city: City) -> Callable[[], int]:
    """Publishes what is new and lets the read models catch up; returns the size."""
    following = ReadModels(city.ledger.vault.database, body_of, models=MODELS)

    def go() -> int:
        following.catch_up()
        return Publisher(home, LogKeys.load(home.keys), LogReader(city.ledger)).publish().size

    go()
    return go


@pytest.fixture
def overseen(home: Home, dsn: str) -> Iterator[Overseen]:
    database = Database(login(dsn, OVERSIGHT), role=OVERSIGHT, size=4)
    yield Overseen(home, ORIGIN, "training", database, Shown(database, Secrets.load(home.keys / "master.key")))
    database.close()


@pytest.fixture
def examination(overseen: Overseen) -> Examination:
    return Examination(overseen.home, overseen.database)


@pytest.fixture
def app(overseen: Overseen, publish: Callable[[], int]) -> Flask:
    return create_app(overseen)


def login_of(city: City, role: str) -> str:
    actor = city.actor(role, "320581")
    credential = city.ledger.vault.people.credential_of(UUID(actor.id))
    assert credential is not None
    return credential.login


def sign_in(browser: Browser, login: str, password: str = PASSWORD):
    return browser.post("/sign-in", page="/sign-in", login=login, secret=password)


@pytest.fixture
def browser(app: Flask, city: City, publish: Callable[[], int]) -> Browser:
    """Signed in for the discipline commission."""
    browser = Browser(app.test_client())
    assert sign_in(browser, login_of(city, "discipline")).status_code == 303
    publish()
    return browser


@pytest.fixture
def by_hand(dsn: str) -> Callable[..., None]:
    """Statements as an administrator of the database makes them, with the triggers out of the way."""

    def execute(statement: str, *values: object) -> None:
        connection = psycopg2.connect(dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute("ALTER TABLE log.event DISABLE TRIGGER append_only")
            cursor.execute(statement, values or None)
        connection.close()

    return execute


def cosign(home: Home, *keys: NoteKey, time: int = TIME) -> None:
    """As the publisher takes cosignatures in: lines added to checkpoints/<size>."""
    note = Note.parse((home.trail / "checkpoint").read_bytes())
    path = home.trail / "checkpoints" / note.text.split("\n")[1]
    path.write_bytes(Note(note.text, (*note.lines, *(key.sign(note.text, time) for key in keys))).to_bytes())


def know(home: Home, key: NoteKey) -> None:
    home.policy.write_text(f"# who counts\nwitness commission {key.vkey} https://witness.test\nquorum commission\n")
