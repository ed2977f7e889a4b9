"""On paper: a ledger is a table on landscape sheets, as many as its rows need. 打印"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

SHEET = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


@pytest.fixture
def page(chromium, matters, services, signed_in) -> Any:
    """A page of a real browser, answered by the application of somebody signed in at the city's desk."""
    for number in range(20):
        matters.problem(title=f"楼道照明第 {number} 处不亮，住户多次反映")
    services.projections.catch_up()
    client = signed_in("city_desk", "320581").client

    def answer(route: Any) -> None:
        parts = urlsplit(route.request.url)
        with client.get(f"{parts.path}?{parts.query}") as found:
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.get_data())

    context = chromium.new_context(viewport={"width": 390, "height": 844})
    context.route("**/*", answer)
    yield context.new_page()
    context.close()


def sheets(page: Page, address: str) -> list[bool]:
    """Of each sheet of paper whether it is landscape."""
    page.goto(f"http://xiaohao.test{address}")
    paper = page.pdf(prefer_css_page_size=True)
    return [float(width) > float(height) for width, height in SHEET.findall(paper)]


def test_a_ledger_is_printed_on_as_many_landscape_sheets_as_it_needs(page):
    for address, most in (("/problems", 4), ("/figures/weekly", 5)):
        found = sheets(page, address)
        assert (0 < len(found) <= most, all(found)) == (True, True), (address, found)

    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


def test_paper_says_as_of_when_and_by_whom_and_leaves_out_what_only_a_screen_can_do(page):
    page.goto("http://xiaohao.test/figures/weekly")
    assert not page.is_visible(".printed")

    page.emulate_media(media="print")
    assert page.inner_text(".printed").startswith("截至 2026-03-02；")
    assert not page.is_visible("text=范围")


def test_a_matter_is_printed_upright(page):
    page.goto("http://xiaohao.test/problems")
    href = page.get_attribute("td a", "href")
    assert href is not None

    assert not any(sheets(page, href))


def test_on_a_phone_the_way_back_is_as_large_as_a_finger(page):
    page.goto("http://xiaohao.test/problems")

    box = page.locator(".crumbs a").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
