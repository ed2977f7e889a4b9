"""Signing in: what is let in, what has to wait, what is forgotten."""

from __future__ import annotations

from http.cookies import SimpleCookie
from uuid import UUID, uuid4

import pytest

from application.officials import EnrolOfficial, GrantRole, RetireOfficial, WithdrawRole
from application.vault.people import Person
from interface.web.security import cookie_secret
from interface.web.sessions import COOKIE
from tests.cities import STARTING, TOWN
from tests.interface.web.conftest import PASSWORD


def cookie(response):
    found = SimpleCookie()
    for header in response.headers.getlist("Set-Cookie"):
        found.load(header)
    return found.get(COOKIE)


def test_an_official_signs_in_and_lands_on_the_desk(browser, city, login_of):
    answer = browser.sign_in(login_of(city.desk))

    assert (answer.status_code, answer.location) == (303, "/desk")
    assert "测试city_desk1" in browser.get("/desk").text


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(browser, city, login_of):
    login_of_desk = login_of(city.desk)

    morsel = cookie(browser.sign_in(login_of_desk))

    assert (morsel["httponly"], morsel["samesite"], morsel["secure"]) == (True, "Lax", "")


def test_over_https_every_cookie_is_secure(app, city, login_of):
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")

    assert all("Secure" in header for header in page.headers.getlist("Set-Cookie"))


def test_the_database_holds_no_token(browser, city, login_of, database):
    token = cookie(browser.sign_in(login_of(city.desk))).value

    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM web.session WHERE encode(token, 'escape') LIKE %s", (f"%{token}%",))
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(("login", "password"), [("", PASSWORD), ("nobody", PASSWORD), ("own", "wrong"), ("own", "")])
def test_what_is_wrong_is_refused_and_the_account_stays_typed(browser, city, login_of, login, password):
    account = login_of(city.desk) if login == "own" else login

    answer = browser.sign_in(account, password)

    assert answer.status_code == 422
    assert ('class="errors"' in answer.text, f'value="{account}"' in answer.text) == (True, True)


def test_wrong_passwords_make_the_next_try_wait_but_never_for_ever(browser, city, login_of, database):
    account = login_of(city.desk)
    for _ in range(4):
        browser.sign_in(account, "wrong")
    early = browser.sign_in(account)
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.attempt SET last_at = last_at - interval '5 minutes'")

    late = browser.sign_in(account)

    assert (early.status_code, "秒后再试" in early.text, late.status_code) == (429, True, 303)


def test_somebody_elses_wrong_passwords_do_not_lock_an_official_out(app, browser, city, login_of):
    account, stranger = login_of(city.desk), {"REMOTE_ADDR": "203.0.113.9"}
    browser.client.environ_base = {**browser.client.environ_base, **stranger}
    for _ in range(6):
        browser.sign_in(account, "wrong")
    browser.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"

    assert browser.sign_in(account).status_code == 303


def test_signing_in_makes_a_new_session(browser, city, login_of):
    account = login_of(city.desk)
    first = cookie(browser.sign_in(account)).value

    browser.post("/sign-out", page="/desk")
    second = cookie(browser.sign_in(account)).value

    assert first != second
    browser.client.set_cookie(COOKIE, first)
    assert browser.get("/desk").status_code == 303


def test_signing_out_is_no_link(signed_in):
    assert signed_in("city_desk", "320581").get("/sign-out").status_code == 405


def test_a_session_ends_after_two_hours_without_a_page(signed_in, database):
    browser = signed_in("town_handler")
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET seen_at = now() - interval '121 minutes'")

    assert browser.get("/desk").location == "/sign-in?next=/desk"


@pytest.mark.parametrize("way", ["withdrawn", "retired"])
def test_whoever_lost_the_last_role_is_signed_out(signed_in, city, way):
    browser, actor = signed_in("town_handler"), city.actor("town_handler")
    who = {"id": uuid4(), "actor": city.administrator, "official": UUID(actor.id), "reason": "调离"}
    city.ledger.handle(
        WithdrawRole(**who, role="town_handler", unit=TOWN) if way == "withdrawn" else RetireOfficial(**who)
    )

    assert browser.get("/desk").status_code == 303


def test_an_official_with_two_roles_chooses_one(signed_in, city):
    browser, actor = signed_in("town_handler"), city.actor("town_handler")
    grant = {"id": uuid4(), "actor": city.administrator, "official": UUID(actor.id)}
    city.ledger.handle(GrantRole(**grant, role="town_verifier", unit=TOWN))

    browser.post("/act-as", page="/desk", grant=f"town_verifier@{TOWN}")

    assert f'value="town_verifier@{TOWN}" selected' in browser.get("/desk").text


def test_nobody_takes_a_role_that_was_not_granted(signed_in):
    answer = signed_in("town_handler").post("/act-as", page="/desk", grant="city_decider@320581")

    assert answer.status_code == 422


@pytest.fixture(name="newcomer")
def _newcomer(city, browser):
    """Somebody with a one-time password, signed in."""
    person = Person("新来的", "", "N-1")
    city.ledger.handle(
        EnrolOfficial(id=uuid4(), actor=city.administrator, person=person, login="newcomer", password=STARTING)
    )
    credential = city.ledger.vault.people.credential("newcomer")
    grant = {"official": credential.official, "role": "town_handler", "unit": TOWN}
    city.ledger.handle(GrantRole(id=uuid4(), actor=city.administrator, **grant))
    browser.sign_in("newcomer")
    return browser


def test_a_one_time_password_opens_nothing_but_the_page_that_changes_it(newcomer):
    assert newcomer.get("/desk").location == "/password"


def change(browser, **data):
    page = browser.get("/password").text
    token = page.partition('name="token"')[2].partition('value="')[2].partition('"')[0]
    typed = {"old": PASSWORD, "new": "battery horse correct", "again": "battery horse correct", **data}
    return browser.post("/password", page="/password", token=token, **typed)


def test_the_person_sets_the_password_and_the_log_says_so(newcomer, city):
    change(newcomer)

    assert newcomer.sign_in("newcomer", "battery horse correct").location == "/desk"
    assert city.topics()[-1] == "credential.set"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"old": "wrong"}, "现在的口令不正确"),
        ({"new": "short", "again": "short"}, "至少要有 10 个字符"),
        ({"again": "another one here"}, "不一致"),
        ({"new": PASSWORD, "again": PASSWORD}, "不能与现在的口令相同"),
    ],
    ids=["old", "short", "differ", "same"],
)
def test_a_bad_new_password_is_refused_with_a_sentence(newcomer, typed, words):
    answer = change(newcomer, **typed)

    assert (answer.status_code, words in answer.text) == (422, True)


def test_a_cookie_secret_that_was_cut_off_is_made_anew(tmp_path):
    """As after a full disk at the first start: an empty secret would let anybody sign cookies."""
    (tmp_path / "web.secret").write_bytes(b"")

    made = cookie_secret(tmp_path)

    assert (len(made), cookie_secret(tmp_path) == made) == (32, True)
    assert (tmp_path / "web.secret").stat().st_mode & 0o777 == 0o600
