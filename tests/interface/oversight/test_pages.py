"""Every page of the oversight door answers, with one heading, in both languages."""

from __future__ import annotations

import re

import pytest

from application.vault.letterbox import fingerprint, new_pair
from interface.oversight.verification_job import Examination
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


@pytest.mark.parametrize(
    "address", ["/", "/checkpoints", "/verdicts", "/alerts", "/keys?at=0", "/events?hash=00000000"]
)
def test_whoever_reads_english_finds_chinese_in_names_only(browser: Browser, examination: Examination, address: str):
    """Also what the verifier found: the folder is broken here."""
    examination.run()
    (examination.home.trail / "checkpoint").write_bytes(b"nothing")
    examination.run()
    browser.client.set_cookie("language", "en")

    text = re.sub(r"<option.*?</option>|<[^>]*>", " ", browser.get(address).text, flags=re.DOTALL)
    for name in ("测试discipline1", "市纪委监委", "市专班", "中文"):
        text = text.replace(name, "")

    assert re.findall("[^\n]*[\u4e00-\u9fff][^\n]*", text) == []


def test_e8_the_key_page_has_the_commissions_fingerprint(browser: Browser, home, publish):
    (_, first), (_, other) = new_pair(), new_pair()
    home.describe(**home.read() | {"commission": fingerprint(first)})
    path, pages = home.path / "vault" / "commission.pub", []
    for public in ("", first, other):
        path.write_text(public)
        pages.append(browser.get("/keys").text)

    assert [("缺失或已损坏" in page, "一致" in page, "已被调换" in page) for page in pages] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert all(fingerprint(first) in page for page in pages)
    assert fingerprint(other) in pages[2]
