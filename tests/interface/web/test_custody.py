"""A session signs with its person's key, and only with its own cookie in hand."""

from __future__ import annotations

import re
from contextlib import closing
from uuid import UUID, uuid4

import psycopg2
import pytest

from application.officials.keys import ResetPassword
from application.officials.officials import RevokeKey, WithdrawRole
from application.platform.clock import SystemClock
from application.vault.crypto import Box, Secrets, Unreadable, derived
from application.vault.passwords import Cost, Password
from interface.identity.sessions import COOKIE
from interface.web.app import create_app
from tests.cities import CITY, STARTING, City
from tests.interface.web.account.test_sign_in import change
from tests.interface.web.conftest import PASSWORD, Browser
from tests.interface.web.tips.test_tips import register

OTHER = "battery horse correct"


@pytest.fixture
def city(database, tmp_path):
    """A log in production."""
    city = City.found(database, SystemClock(), tmp_path, "production")
    yield city
    city.ledger.close()


@pytest.fixture
def desk(signed_in) -> Browser:
    return signed_in("city_desk", CITY)


@pytest.fixture
def sql(dsn):
    """As somebody who owns the database."""

    def run(statement: str, *values):
        with closing(psycopg2.connect(dsn)) as owner, owner, owner.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else None

    return run


@pytest.fixture
def acts(city):
    """Whether this browser can register a tip, which the log must then have."""

    def try_(browser: Browser, **typed) -> bool:
        before = city.topics().count("tip.registered")
        words = {
            "text": "，".join(str(uuid4()) for _ in range(3))
        }  # like nothing else: no page asks whether it is known
        answer = register(browser, received_on=str(city.ledger.today), **words | typed)
        assert answer.status_code in (303, 403), answer.text
        assert (answer.status_code == 303) == (city.topics().count("tip.registered") > before)
        return answer.status_code == 303

    return try_


def keyid(city) -> str:
    return city.ledger.authority().keys_in_force[city.desk.id]


def reset(city):
    keeper, word = city.actor("key_admin", CITY), Password(OTHER, Cost(1, 1, 8))
    members = {"official": UUID(city.desk.id), "password": word, "reason": "忘记口令"}
    city.ledger.handle(ResetPassword(id=uuid4(), actor=keeper, **members))


def test_whoever_is_signed_in_signs(desk, acts):
    assert acts(desk)


def test_two_sessions_of_one_person_both_sign(desk, signed_in, acts):
    other = signed_in("city_desk", CITY)

    assert (acts(desk), acts(other)) == (True, True)


def test_a_service_that_was_started_anew_goes_on_with_its_sessions(desk, acts, services):
    again = Browser(create_app(services).test_client())
    cookie = desk.client.get_cookie(COOKIE)
    again.client.set_cookie(COOKIE, cookie.value)

    assert acts(again)


def test_what_lies_on_the_disk_opens_no_sessions_key(desk, sql, tmp_path, city):
    """Every row of the database and the master key, without the cookie."""
    [[token, sealed]] = sql("SELECT token, sealed FROM web.session_key")
    master = (tmp_path / "keys" / "master.key").read_bytes()
    web = (tmp_path / "keys" / "web.secret").read_bytes()
    secrets = [master, web, bytes(token), bytes(token).hex().encode()]
    boxes = [Secrets(master).box(purpose) for purpose in ("signing key", "session key", "person")]

    for box in [*boxes, *(Box(derived(secret, "session key")) for secret in secrets)]:
        with pytest.raises(Unreadable):
            box.open(bytes(sealed), keyid(city).encode())

    cookie = desk.client.get_cookie(COOKIE).value
    assert Box(derived(cookie.encode(), "session key")).open(bytes(sealed), keyid(city).encode())


def test_the_cookie_of_another_session_opens_nothing(desk, signed_in, acts, sql):
    """Whoever writes into the database puts the desk's key into a session of their own."""
    other = signed_in("town_handler")
    sql("""UPDATE web.session_key o SET keyid = d.keyid, sealed = d.sealed
           FROM web.session_key d JOIN web.session s USING (token)
           WHERE s.role = 'city_desk' AND o.token <> d.token""")
    sql("""UPDATE web.session SET official = d.official, role = d.role, unit = d.unit
           FROM web.session d WHERE d.role = 'city_desk'""")

    assert (acts(other), acts(desk)) == (False, True)


