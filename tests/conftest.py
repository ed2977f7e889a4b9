"""What every test may ask for: a fresh database, a ledger whose city is set up, and people to act."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from application.core.ledger import Ledger
from application.log.log_keys import LogKeys
from application.platform.clock import TrainingClock
from application.platform.database import APPLICATION, Database
from application.platform.embedded.server import running
from application.platform.home import Home
from application.platform.logins import login
from domain.values import Actor
from tests import cities, homes, servers
from tests.cities import NOON, ORIGIN, TOWN, Beginning, City
from tests.compiled import Compiled
from tests.matters import Matters
from tests.on_day import real_environment
from tests.places import Passable

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


Flask.jinja_options = {"bytecode_cache": Compiled()}


@pytest.fixture(scope="session")
def tmp_path_factory(tmp_path_factory: pytest.TempPathFactory) -> Passable:
    return Passable(tmp_path_factory)


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Beginning:
    """Whoever asks for it has the city that `city` goes on with in a database of its own."""
    return cities.beginning(keyed="keyed" in request.fixturenames)


@pytest.fixture
def dsn(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with all tables, after genesis where the test asks for the city: the owner's DSN."""
    begun = "beginning" in request.fixturenames
    dsn = servers.fresh(like=request.getfixturevalue("beginning").database if begun else "")
    yield dsn
    servers.drop(dsn)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """As the service has it: through the login that may only append."""
    database = Database(login(dsn, APPLICATION), size=4)
    yield database
    database.close()


@pytest.fixture
def owner(dsn: str) -> Iterator[Database]:
    """The owner's login, which makes tables."""
    database = Database(dsn, role=None, size=4)
    yield database
    database.close()


@pytest.fixture
def clock() -> TrainingClock:
    return TrainingClock(NOON)


@pytest.fixture
def keyed(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home that has its log's keys. Asked for before `city`, its first entry names them, and the log verifies."""
    home = Home(tmp_path)
    home.create()
    if "beginning" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("beginning").home, home.path, dirs_exist_ok=True)
    else:
        LogKeys.create(home.keys, ORIGIN)
    return home


@pytest.fixture
def city(beginning: Beginning, database: Database, clock: TrainingClock, tmp_path: Path) -> Iterator[City]:
    """A training log after genesis: `city.actor("town_handler")` enrols somebody and lets them act."""
    city = City.began(beginning, database, clock, tmp_path)
    yield city
    city.ledger.close()


@pytest.fixture
def ledger(city: City) -> Ledger:
    return city.ledger


@pytest.fixture
def matters(city: City) -> Matters:
    """Tips and problems, brought to any point of their lives by ordinary commands."""
    return Matters(city)


@pytest.fixture
def leaving(city: City) -> Actor:
    """Who leaves office with something open under their name …"""
    return city.actor("town_handler")


@pytest.fixture
def successor(city: City) -> Actor:
    """… and who takes it over."""
    return city.actor("town_handler", TOWN, 2)


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An instance with work in it, for copies of its folder only (tests/homes.py)."""
    return homes.worked(tmp_path_factory.mktemp("worked"))


@pytest.fixture(scope="session")
def worked_server(worked: Home) -> Iterator[str]:
    """Its database, which runs for as long as the tests do; copies attach to it."""
    with running(worked) as dsn:
        yield dsn


@pytest.fixture
def attached(worked: Home, worked_server: str, tmp_path: Path) -> Home:
    """A copy whose database runs already, so that it is opened at once."""
    home = homes.copied(worked, tmp_path)
    home.server.write_text(json.dumps({"dsn": worked_server, "pid": os.getpid()}))
    return home


@pytest.fixture
def copy(worked: Home, tmp_path: Path) -> Home:
    """A folder of that instance's, to be damaged; its database is everybody's."""
    return homes.copied(worked, tmp_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for the whole run: two at once can't live in one process."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=real_environment())
        yield browser
        browser.close()
