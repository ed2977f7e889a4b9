"""Signing in: what is let in, what has to wait, what is forgotten."""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from http.cookies import SimpleCookie
from uuid import UUID, uuid4

import pytest

from application.campaign.genesis import CITY
from application.officials.officials import EnrolOfficial, GrantRole, RetireOfficial, WithdrawRole
from application.vault.crypto import Secrets
from application.vault.hashing_slot import ACTS, SIGN_IN
from application.vault.passwords import SLOT
from application.vault.people import Person
from domain.errors import Busy
from interface.identity.known_devices import DAY, MOST, TERM, KnownDevices
from interface.identity.login_throttle import Attempts, Visitor, Wait, network_of
from interface.identity.sessions import COOKIE
from interface.kit.security import cookie_secret
from tests.cities import STARTING, TOWN
from tests.crowds import Crowd
from tests.interface.web.conftest import PASSWORD, TOKEN, Browser, at_once


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
    at_once(database)
    early = browser.sign_in(account)
    with database.cursor() as cursor:
        cursor.execute("UPDATE sign_in.attempt SET last_at = last_at - interval '15 minutes'")

    late = browser.sign_in(account)

    assert (early.status_code, "秒后再试" in early.text, late.status_code) == (429, True, 303)


def test_somebody_elses_wrong_passwords_do_not_lock_an_official_out(app, browser, city, login_of):
    account, stranger = login_of(city.desk), {"REMOTE_ADDR": "203.0.113.9"}
    browser.client.environ_base = {**browser.client.environ_base, **stranger}
    for _ in range(6):
        browser.sign_in(account, "wrong")
    browser.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"

    assert browser.sign_in(account).status_code == 303


def test_e7_where_too_many_sign_in_at_once_whoever_comes_later_is_told_to_try_again(browser, city, login_of):
    account, crowd = login_of(city.desk), Crowd(SLOT)
    with SLOT.taken(ACTS):
        crowd.come(SIGN_IN, SIGN_IN.longest)
        answer = browser.sign_in(account)
    crowd.leave()

    assert (answer.status_code, "请过几秒再试" in answer.text, f'value="{account}"' in answer.text) == (429, True, True)
    assert browser.sign_in(account).status_code == 303


def wrong(browser, many: int, *accounts: str) -> list[int]:
    return [browser.sign_in(accounts[n % len(accounts)], "wrong").status_code for n in range(many)]


def test_e5_wrong_passwords_of_a_whole_office_keep_nobody_there_out(app, city, login_of):
    """Forty from one address, for accounts that there are and are not; somebody else there signs in for the first time."""
    office, newcomer = Browser(app.test_client()), Browser(app.test_client())

    wrong(office, 40, *(f"nobody-{n}" for n in range(20)))

    assert newcomer.sign_in(login_of(city.desk)).status_code == 303


def test_e5_on_a_device_that_is_known_no_stranger_makes_the_owner_wait(app, browser, city, login_of, database):
    account, stranger = login_of(city.desk), Browser(app.test_client())
    browser.sign_in(account)
    browser.post("/sign-out", page="/desk")

    wrong(stranger, 4, account)
    at_once(database)

    assert stranger.sign_in(account).status_code == 429
    assert browser.sign_in(account).status_code == 303


def test_e5_a_known_device_has_its_own_wrong_tries_and_waits_for_them(browser, city, login_of, database):
    account = login_of(city.desk)
    browser.sign_in(account)
    browser.post("/sign-out", page="/desk")

    wrong(browser, 4, account)
    at_once(database)

    assert browser.sign_in(account).status_code == 429


@pytest.mark.parametrize("change", ["another account", "a letter", "rubbish", "very old"])
def test_e5_a_device_cookie_that_is_not_the_accounts_own_is_worth_nothing(change):
    devices = KnownDevices(Secrets(bytes(32)))
    made = devices.remember(None, "zhang", 0.0)
    cookie = {"a letter": made[:-1] + ("0" if made[-1] != "0" else "1"), "rubbish": "~".join(["x.y.z"] * 99)}.get(
        change, made
    )
    account, day = ("li" if change == "another account" else "zhang"), (TERM + 1 if change == "very old" else 1)

    assert devices.name(made, "zhang", 0.0) != ""
    assert devices.name(cookie, account, day * DAY) == ""