def test_a_session_that_was_made_in_the_database_does_not_sign(desk, acts, sql):
    sql("DELETE FROM web.session_key")

    assert not acts(desk)


def test_whoever_writes_a_password_into_the_database_gets_in_and_can_not_sign(browser, login_of, city, acts, sql):
    hashed = Password(OTHER, Cost(1, 1, 8)).hashed
    login = login_of(city.desk)
    sql("UPDATE vault.credential SET password = %s", hashed)

    browser.sign_in(login, OTHER)

    assert (browser.get("/desk").status_code, acts(browser)) == (200, False)
    assert "现在的口令不正确" in change(browser, old=OTHER, new="a third password", again="a third password").text
    assert city.topics().count("credential.set") == 0


@pytest.mark.parametrize("way", ["sign-out", "expired", "reset", "lost role"])
def test_the_key_goes_with_the_session(desk, acts, sql, city, way, signed_in):
    if way == "sign-out":
        cookie = desk.client.get_cookie(COOKIE).value
        desk.post("/sign-out", page="/desk")
        desk.client.set_cookie(COOKIE, cookie)
    if way == "expired":
        sql("UPDATE web.session SET seen_at = now() - interval '121 minutes'")
        signed_in("town_handler")  # whoever signs in sweeps up
    if way == "reset":
        reset(city)
    if way == "lost role":
        role = {"official": UUID(city.desk.id), "role": "city_desk", "unit": CITY, "reason": "调离"}
        city.ledger.handle(WithdrawRole(id=uuid4(), actor=city.administrator, **role))

    assert desk.get("/desk").status_code == 303
    assert sql("SELECT 1 FROM web.session_key WHERE keyid = %s", keyid(city)) == []


def test_a_new_password_keeps_the_key_and_ends_every_session(desk, signed_in, acts, city, sql):
    other, before = signed_in("city_desk", CITY), keyid(city)

    assert change(desk, new=OTHER, again=OTHER).status_code == 303

    assert (desk.get("/desk").status_code, other.get("/desk").status_code) == (303, 303)
    assert sql("SELECT * FROM web.session_key") == []
    with pytest.raises(Unreadable):
        city.ledger.keys.unlock(city.desk.id, STARTING)
    assert desk.sign_in("city_desk-320581-1", OTHER).location == "/desk"
    assert (keyid(city), acts(desk)) == (before, True)


def test_after_a_reset_the_starting_password_is_changed_first_and_begins_a_key_of_its_own(desk, acts, city):
    first = keyid(city)
    reset(city)
    given = keyid(city)

    refused = desk.sign_in("city_desk-320581-1", PASSWORD)
    begun = desk.sign_in("city_desk-320581-1", OTHER)
    changed = change(desk, old=OTHER, new="a sentence of my own", again="a sentence of my own")
    desk.sign_in("city_desk-320581-1", "a sentence of my own")

    assert (refused.status_code, begun.location, changed.status_code) == (422, "/password", 303)
    assert len({first, given, keyid(city)}) == 3
    assert acts(desk)


def test_whose_key_was_revoked_may_look_and_is_told_what_to_do(desk, signed_in, acts, city, sql):
    keeper = city.actor("key_admin", CITY)
    city.ledger.handle(RevokeKey(id=uuid4(), actor=keeper, official=UUID(city.desk.id), reason="遗失"))
    assert not acts(desk)
    sql("DELETE FROM vault.signing_key WHERE owner = %s", city.desk.id)  # as with somebody who never had one

    again = signed_in("city_desk", CITY)

    assert again.get("/desk").status_code == 200
    answer = register(again, received_on=str(city.ledger.today))
    assert re.search("请重新登录；仍不能办理的，请联系密钥管理员", answer.text)


def test_an_old_key_is_wrapped_at_the_next_sign_in(city, sql, signed_in, acts, tmp_path):
    [[name]] = sql("SELECT keyid FROM vault.signing_key WHERE owner = %s", city.desk.id)
    private = city.ledger.keys.unlock(city.desk.id, STARTING).private
    sealed = Secrets.load(tmp_path / "keys" / "master.key").box("signing key").seal(private, name.encode())
    sql("UPDATE vault.signing_key SET sealed = %s, lock = NULL WHERE keyid = %s", sealed, name)

    assert acts(signed_in("city_desk", CITY))

    [[lock]] = sql("SELECT lock FROM vault.signing_key WHERE keyid = %s", name)
    assert lock is not None
