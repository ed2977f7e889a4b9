"""Who is let in at the oversight door, and that both doors stand on one site without meeting."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from werkzeug.test import Client

from application.officials.officials import SetPassword
from domain.values import Actor
from interface.oversight.app import beside, create_app
from tests.cities import STARTING, City
from tests.interface.oversight.conftest import login_of, sign_in
from tests.interface.web.conftest import Browser


@pytest.mark.parametrize("role", ["discipline", "auditor"])
def test_the_commission_and_the_auditors_are_let_in(app, city: City, role: str):
    browser = Browser(app.test_client())

    assert sign_in(browser, login_of(city, role)).status_code == 303
    assert browser.get("/").status_code == 200


def test_everybody_else_is_told_which_door(app, city: City):
    answer = sign_in(Browser(app.test_client()), login_of(city, "city_desk"))

    assert answer.status_code == 403
    assert "监督端只对市纪委监委和审计人员开放" in answer.text


def test_a_wrong_password_and_an_unknown_account_are_refused_alike(app, city: City):
    browser, login = Browser(app.test_client()), login_of(city, "discipline")

    answers = [sign_in(browser, login, "wrong"), sign_in(browser, "nobody", "wrong")]

    assert {answer.status_code for answer in answers} == {422}
    assert all("账号或口令不正确" in answer.text for answer in answers)


def test_after_wrong_passwords_the_next_try_waits(app, city: City):
    browser, login = Browser(app.test_client()), login_of(city, "discipline")
    for _ in range(4):
        sign_in(browser, login, "wrong")

    assert sign_in(browser, login).status_code == 429


def test_a_one_time_password_is_changed_at_the_ordinary_door_first(app, city: City, dsn: str):
    login = login_of(city, "discipline")
    with city.ledger.vault.database.cursor() as cursor:
        cursor.execute("UPDATE vault.credential SET one_time = true WHERE official = %s", (_official(city),))

    answer = sign_in(Browser(app.test_client()), login)

    assert answer.status_code == 403
    assert "更换一次性口令" in answer.text


def test_a_new_password_ends_the_sessions_of_the_old_one(browser: Browser, city: City):
    assert browser.get("/").status_code == 200

    actor = Actor(str(_official(city)), "discipline", "320581")
    city.ledger.handle(SetPassword(id=uuid4(), actor=actor, password=STARTING, old=STARTING))

    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    "address", ["/", "/events", "/events/1", "/events/1.tlog-proof", "/keys", "/readings", "/alerts"]
)
def test_without_a_session_there_is_only_the_sign_in(app, address: str):
    answer = Browser(app.test_client()).get(address)

    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_both_doors_stand_on_one_site(overseen, city: City, publish):
    """The main application keeps every other address; the oversight session goes to this door alone."""

    def main(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"main"]

    client = Client(beside(main, create_app(overseen)))
    login = login_of(city, "discipline")
    browser = Browser(client)

    answer = browser.post("/oversight/sign-in", page="/oversight/sign-in", login=login, secret="correct horse battery")

    assert client.get("/desk").text == "main"
    assert answer.location == "/oversight/"
    assert "Path=/oversight" in " ".join(answer.headers.getlist("Set-Cookie"))
    assert client.get("/oversight/").status_code == 200


def _official(city: City) -> UUID:
    return UUID(city.actor("discipline", "320581").id)
