"""What every answer of the oversight door tells the browser, and which methods it has."""

from __future__ import annotations

from interface.kit.security import CONTENT

ADDRESSES = {
    "/": 200,
    "/events": 200,
    "/sign-in": 303,
    "/nothing-here": 404,
    "/sign-out": 405,
    "/static/theme.css": 200,
}


def test_every_answer_carries_the_headers(browser):
    for address, status in ADDRESSES.items():
        with browser.get(address) as answer:
            said = answer.headers

            assert (address, answer.status_code, said["Content-Security-Policy"]) == (address, status, CONTENT)
            assert (said["X-Content-Type-Options"], said["Referrer-Policy"]) == ("nosniff", "same-origin")
            assert [name for name in dict(said) if name.startswith("Access-Control-")] == []
            assert address.startswith("/static/") or said["Cache-Control"] == "no-store"


def test_a_method_that_no_page_has_is_refused_and_echoes_nothing(browser):
    for method in ("TRACE", "PUT", "DELETE"):
        for address in ("/", "/events", "/static/theme.css"):
            with browser.client.open(address, method=method, headers={"X-Secret": "echo-me"}) as answer:
                assert (answer.status_code, b"echo-me" in answer.data) == (405, False)


def test_the_way_out_is_on_every_page(browser):
    for address in ("/", "/events", "/readings", "/keys", "/nothing-here"):
        assert 'action="/sign-out"' in browser.get(address, follow_redirects=True).text, address
