"""A tip from a phone, its proof, a witness; then an event is dropped by hand, named, and put back; and the reporter is forgotten."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, Page

from application.verifier.formats.merkle import leaf_hash
from interface.demo.people import PASSWORD
from tests.journeys.conftest import xiaohao

TOLD = "三号楼电梯每天停两次，老人被困过，CANARY-OF-THE-TRAIL"
ENOUGH = 40  # seconds until a job beside the pages has surely run
pytestmark = pytest.mark.journey


@pytest.fixture
def phone(chromium: Browser):
    """A phone without JavaScript."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def commission(chromium: Browser, address):
    """The discipline commission, at its own door."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{address}/oversight/sign-in")
    page.fill("#login", "discipline")
    page.fill("#secret", PASSWORD)
    page.click("main form[method=post] button.main")
    page.wait_for_url("**/oversight/")
    yield page
    context.close()


def tell(page: Page, address: str) -> str:
    """Through the four pages; the code at the end."""
    page.goto(f"{address}/")
    page.click('main a:has-text("我要举报")')
    page.check('input[name="accuses"][value="no"]')
    page.click("button.main")
    page.fill('textarea[name="text"]', TOLD)
    page.click("button.main")
    page.click("button.main")
    time.sleep(4)  # whoever is faster than people are is asked to wait
    page.click("button.main")
    box = page.locator("main").bounding_box()
    assert (box is not None and box["width"] <= 390, page.locator("h1").count()) == (True, 1)
    return page.inner_text("#code")


def until(page: Page, look) -> None:
    deadline = time.monotonic() + ENOUGH
    while not look(page):
        assert time.monotonic() < deadline, page.inner_text("main")
        time.sleep(0.5)


def tracked(page: Page, address: str, code: str, words: str) -> None:
    """Ask until the page says so."""

    def look(page: Page) -> bool:
        page.goto(f"{address}/tip/track")
        page.fill('input[name="code"]', code)
        page.click("main button.main")
        return words in page.inner_text("main")

    until(page, look)


def download(page: Page, button: str, to: Path) -> Path:
    with page.expect_download() as started:
        page.click(f'button:has-text("{button}")')
    started.value.save_as(to)
    return to


def examined(page: Page, address: str) -> str:
    """The newest verdict of the oversight door, asked for now."""
    page.goto(f"{address}/oversight/")
    if page.locator(".verdict").count():
        with page.expect_navigation():  # or the next page would be gone to before it was asked for
            page.click('button:has-text("立即核验")')

    def look(page: Page) -> bool:
        page.goto(f"{address}/oversight/")
        return page.locator(".verdict").count() == 1 and "尚未完成" not in page.inner_text("main")

    until(page, look)
    return page.inner_text(".verdict")


def good(*arguments: str) -> str:
    done = xiaohao(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_hand(home: Path, statement: str) -> None:
    """As the database's owner, with the triggers out of the way."""
    dsn = json.loads((home / "run" / "server.json").read_text())["dsn"]
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        connection.commit()


def verified(home: Path, folder: Path, *more: str) -> str:
    papers = ["--policy", str(folder / "policy"), "--genesis", (folder / "genesis").read_text()]
    asked = ["verify", str(home / "trail"), "--state", str(folder / "state"), *papers]
    return good(*asked, *more)


@pytest.fixture
def witness(home, tmp_path) -> Path:
    """The commission's machine: its own keys, the log's keys and the genesis from paper, its policy."""
    keys = home.trail / "log.vkey"
    good("publish", "--once", "--home", str(home.path))
    good("witness", "init", "--home", str(tmp_path / "witness"), "--name", "commission.test/w", "--log", f"@{keys}")
    for policy in (tmp_path / "policy", home.path / "policy"):
        policy.write_bytes((tmp_path / "witness" / "verify.policy").read_bytes())
    good("proof", "1", "-o", str(tmp_path / "first"), "--home", str(home.path))
    genesis = leaf_hash((tmp_path / "first.entry").read_bytes()).hex()
    (tmp_path / "genesis").write_text(genesis)
    return tmp_path / "witness"


def cosigned(home: Path, witness: Path) -> None:
    out = witness.parent / "cosigned"
    good("publish", "--once", "--home", str(home))
    good("witness", "cosign", str(home / "trail"), "--home", str(witness), "-o", str(out))
    good("publish", "--add-cosignature", str(out), "--home", str(home))


def test_what_was_told_is_proved_and_what_was_dropped_is_named(phone, commission, witness, address, home, tmp_path):
    cosigned(home.path, witness)
    assert "中" in verified(home.path, tmp_path)  # there is nothing to remember yet
    code = tell(phone, address)
    tracked(phone, address, code, "已登记")
    cosigned(home.path, witness)
    tracked(phone, address, code, "下载证明")
    proof = download(phone, "下载证明", tmp_path / "tip.tlog-proof")
    entry = download(phone, "下载条目", tmp_path / "tip.entry")
    good("verify", "--proof", str(proof), "--entry", str(entry), "--vkey", f"@{home.trail / 'log.vkey'}")
    assert "强" in verified(home.path, tmp_path, "--require", "strong")

    position = int(re.search(r"日志第 (\d+) 条", phone.inner_text("main"))[1])
    by_hand(home.path, f"DELETE FROM log.event WHERE position = {position}")
    dropped = xiaohao("fsck", "--home", str(home.path))
    red = examined(commission, address)
    assert (dropped.returncode, f"position {position}" in dropped.stdout) == (1, True), dropped.stdout
    assert f"异常：第 {position} 条" in red
    assert "已发布的日志仍核验通过" in red
    assert "强" in verified(home.path, tmp_path, "--require", "strong")

    assert f"position {position}" in good("restore", "--home", str(home.path))
    assert "通过" in examined(commission, address).split("\n")[0]

    tip = json.loads(b64decode(json.loads(entry.read_bytes())["payload"]))["stream"]
    good("vault", "shred", tip, "--ground", "retention", "--as", "city_desk", "--home", str(home.path))
    good("vault", "shred", tip, "--as", "city_decider", "--home", str(home.path))
    cosigned(home.path, witness)
    assert "强" in verified(home.path, tmp_path, "--require", "strong")
    good("fsck", "--home", str(home.path))
    assert [
        path for path in home.path.rglob("*") if path.is_file() and b"CANARY-OF-THE-TRAIL" in path.read_bytes()
    ] == []
