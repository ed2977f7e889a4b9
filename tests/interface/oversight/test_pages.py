"""Every page of the oversight door answers, with one heading, in both languages."""

from __future__ import annotations

import re

import pytest

from tests.interface.web.conftest import Browser

PAGES = [
    "/",
    "/checkpoints",
    "/checkpoints?upto=3",
    "/verdicts",
    "/verdicts?red=1&before=9",
    "/events",
    "/alerts",
    "/readings",
    "/keys",
    "/events/1",
    "/events/5",
    "/alerts/authority",
]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_has_one_heading(browser: Browser, address: str, language: str):
    browser.client.set_cookie("language", language)

    answer = browser.get(address)

    assert answer.status_code == 200
    assert len(re.findall("<h1", answer.text)) == 1
