"""Weighty acts ask the password again, and lose nothing of what was typed."""

from __future__ import annotations

import pytest
from flask import request

from interface.web.security import weighty
from tests.interface.web.conftest import PASSWORD


@pytest.fixture
def browser(app, signed_in, database):
    """Somebody who gave the password six minutes ago, before a weighty act."""
    view = weighty("销号")(lambda: f"closed with {request.form['note']}")
    app.add_url_rule("/close", "close", view, methods=["POST"])
    browser = signed_in("town_closer")
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    return browser


def test_the_password_is_asked_and_the_form_is_carried_along(browser):
    page = browser.post("/close", note="资料齐全").text

    assert ("确认销号" in page, 'name="note" value="资料齐全"' in page) == (True, True)


def test_with_the_password_the_act_is_done(browser):
    assert browser.post("/close", note="资料齐全", password_again=PASSWORD).text == "closed with 资料齐全"


def test_a_wrong_password_does_nothing(browser):
    answer = browser.post("/close", note="资料齐全", password_again="wrong")

    assert (answer.status_code, "口令不正确" in answer.text) == (422, True)


def test_for_five_minutes_it_is_not_asked_again(browser):
    browser.post("/close", note="一", password_again=PASSWORD)

    assert browser.post("/close", note="二").text == "closed with 二"
