"""What every page has, and how pages say no."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
import structlog
from flask import request, send_file
from werkzeug.routing import Rule

from domain.errors import Conflict, NotAllowed, NotFound, RuleBroken, Unavailable
from interface.runtime.request_bodies import LARGEST

PUBLIC = ["/", "/sign-in", "/nothing-here"]


class Marks(HTMLParser):
    """Headings, labels, fields, and anything that the content policy would block."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings, self.blocked = 0, []
        self.labels: set[str] = set()
        self.fields: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.headings += tag == "h1"
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.add(given.get("id") or "")
        inline = tag == "style" or (tag == "script" and "src" not in given)
        if inline or "style" in given or any(name.startswith("on") for name in given):
            self.blocked.append(tag)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_page_has_one_heading_and_a_label_for_each_field(browser, address):
    marks = Marks(browser.get(address).text)

    assert (marks.headings, marks.fields - marks.labels) == (1, set())


@pytest.mark.parametrize("address", PUBLIC)
def test_nothing_on_a_page_needs_an_exception_from_the_content_policy(browser, address):
    answer = browser.get(address)

    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert Marks(answer.text).blocked == []


def test_pages_are_not_kept_on_shared_computers(browser):
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_and_change_their_address_with_their_content(browser):
    address = re.search(r'href="(/static/theme\.css\?v=[0-9a-f]{12})"', browser.get("/").text)[1]

    with browser.get(address) as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_form_without_its_token_is_refused_and_says_so(browser):
    answer = browser.client.post("/sign-in", data={"login": "a", "secret": "b"})

    assert (answer.status_code, "刷新后重新提交" in answer.text) == (400, True)


def test_an_upload_beyond_the_limit_is_answered_with_a_sentence(browser):
    size = {"CONTENT_LENGTH": str(LARGEST + 1)}

    answer = browser.client.post(
        "/sign-in", content_type="multipart/form-data; boundary=b", data=b"-", environ_overrides=size
    )

    assert (answer.status_code, "每张照片不超过 10 MB" in answer.text) == (413, True)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(RuleBroken, 422), (NotFound, 404), (Conflict, 409), (NotAllowed, 403), (Unavailable, 503)],
)
def test_a_refusal_is_a_page_with_its_sentence(app, refusal, status):
    def refuse():
        raise refusal("请先签收")

    app.add_url_rule("/refuse", view_func=refuse)

    answer = app.test_client().get("/refuse")

    assert (answer.status_code, "请先签收" in answer.text) == (status, True)


def test_a_defect_shows_a_number_and_logs_the_trace_without_its_message(app):
    def fail():
        raise ValueError("1380" + "0138000")

    app.add_url_rule("/fail", view_func=fail)

    with structlog.testing.capture_logs() as logged:
        page = app.test_client().get("/fail")

    assert page.status_code == 500
    assert logged[0]["reference"] in page.text
    assert ("in fail" in logged[0]["trace"], "13800138000" in page.text + str(logged)) == (True, False)


def test_a_database_that_is_away_is_a_sentence(browser, city, login_of, lose_database):
    browser.sign_in(login_of(city.desk))
    lose_database()

    assert browser.get("/desk").status_code == 503


def test_the_whole_page_speaks_english_where_chosen(browser):
    browser.post("/look", language="en", next="/sign-in")

    page = browser.get("/sign-in").text
    assert re.findall("[一-鿿]+", page) == ["中文"]


def test_large_type_is_remembered(browser):
    answer = browser.post("/look", size="large", next="/sign-in")

    assert (answer.location, 'class="large"' in browser.get("/").text) == ("/sign-in", True)


def test_a_training_instance_says_so_on_every_page(browser):
    assert all('class="drill"' in browser.get(address).text for address in PUBLIC)


@pytest.mark.parametrize(
    "endpoint", ["files.photo", "receipts.proof", "leads.letter", "disclosures.opening", "desk.index"]
)
def test_e15_no_private_page_or_file_is_kept_by_a_browser(app, endpoint):
    """Whatever the view says itself: a photo was kept for an hour, a letter for a year."""
    with app.test_request_context("/"):
        request.url_rule = Rule("/", endpoint=endpoint)
        for answer in (send_file(BytesIO(b"x"), "image/png"), send_file(BytesIO(b"x"), "image/png", max_age=3600)):
            assert app.process_response(answer).headers["Cache-Control"] == "no-store"


def test_the_service_says_that_it_answers(browser):
    assert browser.get("/healthz").status_code == 200


def test_the_service_says_that_its_database_is_away(browser, lose_database):
    lose_database()

    assert browser.get("/healthz").status_code == 503


@pytest.mark.parametrize("role", ["discipline", "auditor"])
def test_readers_may_not_write(signed_in, role):
    browser = signed_in(role, "320581-discipline")

    answer = browser.post("/tips/new", page="/desk")

    assert (answer.status_code, "只能查看" in answer.text) == (403, True)
