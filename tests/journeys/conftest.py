"""A served training instance and a real Chromium."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from application.platform.home import Home
from interface.demo.load import load
from interface.demo.people import PASSWORD
from interface.first_start import create
from interface.runtime.config import DEFAULT_ORIGIN
from tests import places

COMMAND = [sys.executable, "-c", "from interface.cli.main import main; main()"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
LOOK = "rules => axe.run(document, rules).then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"
SIZES = {  # colours are the same on both, and comparing them takes most of the time
    (390, 844): RULES | {"rules": {"color-contrast": {"enabled": False}}},
    (1440, 900): RULES,
}


@contextmanager
def made(problems: int) -> Iterator[Home]:
    """A training instance with its people, estates and companies, and so many matters."""
    folder = places.place("journey")
    home = Home(folder / "home")
    create(home, origin=DEFAULT_ORIGIN, training=True)
    load(home, problems=problems, seed=1)
    yield home
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    """No matter yet."""
    with made(0) as home:
        yield home


@pytest.fixture(scope="session")
def address(home: Home) -> Iterator[str]:
    """Where the instance answers."""
    with served(home) as address:
        yield address


class Town(NamedTuple):
    home: Home
    address: str


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """Matters at every stage, to be looked at and not changed."""
    with made(12) as home, served(home) as address:
        yield Town(home, address)


@contextmanager
def served(home: Home) -> Iterator[str]:
    """Its address, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*COMMAND, "serve", "--home", str(home.path), "--port", str(port)]
    with (home.path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert re.search(r"answers on http://", said), (home.path / "serve.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def xiaohao(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as an operator calls it."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)


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
