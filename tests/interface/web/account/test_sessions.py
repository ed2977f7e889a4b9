"""What a session and a password are in the browser: how long, named by what, ended where."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode

import pytest

from interface.identity.sessions import COOKIE
from tests.interface.web.account.test_sign_in import cookie
from tests.interface.web.conftest import Browser


def test_a_session_ends_after_twelve_hours_however_busy(signed_in, database):
    browser = signed_in("town_handler")
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET started_at = now() - interval '721 minutes', seen_at = now()")

    assert browser.get("/desk").location == "/sign-in?next=/desk"


def test_whoever_signed_out_finds_the_session_ended_on_the_server(signed_in, database):
    browser = signed_in("town_handler")
    token = browser.client.get_cookie(COOKIE).value
    browser.post("/sign-out", page="/desk")

    browser.client.set_cookie(COOKIE, token)

    assert browser.get("/desk").location == "/sign-in?next=/desk"
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM web.session")
        assert cursor.fetchone() == (0,)


def test_a_session_is_named_by_256_random_bits(app, city, login_of):
    account = login_of(city.desk)
    tokens = {cookie(Browser(app.test_client()).sign_in(account)).value for _ in range(3)}

    assert (len(tokens), {len(urlsafe_b64decode(f"{token}=")) for token in tokens}) == (3, {32})


@pytest.mark.parametrize("address", ["/sign-in", "/password", "/account/second-factor"])
def test_a_password_is_masked_and_left_to_the_password_manager(signed_in, app, address):
    browser = Browser(app.test_client()) if address == "/sign-in" else signed_in("town_handler")
    page = browser.get(address).text
    fields = [
        tag
        for tag in re.findall(r"<input[^>]*>", page)
        if re.search(r'name="(secret|old|new|again|password_again)"', tag)
    ]
    fields = [tag for tag in fields if 'type="hidden"' not in tag]

    assert fields
    for tag in fields:
        assert 'type="password"' in tag
        assert re.search(r"maxlength|readonly|onpaste|autocomplete=\"off\"", tag) is None


def test_the_way_out_is_on_every_page(signed_in):
    browser = signed_in("town_handler")
    for address in ("/desk", "/problems", "/tips", "/account", "/figures", "/nothing-here", "/readings"):
        page = browser.get(address, follow_redirects=True).text
        assert 'action="/sign-out"' in page, address


def test_a_password_that_its_owner_chose_has_no_end(app, city, login_of, clock):
    account = login_of(city.desk)
    clock.advance(days=400)

    assert Browser(app.test_client()).sign_in(account).location == "/desk"