def test_e5_several_people_share_a_device_and_each_is_known_on_it():
    devices, cookie = KnownDevices(Secrets(bytes(32))), None
    for number in range(MOST + 2):
        cookie = devices.remember(cookie, f"official {number}", 0.0)
    cookie = devices.remember(cookie, "official 5", 0.0)

    known = [bool(devices.name(cookie, f"official {number}", 0.0)) for number in range(MOST + 2)]
    assert (known, cookie.count("~")) == ([False] * 2 + [True] * MOST, MOST - 1)


def test_e16_what_is_counted_and_recorded_names_no_address_and_no_account(browser, city, login_of, database):
    account = login_of(city.desk)
    wrong(browser, 2, account, "nobody")
    with database.cursor() as cursor:
        cursor.execute("SELECT who FROM sign_in.attempt UNION ALL SELECT place FROM sign_in.record")
        kept = [bytes(row[0]) for row in cursor.fetchall()]

    guessed = [
        f"{kind}{text}".encode()
        for kind in ("", "address:", "address\n")
        for text in ("127.0.0.1", account, "127.0.0.0/24")
    ]
    assert len(kept) >= 5
    assert not {sha256(guess).digest()[:n] for guess in guessed for n in (8, 32)} & set(kept)


def test_e5_many_tries_at_once_count_as_many(database):
    """The count stands before the word is looked at: whoever sends four at once has had four."""
    attempts, who = Attempts(database, Secrets(bytes(32))), Visitor("192.0.2.1")
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(attempts.trying("zhang", who))

        with pytest.raises(Wait):
            attempts.trying("zhang", who).__enter__()


def test_e5_what_was_never_looked_at_counts_for_nothing(database):
    attempts, who = Attempts(database, Secrets(bytes(32))), Visitor("192.0.2.1")
    for _ in range(6):
        with pytest.raises(Busy), attempts.trying("zhang", who):
            raise Busy("later")

    with attempts.trying("zhang", who) as attempt:
        attempt.right()


def test_e5_the_many_addresses_of_one_ipv6_network_are_one():
    assert network_of("2001:db8:1:2::9") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::9")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")


def test_e16_signing_out_clears_what_a_shared_computer_keeps(signed_in):
    answer = signed_in("town_handler").post("/sign-out", page="/desk")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_c2_over_https_cookies_can_come_from_no_other_host(app, city, login_of):
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    typed = {"csrf_token": TOKEN.search(page.text)[1], "login": login_of(city.desk), "secret": PASSWORD}

    answer = client.post(
        "/sign-in", data=typed, base_url="https://localhost", headers={"Referer": "https://localhost/"}
    )

    names = [header.partition("=")[0] for header in answer.headers.getlist("Set-Cookie")]
    assert {"__Host-xiaohao", "__Host-xiaohao_device"} <= set(names)
    assert all(name.startswith("__Host-") for name in names)
    assert client.get("/desk", base_url="https://localhost").status_code == 200


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


def age(database, days: int) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE vault.credential SET given_at = given_at - make_interval(days => %s)", (days,))


def test_e12_a_starting_password_ends_after_a_term_and_says_whom_to_ask(newcomer, city, database):
    city.actor("key_admin", CITY)
    newcomer.post("/sign-out", page="/password")
    age(database, 13)
    assert newcomer.sign_in("newcomer").status_code == 303
    newcomer.post("/sign-out", page="/password")
    age(database, 2)

    answer = newcomer.sign_in("newcomer")

    assert (answer.status_code, "请联系密钥管理员重置口令" in answer.text) == (403, True)


def test_e12_where_nobody_could_give_another_one_it_does_not_end(newcomer, database):
    newcomer.post("/sign-out", page="/password")
    age(database, 99)

    assert newcomer.sign_in("newcomer").status_code == 303


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
        ({"new": "password1234", "again": "password1234"}, "很多人在用"),
        ({"new": "newcomer-12", "again": "newcomer-12"}, "不能有账号、姓名、单位或工号"),
        ({"new": "琴川街道上班的新人一个", "again": "琴川街道上班的新人一个"}, "不能有账号、姓名、单位或工号"),
    ],
    ids=["old", "short", "differ", "same", "common", "login", "unit"],
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


def test_c1_failures_from_before_the_clock_was_set_back_keep_nobody_out_for_a_day(database):
    attempts, who = Attempts(database, Secrets(bytes(32))), Visitor("192.0.2.1")
    for _ in range(3):
        with attempts.trying("somebody", who):
            pass
    with database.cursor() as cursor:
        cursor.execute("UPDATE sign_in.attempt SET last_at = last_at + interval '1 day'")

    with pytest.raises(Wait) as wait, attempts.trying("somebody", who):
        pass

    assert wait.value.seconds <= 4
