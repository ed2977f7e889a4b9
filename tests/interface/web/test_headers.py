"""What every answer tells the browser, which methods there are, and what is served besides the pages: nothing."""

from __future__ import annotations

import re

import pytest

from interface.kit.security import CONTENT

ADDRESSES = {
    "a page": ("/sign-in", 200),
    "a way on": ("/desk", 303),
    "nothing there": ("/nothing-here", 404),
    "another method": ("/sign-out", 405),
    "a defect": ("/fail", 500),
    "a static file": ("/static/theme.css", 200),
    "for machines": ("/healthz", 200),
    "the published trail": ("/trail/tile/0/000", 404),
    "the public page": ("/tip", 200),
}
TEXTS = {
    "/sign-in": "text/html; charset=utf-8",
    "/nothing-here": "text/html; charset=utf-8",
    "/static/theme.css": "text/css; charset=utf-8",
    "/static/frame.js": "text/javascript; charset=utf-8",
    "/static/emblem.svg": "image/svg+xml; charset=utf-8",
    "/healthz": "application/json",
    "/problems.csv": "text/csv; charset=utf-8",
}
BESIDES = [
    "/static/",
    "/static/vendor/",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static//etc/passwd",
    "/.git/config",
    "/.env",
    "/trail/",
    "/trail/tile/",
    "/trail/checkpoints/../../keys/web.secret",
    "/keys/web.secret",
]


@pytest.fixture
def fails(app):
    def fail():
        raise ValueError

    app.add_url_rule("/fail", view_func=fail)


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES)
def test_every_answer_carries_the_headers(browser, fails, address, status):
    with browser.get(address) as answer:
        said = answer.headers

        assert (answer.status_code, said["Content-Security-Policy"]) == (status, CONTENT)
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Referrer-Policy"] == ("no-referrer" if address == "/tip" else "same-origin")
        assert said["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_answer_lets_another_site_read_it(browser):
    for address in ("/sign-in", "/healthz", "/static/theme.css", "/trail/checkpoint"):
        with browser.get(address, headers={"Origin": "https://elsewhere.example"}) as answer:
            assert [name for name in dict(answer.headers) if name.startswith("Access-Control-")] == []


def test_every_text_says_what_it_is_and_in_which_characters(signed_in):
    browser = signed_in("city_desk", "320581")
    for address, kind in TEXTS.items():
        with browser.get(address) as answer:
            assert (address, answer.headers["Content-Type"]) == (address, kind)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PROPFIND"])
def test_a_method_that_no_page_has_is_refused_and_echoes_nothing(browser, method):
    for address in ("/", "/sign-in", "/desk", "/trail/checkpoint", "/static/theme.css"):
        with browser.client.open(address, method=method, headers={"X-Secret": "echo-me"}) as answer:
            assert (answer.status_code, b"echo-me" in answer.data) == (405, False)


def test_no_folder_is_listed_and_no_file_beside_the_pages_is_served(signed_in):
    browser = signed_in("discipline", "320581-discipline")
    for address in BESIDES:
        with browser.get(address, follow_redirects=True) as answer:
            assert (address, answer.status_code) == (address, 404)


@pytest.mark.parametrize(
    ("role", "unit"), [("city_desk", "320581"), ("role_admin", "320581"), ("town_handler", "320581003")]
)
def test_no_link_records_anything(app, signed_in, database, role, unit):
    """A safe method changes nothing: every address without a place in it is fetched, with an act's fields besides."""
    browser = signed_in(role, unit)
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    before = size(database)

    seen = [browser.get(f"{address}?token=1&seen=1&note=1&reason=1").status_code for address in plain]

    assert (len(plain) > 30, max(seen) < 500, size(database)) == (True, True, before)


def size(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT size FROM log.head")
        return cursor.fetchone()[0]


def test_what_is_downloaded_has_a_name_of_ours_whatever_the_address_says(signed_in):
    browser = signed_in("city_desk", "320581")

    for address in ("/problems.csv?text=%0d%0aX-Evil:1&filename=a.exe", '/problems.xlsx?text="a;b"&name=../../a'):
        with browser.get(address) as answer:
            said = answer.headers["Content-Disposition"]

            assert said.startswith("attachment; filename*=UTF-8''")
            assert said.isascii()
            assert not any(sign in said.partition("''")[2] for sign in '"\r\n;/\\ ')
            assert "X-Evil" not in answer.headers


def test_pages_where_a_secret_or_a_person_is_typed_send_it_in_the_body(signed_in):
    """What stands in an address stands in histories and in the records of proxies."""
    browser, fields = signed_in("city_desk", "320581"), 0
    for address in (
        "/tip/track",
        "/tips/search",
        "/password",
        "/account/second-factor",
        "/tips/new?accuses=no",
        "/tip",
    ):
        for form in re.findall(r"<form(?P<head>[^>]*)>(.*?)</form>", browser.get(address).text, re.DOTALL):
            named = re.findall(
                r'<(?:input|textarea)[^>]*name="(?:code|words|number|old|new|password_again|text|reporter|contact)"',
                form[1],
            )
            fields += len(named)
            assert not named or 'method="post"' in form[0], address

    assert fields >= 6
