"""A log in production from its founder to the first act, by pages alone: nobody is given a password that stays."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from application.platform.clock import SystemClock
from tests.cities import CITY, City
from tests.interface.web.account.test_account import fill_in
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.officials.test_enrolment import enrol, first_sign_in, official, starting
from tests.interface.web.officials.test_officials import do
from tests.interface.web.tips.test_tips import register

NEW_WORD = "battery horse correct"


@pytest.fixture
def city(database, tmp_path):
    city = City.found(database, SystemClock(), tmp_path, "production")
    yield city
    city.ledger.close()


@pytest.fixture
def newcomer(app):
    """`newcomer("wang", word)`: signed in after the starting password was changed."""
    return lambda login, word: first_sign_in(app, word, new=NEW_WORD, login=login)


def person(login, role):
    return {"name": f"{login}某", "staff_number": login, "login": login, "role": role, "unit": CITY, "phone": ""}


def test_the_founder_the_two_administrators_and_the_first_official(newcomer, city):
    founder = newcomer("administrator", PASSWORD)
    words = {login: starting(enrol(founder, **person(login, login)).text) for login in ("role_admin", "key_admin")}
    keeper, key_keeper = (newcomer(login, words[login]) for login in ("role_admin", "key_admin"))
    enrol(keeper, **person("li", "city_desk"))
    given = do(key_keeper, official(city, "li"), "enrol_key")
    desk = newcomer("li", starting(given.text))

    done = register(desk, received_on=str(city.ledger.today))

    assert (done.status_code, city.topics()[-1]) == (303, "tip.registered")
    form = fill_in(desk, SimpleNamespace(at=datetime.now(UTC)), password_again=NEW_WORD)
    assert desk.post("/account/second-factor", page="/desk", **form).status_code == 200
    assert city.topics()[-1] == "second_factor.enrolled"
