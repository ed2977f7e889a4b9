"""The oversight door over a city whose log is published, and browsers in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask

from application.officials import SetPassword
from application.store.database import OVERSIGHT, Database
from application.store.home import Home
from application.store.logins import login
from application.store.reader import LogReader
from application.trail.entry import body_of
from application.trail.logkeys import LogKeys
from application.trail.publish import Publisher
from application.vault.crypto import Secrets
from interface.oversight.app import create_app
from interface.oversight.parts import Overseen, Shown
from interface.oversight.verdicts import Examination
from projections.catch_up import ReadModels
from tests.cities import ORIGIN, City
from tests.interface.web.conftest import HASHED, PASSWORD, Browser


@pytest.fixture
def home(city: City, tmp_path) -> Home:
    home = Home(tmp_path)
    home.create()
    home.describe(origin=ORIGIN, mode="training")
    LogKeys.create(home.keys, ORIGIN)
    return home


@pytest.fixture
def publish(home: Home, city: City) -> Callable[[], int]:
    """Publishes what is new and lets the read models catch up; returns the size."""
    following = ReadModels(city.ledger.vault.database, body_of)

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


def login_of(city: City, role: str, password: str = HASHED) -> str:
    actor = city.actor(role, "320581")
    city.ledger.handle(SetPassword(id=uuid4(), actor=actor, password=password))
    from uuid import UUID

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
