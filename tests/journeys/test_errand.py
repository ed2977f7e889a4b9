"""The whole errand: a tip becomes a problem, three people strike it off, the figures move, and the published log proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from application.platform.clock import SystemClock, today
from application.verifier.formats.tiles import ENTRIES, join, path_of, split
from interface.demo.people import PASSWORD, SHOWN_TOWN
from tests.journeys.conftest import xiaohao

TOLD = "电梯一个月停了五次，打电话给物业每次都说明天来修，老人下不了楼"
pytestmark = pytest.mark.journey


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, chromium: Browser, address: str, login: str) -> None:
        self.address = address
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(15_000)
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.go("/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#secret", PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_url("**/desk")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def act(self, name: str, **typed: str) -> None:
        """Fill in the form of an act on the matter's page and send it."""
        form = self.page.locator(f"#act-{name}")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        self.fill(form, name, typed)
        form.locator("form button.button").click()
        self.page.wait_for_load_state()

    def sign(self, name: str, **typed: str) -> None:
        """A weighty act: looked at in words, then signed."""
        self.act(name, **typed)
        if (secret := self.page.locator("#password_again")).count():
            secret.fill(PASSWORD)
        self.page.click('button[name="checked"]')
        self.page.wait_for_load_state()

    def fill(self, form, prefix: str, typed: dict[str, str]) -> None:
        for field, value in typed.items():
            control = form.locator(f'[name="{prefix}-{field}"]' if prefix else f'[name="{field}"]').first
            kind = control.evaluate("e => e.type")
            if kind in ("radio", "checkbox"):
                form.locator(f'[name="{prefix}-{field}"][value="{value}"]').check()
            elif kind == "file":
                control.set_input_files(value)
            elif kind.startswith("select"):
                control.select_option(value)
            else:
                control.fill(value)

    def sees(self, text: str) -> bool:
        return text in self.page.inner_text("main")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)


@pytest.fixture
def people(chromium, address):
    made: dict[str, Person] = {}

    def find(login: str) -> Person:
        if login not in made:
            made[login] = Person(chromium, address, login)
        return made[login]

    yield find
    for person in made.values():
        assert person.wrong == []
        person.page.context.close()


@pytest.fixture
def photo(tmp_path) -> str:
    return taken(tmp_path / "现场.jpg", (200, 210, 220))


@pytest.fixture
def later(tmp_path) -> str:
    return taken(tmp_path / "复查.jpg", (220, 210, 200))


def taken(path: Path, colour: tuple[int, int, int]) -> str:
    picture = BytesIO()
    Image.new("RGB", (320, 240), colour).save(picture, "JPEG")
    path.write_bytes(picture.getvalue())
    return str(path)


def register(desk: Person) -> str:
    desk.go("/tips/new?accuses=no")
    form = desk.page.locator("main form").last
    desk.fill(form, "", {"channel": "12345", "received_on": today(SystemClock()).isoformat(), "text": TOLD})
    form.locator("button.main").click()
    desk.page.wait_for_url(re.compile(r"/tips/[0-9a-f-]{36}$"))
    return desk.path


def in_days(days: int) -> str:
    return (today(SystemClock()) + timedelta(days)).isoformat()


def option(person: Person, name: str, words: str) -> str:
    """The value of the option with these words."""
    return person.page.locator(f'[name="{name}"] option', has_text=words).first.get_attribute("value")


def convert(handler: Person) -> str:
    """The tip becomes a problem; its page."""
    handler.page.get_by_role("link", name="转为问题").click()
    form = handler.page.locator("main form").last
    typed = {
        "title": "六号楼电梯频繁停梯",
        "item": "3.1",
        "description": "六号楼电梯当月停梯五次，维保记录缺失",
        "kind": "by_deadline",
        "responsible": option(handler, "problem1-responsible", "演练物业甲有限公司"),
        "owner": option(handler, "problem1-owner", "经办"),
        "measures": "更换主板，增加维保频次",
        "due_on": in_days(15),
    }
    handler.fill(form, "problem1", typed)
    form.locator("button.main").click()
    handler.page.wait_for_url(re.compile(r"/tips/[0-9a-f-]{36}$"))
    handler.go("/problems")
    handler.page.locator("table tbody a").first.click()
    handler.page.wait_for_url(re.compile(r"/problems/[0-9a-f-]{36}$"))
    return handler.path


def figure(person: Person, title: str) -> str:
    """A number of this week's strip."""
    person.go("/figures/weekly")
    return person.page.locator(".kpi", has_text=title).locator("b").inner_text()


