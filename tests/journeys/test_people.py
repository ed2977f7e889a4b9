"""Two administrators make a new official in real browsers; the newcomer takes a second factor and signs with it. 人员全程"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from application.vault import totp
from interface.demo.people import PASSWORD, SHOWN_TOWN

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
LOOK = "rules => axe.run(document, rules).then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"
SIZES = {  # colours are the same on both, and comparing them takes most of the time
    (390, 844): RULES | {"rules": {"color-contrast": {"enabled": False}}},
    (1440, 900): RULES,
}
OWN = "battery horse correct"
pytestmark = pytest.mark.journey


class Somebody:
    """At a browser of their own; `wrong` is what its pages should not have."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self.address, self.wrong = address, list[str]()
        context = chromium.new_context()
        context.set_default_timeout(15_000)
        context.add_init_script(Axe().axe_script)
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)

    def sign_in(self, login: str, word: str) -> Somebody:
        self.go("/sign-in")
        self.send("main form button.main", login=login, secret=word)
        return self

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def send(self, button: str, **typed: str) -> None:
        """Fill in, press, and look at the page that comes."""
        for name, value in typed.items():
            field = self.page.locator(f'main [name="{name}"]')
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.page.locator(button).click()
        self.page.wait_for_load_state()

    def look(self) -> str:
        """On a phone and on a desk: nothing that axe names, nothing that runs out of the page. Its text."""
        for (width, height), rules in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            here = f"{self.page.url.removeprefix(self.address)} {width}: "
            self.wrong += [here + one for one in self.page.evaluate(LOOK, rules)]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.wrong.append(f"{here}wider than the screen")
        return self.page.inner_text("main")

    def act(self, name: str, **typed: str) -> str:
        """An act of an account's page: filled in, looked at, signed; the text of the page that comes."""
        form = self.page.locator(f"#act-{name}")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        self.send(f"#act-{name} form button.button", **{f"{name}-{field}": value for field, value in typed.items()})
        return self.sign()

    def sign(self, **typed: str) -> str:
        self.look()
        self.send('button[name="checked"]', **typed)
        return self.look()


@pytest.fixture
def somebody(chromium: Browser, address: str):
    people: list[Somebody] = []

    def come(login: str, word: str = PASSWORD) -> Somebody:
        people.append(Somebody(chromium, address).sign_in(login, word))
        return people[-1]

    yield come
    for one in people:
        one.page.context.close()


def code(secret: bytes, *, later: int = 0) -> str:
    return totp.code(secret, totp.step_at(datetime.now(UTC) + timedelta(seconds=later)))


def test_from_enrolment_to_a_signature_with_two_factors(somebody):
    keeper, key_keeper = somebody("role_admin"), somebody("key_admin")
    wang, word = enrolled(keeper, key_keeper)

    newcomer = somebody("wang", word)
    newcomer.send("main form button.main", old=word, new=OWN, again=OWN)
    newcomer.sign_in("wang", OWN)
    assert newcomer.page.url.endswith("/desk")
    secret = enrol(newcomer)

    keeper.go(wang)
    assert "角色已授予" in keeper.act("grant", role="town_closer", unit=SHOWN_TOWN)
    newcomer.go("/desk")
    assert re.search("您的账户有变动.*角色已授予", newcomer.look(), re.S)
    newcomer.page.click("text=已知悉")
    assert "您的账户有变动" not in newcomer.look()

    newcomer.page.context.clear_cookies()  # another machine, where no code was given yet
    newcomer.sign_in("wang", OWN)
    newcomer.go("/account/second-factor/remove")
    newcomer.send("main form button.grave", reason="更换手机")
    assert "动态验证码不正确" in newcomer.sign(code_again="000000")
    assert "未启用" in newcomer.sign(code_again=code(secret, later=30))

    key_keeper.go("/people/keys")
    key_keeper.look()
    refused = re.compile("the server responded with a status of 422")
    assert [one for who in (keeper, key_keeper, newcomer) for one in who.wrong if not refused.search(one)] == []


def enrolled(keeper: Somebody, key_keeper: Somebody) -> tuple[str, str]:
    """The address of the newcomer's account, and the starting password that was shown."""
    keeper.go("/people")
    assert "镇（街道）经办" in keeper.look()
    keeper.go("/people/new")
    keeper.look()
    told = {"name": "王小明", "staff_number": "QC-31", "login": "wang", "role": "town_handler"}
    keeper.send("main form button.main", **told, unit=SHOWN_TOWN)
    assert "请密钥管理员登记签名密钥" in keeper.sign()
    wang = keeper.page.url.removeprefix(keeper.address)
    key_keeper.go("/people?state=no_key")
    assert "王小明" in key_keeper.look()
    key_keeper.go(wang)
    key_keeper.act("enrol_key")
    return wang, key_keeper.page.inner_text("#starting")


def enrol(newcomer: Somebody) -> bytes:
    """The secret that the telephone has from now on."""
    newcomer.go("/account")
    newcomer.look()
    newcomer.page.click("a.button.main")
    newcomer.look()
    secret = totp.secret_of("".join(newcomer.page.inner_text("#secret").split()))
    assert secret is not None
    newcomer.send("main form button.main", code=code(secret), password_again=OWN)
    assert newcomer.page.locator(".codes li").count() == 8
    assert "只显示这一次" in newcomer.look()
    return secret
