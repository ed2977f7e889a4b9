"""Pages over a real database: an application, and people who sign in to it as in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from application.platform.home import Home
from application.verifier.formats.entry import body_of
from domain.values import Actor
from interface.web.app import create_app
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests import servers
from tests.cities import City

PASSWORD = "correct horse battery"  # that of tests.cities.STARTING
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Browser:
    """A client that fetches the page's form token before it posts, as a browser does."""

    client: FlaskClient

    def get(self, address: str, **more: Any) -> Any:
        return self.client.get(address, **more)

    def post(self, address: str, *, page: str | None = None, **data: Any) -> Any:
        token = TOKEN.search(self.client.get(page or "/").text) or TOKEN.search(self.client.get("/sign-in").text)
        assert token is not None
        return self.client.post(address, data={"csrf_token": token[1], **data})

    def sign_in(self, login: str, password: str = PASSWORD) -> Any:
        return self.post("/sign-in", page="/sign-in", login=login, secret=password)


@pytest.fixture
def services(city: City, tmp_path: Any) -> Any:
    home = Home(tmp_path)
    home.create()
    ledger = city.ledger
    following = ReadModels(ledger.vault.database, body_of, models=MODELS)
    following.catch_up()
    return SimpleNamespace(
        home=home,
        origin=ledger.origin,
        mode=ledger.mode,
        database=ledger.vault.database,
        ledger=ledger,
        vault=ledger.vault,
        keys=ledger.keys,
        clock=ledger.clock,
        projections=following,
    )


@pytest.fixture
def app(services: Any) -> Iterator[Flask]:
    return create_app(services)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def at_once(database: Any) -> None:
    """The next try comes in the same moment as the last wrong one, however slow this machine is."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE sign_in.attempt SET last_at = now() + interval '5 minutes'")


Login = Callable[..., str]


@pytest.fixture
def login_of(city: City) -> Login:
    """The account's name of an actor, whose password is PASSWORD."""

    def login(actor: Actor) -> str:
        credential = city.ledger.vault.people.credential_of(UUID(actor.id))
        assert credential is not None
        return credential.login

    return login


@pytest.fixture
def signed_in(app: Flask, city: City, login_of: Login) -> Callable[..., Browser]:
    """`signed_in("town_handler", "320581003")`: a browser of its own, signed in."""

    def open_browser(role: str, unit: str = "320581003", number: int = 1) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(login_of(city.actor(role, unit, number))).status_code == 303
        return browser

    return open_browser


@pytest.fixture
def database_away(dsn: str) -> Iterator[Callable[[bool], None]]:
    """`database_away(True)`: the database goes away in the middle of everything; `database_away(False)`: it is back."""
    name = dsn.rpartition("dbname=")[2]

    def go(away: bool) -> None:
        servers.administer(18, f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(not away).lower()}")
        if away:
            servers.administer(18, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    yield go
    go(False)


@pytest.fixture
def lose_database(database_away: Callable[[bool], None]) -> Callable[[], None]:
    return lambda: database_away(True)
