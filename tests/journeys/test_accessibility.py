"""Every page of all three doors against the rules of axe-core for WCAG 2.1 A and AA, on a phone and on a desk."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from interface.demo.people import PASSWORD, SHOWN_TOWN
from tests.journeys.conftest import Town

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
SIZES = {
    "desk": ({"width": 1440, "height": 900}, RULES),
    # The colours are the same there, and comparing them takes three quarters of the time.
    "phone": ({"width": 390, "height": 844}, RULES | {"rules": {"color-contrast": {"enabled": False}}}),
}
LOOK = "rules => axe.run(document, rules).then(found => found.violations)"
PUBLIC = "/ /tip /tip/track /receipt/check /sign-in /oversight/sign-in"
LISTS = "/tips /problems /companies /deductions /deductions/standard /estates /disclosures /hand-over"
DESK = f"/desk {LISTS} /tips/new /tips/new?accuses=no /figures/weekly /figures/monthly"
OVERSIGHT = "/oversight/ /oversight/checkpoints /oversight/verdicts /oversight/events /oversight/alerts /oversight/readings /oversight/keys"
pytestmark = pytest.mark.journey


class Reader:
    """At a browser that has axe in every page; as a script of the browser, not of the page, it needs no leave of the CSP."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self.address, self.found = address, dict[str, list[str]]()
        self.context = chromium.new_context()
        self.context.add_init_script(Axe().axe_script)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()

    def look(self, path: str = "") -> None:
        if path:
            answer = self.page.goto(self.address + path)
            assert answer is not None
            assert answer.status == 200, path
        here = self.page.url.removeprefix(self.address)
        for size, (viewport, rules) in SIZES.items():
            self.page.set_viewport_size(viewport)
            for wrong in self.page.evaluate(LOOK, rules):
                nodes = [node["html"][:160] + " " + node["failureSummary"][:300] for node in wrong["nodes"][:3]]
                self.found[f"{here} ({size}) {wrong['id']}: {wrong['help']}"] = nodes

    def sign_in(self, door: str, login: str) -> None:
        self.context.clear_cookies()
        self.page.goto(f"{self.address}{door}/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#secret", PASSWORD)
        self.page.click("main form[method=post] button.main")
        self.page.wait_for_url(re.compile("/(desk|oversight/)$"))

    def look_at(self, paths: str) -> None:
        for path in paths.split():
            self.look(path)

    def follow(self, link: str = "main table tbody a", *, on: str = "") -> None:
        """The first such link, on another page or on the one that is open."""
        if on:
            self.page.goto(self.address + on)
        self.page.locator(link).first.click()
        self.page.wait_for_load_state()
        self.look()


def test_no_page_breaks_a_rule_of_axe(chromium: Browser, town: Town):
    reader = Reader(chromium, town.address)

    reader.look_at(PUBLIC)
    tell(reader)
    reader.sign_in("", "city_desk")
    reader.look_at(DESK)
    reader.follow(on="/tips")
    reader.follow(on="/hand-over")
    reader.look_at(f"/problems/new /problems/new?unit={SHOWN_TOWN}")
    remind(reader)
    reader.follow(on="/problems")
    reader.follow('main a[href$="/correct"]')
    reader.page.go_back()
    reader.follow('main a[href^="/companies/"]')
    reader.page.go_back()
    reader.follow('main a[href^="/receipts/"]')
    reader.sign_in("", f"town_handler-{SHOWN_TOWN[6:]}")
    reader.look_at("/desk /problems/new")
    reader.sign_in("", "discipline")
    reader.look_at("/desk /leads /readings")
    reader.sign_in("/oversight", "discipline")
    reader.look_at(OVERSIGHT)
    reader.follow(on="/oversight/alerts")
    reader.follow(on="/oversight/events")
    reader.follow('main a[href*="/matters/"]')
    reader.context.close()

    assert reader.found == {}


def remind(reader: Reader) -> None:
    """What is ticked in the ledger is shown once more."""
    page = reader.page
    page.goto(f"{reader.address}/problems")
    page.locator('input[form="urge"]').first.check()
    page.locator("#urge button").click()
    page.wait_for_load_state()
    reader.look()


def tell(reader: Reader) -> None:
    """The next question of a tip, and what an empty answer is told."""
    page = reader.page
    page.goto(f"{reader.address}/tip")
    page.check('input[name="accuses"][value="no"]')
    page.click("button.main")
    reader.look()
    page.click("button.main")
    assert page.locator(".errors").count() == 1
    reader.look()
