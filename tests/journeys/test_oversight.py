"""The discipline commission at its own door: every page, on a desk, on a phone and on paper; and what it carries away."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page

from interface.demo.people import PASSWORD
from tests.journeys.conftest import Town, xiaohao
from tests.journeys.test_trail import download, examined, good

PAGES = "/ /checkpoints /verdicts /events /events/1 /alerts /readings /keys"
PAPER = {"width": 718, "height": 1047}  # A4 within its margins
CUT = """[...document.querySelectorAll("main *")].filter(one => one.clientWidth > 1 && one.scrollWidth > one.clientWidth
    && getComputedStyle(one).overflowX !== "visible").map(one => one.className)"""
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def door(chromium: Browser, town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Signed in, with everything published and witnessed."""
    home, folder = town.home, tmp_path_factory.mktemp("commission")
    good("publish", "--once", "--home", str(home.path))
    log, name = f"@{home.trail / 'log.vkey'}", "discipline-commission.changshu/witness"
    good("witness", "init", "--home", str(folder / "w"), "--name", name, "--log", log)
    home.policy.write_bytes((folder / "w" / "verify.policy").read_bytes())
    good("witness", "cosign", str(home.trail), "--home", str(folder / "w"), "-o", str(folder / "cosigned"))
    good("publish", "--add-cosignature", str(folder / "cosigned"), "--home", str(home.path))
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=town.address)
    context.set_default_timeout(15_000)
    page, wrong = context.new_page(), list[str]()
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto("/oversight/sign-in")
    page.fill("#login", "discipline")
    page.fill("#secret", PASSWORD)
    page.click("main form[method=post] button.main")
    page.wait_for_url("**/oversight/")
    yield page
    context.close()
    assert wrong == []


def go(page: Page, path: str) -> None:
    answer = page.goto(f"/oversight{path}")
    assert answer is not None
    assert answer.status == 200, path


def found(page: Page, **typed: str) -> list[int]:
    """The positions that the explorer finds for what was typed into its form."""
    go(page, "/events")
    form = page.locator("form.filters")
    for name, value in typed.items():
        control = form.locator(f'[name="{name}"]')
        control.select_option(value) if control.evaluate("e => e.tagName") == "SELECT" else control.fill(value)
    form.get_by_role("button", name="查询").click()
    page.wait_for_load_state()
    return [int(text) for text in page.locator('main td[data-label="第几条"] a').all_inner_texts()]


def test_an_event_is_found_by_whatever_is_known_of_it(door: Page, tmp_path: Path):
    position = found(door, topic="problem.closed")[0]
    go(door, f"/events/{position}")
    said, raw = door.inner_text("main"), json.loads(door.inner_text("pre"))
    number = re.search(r"常物整〔\d+〕\S+", said)[0]
    leaf = re.search(r"\b[0-9a-f]{64}\b", said)[0]
    signer = door.locator("dt", has_text="签名人").locator("+ dd").inner_text()
    entry = download(door, "下载条目", tmp_path / "an.entry")
    door.click("text=这个事项的全部经过")
    door.wait_for_load_state()
    estate = estate_of(door, estate_now(door))

    assert "签名正确" in said
    assert "签署时有效" in said
    for typed in (
        {"position": str(position)},
        {"person": signer, "topic": "problem.closed"},
        {"unit": raw["unit"], "topic": "problem.closed"},
        {"estate": estate, "topic": "problem.closed"},
        {"number": number},
        {"hash": leaf},
    ):
        assert position in found(door, **typed), typed
    assert found(door, position=str(position)) == [position]

    go(door, "/events")
    door.set_input_files('input[type="file"]', entry)
    door.get_by_role("button", name="比对").click()
    assert f"第 {position} 条" in door.inner_text("main")
    entry.write_bytes(entry.read_bytes()[:-1])
    door.set_input_files('input[type="file"]', entry)
    door.get_by_role("button", name="比对").click()
    assert "不在日志里" in door.inner_text("main")


def rows(page: Page) -> list[str]:
    return page.locator("main tbody tr").all_inner_texts()


