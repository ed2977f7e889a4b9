"""What every test may ask for: a fresh database, a ledger whose city is set up, and people to act."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from application.clock import TrainingClock
from application.ledger import Ledger
from application.store.database import APPLICATION, Database
from application.store.home import Home
from application.store.logins import login
from application.trail.logkeys import LogKeys
from domain.values import Actor
from tests import servers
from tests.cities import ORIGIN, TOWN, City
from tests.matters import Matters
from tests.on_day import browsers_environment

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday, 12:00 in Shanghai


@pytest.fixture
def dsn() -> Iterator[str]:
    """A fresh database with all tables: the owner's DSN."""
    dsn = servers.fresh()
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
def keyed(tmp_path: Path) -> Home:
    """A home that has its log's keys. Asked for before `city`, its first entry names them, and the log verifies."""
    home = Home(tmp_path)
    home.create()
    LogKeys.create(home.keys, ORIGIN)
    return home


@pytest.fixture
def city(database: Database, clock: TrainingClock, tmp_path: Path) -> Iterator[City]:
    """A training log after genesis: `city.actor("town_handler")` enrols somebody and lets them act."""
    city = City.found(database, clock, tmp_path)
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
def chromium() -> Iterator[Browser]:
    """One for the whole run: two at once can't live in one process."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=browsers_environment())
        yield browser
        browser.close()