def test_a_tip_becomes_a_signed_close_out(people, photo, later, home):
    desk = people("city_desk")
    before = {title: figure(desk, title) for title in ("新增线索", "新增问题", "销号问题")}

    problem = verified(desk, handler_of(people))
    rectified(problem, people, photo, later)

    after = {title: figure(desk, title) for title in before}
    assert {title: int(after[title]) - int(before[title]) for title in before} == dict.fromkeys(before, 1)
    assert deducted(problem, people) == "98"
    prove(home.path)


def handler_of(people) -> Person:
    return people(f"town_handler-{SHOWN_TOWN[6:]}")


def verified(desk: Person, handler: Person) -> str:
    """A tip, registered and handed on by the desk, verified by the town and entered as a problem: its page."""
    tip = register(desk)
    assert desk.sees("日志第")
    desk.act("accept", item="3.1")
    desk.act("assign", unit=SHOWN_TOWN, due_on=in_days(10))
    handler.go(tip)
    handler.act("acknowledge")
    estate = option(handler, "verify-estate", "演练花园")
    handler.act("verify", result="true", finding="现场查看，六号楼轿厢停在一层", estate=estate)
    return convert(handler)


def rectified(problem: str, people, photo: str, later: str) -> None:
    """Two steps with a photo, reported, refused once, verified, and closed by a third person."""
    handler = handler_of(people)
    verifier, closer = people(f"town_verifier-{SHOWN_TOWN[6:]}"), people(f"town_closer-{SHOWN_TOWN[6:]}")
    handler.act("assign", handler=option(handler, "assign-handler", "经办"))
    handler.act("step", note="已约谈项目负责人", evidence=photo)
    handler.act("step", note="主板已更换", evidence=photo, shows="维保或检验报告")
    handler.act("report", note="已完成整改", completed_on=in_days(0))
    verifier.go(problem)
    verifier.act("refuse", reason="缺少检验报告照片")
    handler.go(problem)
    report = {"note": "已补充检验报告", "completed_on": in_days(0), "shows": "维保或检验报告"}
    handler.act("report", **report, evidence=later)
    verifier.go(problem)
    verifier.act("verify", method="on_site", note="运行正常")
    closer.go(problem)
    closer.sign("close", note="同意销号")
    assert closer.sees("已销号")


def deducted(problem: str, people) -> str:
    """A deduction, proposed by the town and decided by the bureau; what the company's balance shows."""
    handler, housing = handler_of(people), people("housing_decider")
    handler.go(problem)
    handler.page.get_by_role("link", name="提请扣分").click()
    form = handler.page.locator("main form").last
    handler.fill(form, "", {"score_code": "J-09", "points": "2", "reason": "多次督促后才整改"})
    form.locator("button.main").click()
    handler.page.wait_for_url(re.compile(r"/deductions/[0-9a-f-]{36}$"))
    housing.go(handler.path)
    housing.sign("decide", points="2", document="演练信用〔2026〕1号", decided_on=in_days(0))
    housing.page.locator("dl a", has_text="演练物业甲有限公司").click()
    return housing.page.locator(".kpi", has_text="信用余分").locator("b").inner_text()


def prove(home: Path) -> None:
    """Publish, verify, alter one byte of one entry, and see it named."""
    published = xiaohao("publish", "--once", "--home", str(home))
    assert published.returncode == 0, published.stdout + published.stderr
    size = int(re.search(r"published (\d+) entries", published.stdout)[1])
    vkey = f"@{home}/trail/log.vkey"
    verified = xiaohao("verify", str(home / "trail"), "--vkey", vkey)
    assert (verified.returncode, f"共 {size} 条" in verified.stdout) == (0, True), verified.stdout
    clean = xiaohao("fsck", "--home", str(home))
    assert clean.returncode == 0, clean.stdout
    same = xiaohao("rebuild", "--check", "--home", str(home))
    assert same.returncode == 0, same.stdout

    with altered(home / "trail", size - 1):
        found = xiaohao("verify", str(home / "trail"), "--vkey", vkey)
    assert found.returncode == 1
    assert f"第 {size} 条" in found.stdout
    assert "ENTRY_MISMATCH" in found.stdout


@contextmanager
def altered(trail: Path, index: int) -> Iterator[None]:
    """One byte of this entry is another one inside the block; other journeys read the same folder."""
    width = (index + 1) % 256 or 256
    path = trail / path_of(ENTRIES, index // 256, width)
    whole = path.read_bytes()
    entries = split(whole, width, str(path))
    forged = bytearray(entries[-1])
    forged[200] ^= 1
    path.write_bytes(join([*entries[:-1], bytes(forged)]))
    yield
    path.write_bytes(whole)