def estate_now(page: Page) -> str:
    """The estate of the matter whose events are listed: that of its entry, or of the last correction that names another."""
    told = [int(row.split("\t")[0]) for row in rows(page) if "问题已入账" in row or "问题登记已更正" in row]
    named = []
    for position in sorted(told):
        go(page, f"/events/{position}")
        named.append(json.loads(page.inner_text("pre"))["data"].get("estate"))
    return next(estate for estate in reversed(named) if estate)


def estate_of(page: Page, stream: str) -> str:
    go(page, f"/matters/{stream}")
    return page.inner_text("h1")


def test_what_is_carried_away_verifies_offline(door: Page, tmp_path: Path, monkeypatch):
    go(door, f"/events/{found(door, topic='problem.closed')[0]}")
    door.click("text=这个事项的全部经过")
    door.wait_for_load_state()
    told = rows(door)
    pack = download(door, "下载证据包", tmp_path / "pack.zip")
    door.locator("form[data-sent]").wait_for(state="detached")
    download(door, "下载证据包", tmp_path / "again.zip")  # the page is still there, and so is its button

    ZipFile(pack).extractall(tmp_path / "pack")
    monkeypatch.chdir(tmp_path / "pack")
    key, said = Path("log.vkey").read_text().split()[0], Path("README.txt").read_text()
    command = re.search(r"^ +xiaohao (verify .*)$", said, re.MULTILINE)[1].replace("KEY", key)
    positions = json.loads(Path("manifest.json").read_text())["positions"]
    assert len(positions) == len(told) > 5
    for _position, _what, signer, leaf, proof in (row.split("\t") for row in told):
        assert (bool(signer.strip("— ")), len(leaf), proof[:2]) == (True, 16, "下载")
    assert subprocess.run(["/usr/bin/sha256sum", "-c", "--quiet", "SHA256SUMS"]).returncode == 0
    for place in (str(pack), "."):
        assert xiaohao(*command.replace("PACK.zip", place).split()).returncode == 0
    entry = Path(f"entries/{positions[0]}.entry")
    entry.write_bytes(entry.read_bytes().replace(b"payloadType", b"payloadtype"))
    assert xiaohao(*command.replace("PACK.zip", ".").split()).returncode == 1

    go(door, "/readings?kind=pack")
    assert "证据包" in rows(door)[0]
    assert "市纪委监委" in rows(door)[0]


def test_keys_alerts_and_verdicts_add_up(door: Page, town: Town):
    assert "通过" in examined(door, town.address).split("\n")[0]
    size = int(re.search(r"通过：(\d+) 条", door.inner_text("main"))[1])
    go(door, f"/checkpoints?upto={size}")
    assert f"{size}\t" in rows(door)[0]
    go(door, "/keys")
    now = rows(door)
    go(door, "/keys?at=60")
    then = rows(door)
    assert 2 < len(then) < len(now)
    go(door, "/alerts?days=all")
    counted = {row.split("\t")[0]: row.split("\t")[2].strip() for row in rows(door)}
    for title in ("账号、角色与密钥变动", "问题逾期"):
        go(door, "/alerts?days=all")
        door.click(f"main td >> text={title}")
        door.wait_for_load_state()
        assert f"共 {counted[title]} 件" in door.inner_text("main")


def test_every_page_fits_a_desk_a_phone_and_paper(door: Page):
    go(door, "/events?topic=problem.closed")
    matter = door.locator('a[href*="/matters/"]').first.get_attribute("href").removeprefix("/oversight")
    for path in [*PAGES.split(), matter, "/alerts/authority?days=all"]:
        go(door, path)
        for width, height in SIZES.values():
            door.set_viewport_size({"width": width, "height": height})
            assert door.evaluate("document.documentElement.scrollWidth") <= width, path
            assert door.locator("h1").count() == 1, path
        door.set_viewport_size(PAPER)
        door.emulate_media(media="print")
        assert door.evaluate(CUT) == [], path
        assert not any(
            door.locator(each).first.is_visible() for each in (".menu", ".looks") if door.locator(each).count()
        )
        door.emulate_media(media="screen")
