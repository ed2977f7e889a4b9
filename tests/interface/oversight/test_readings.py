"""Who read what and why; and whose key was in force when."""

from __future__ import annotations

from base64 import b64encode

from application.audit.access_record import seal_readings
from application.log.log_keys import KeyFiles
from application.officials.keys import RotateLogKey
from application.officials.officials import RevokeKey
from application.verifier.formats.note import ED25519, NoteKey
from tests.cities import City
from tests.interface.oversight.conftest import login_of, sign_in
from tests.interface.web.conftest import Browser


def rows(browser: Browser, query: str = "") -> int:
    return browser.get(f"/readings{query}").text.count("<tr>") - 1


def test_a_reading_is_told_with_its_reason_and_whether_it_is_sealed(browser: Browser, city: City, matters, publish):
    tip = matters.tip()
    city.ledger.vault.record_access(city.desk, what=f"tip/{tip}/text", why="verify")
    seal_readings(city.ledger, settled="0 seconds")
    publish()

    page = browser.get("/readings?kind=tip").text

    for words in ("测试city_desk1", "线索原文", "核查", "已封存", f"/matters/{tip}"):
        assert words in page


def test_readings_are_filtered_by_person_kind_and_day(browser: Browser, city: City, matters):
    city.ledger.vault.record_access(city.desk, what=f"tip/{matters.tip()}/text", why="screen")

    assert rows(browser, "?person=city_desk") == 1
    assert rows(browser, "?person=nobody") == -1
    assert rows(browser, "?kind=tip") == 1
    assert rows(browser, "?kind=pack") == -1
    assert rows(browser, "?to_day=2020-01-01") == -1
    assert rows(browser, "?day=2020-01-01") > 1
    assert browser.get("/readings?day=2020-02-31").status_code == 422


def test_every_kind_of_reading_is_told_in_words_and_found_by_its_kind(browser: Browser, city: City, matters, app):
    tip, lead = matters.tip(), matters.tip(accuses_official=True)
    done = {
        "tip": (f"tip/{tip}/text", "screen"),
        "identity": (f"tip/{tip}/reporter+contact", f"disclosure/{tip}"),
        "tips": ("tips/search/12", "search"),
        "export": ("export/listings.tips/xlsx", "all"),
        "lead": (f"lead/{lead}", "letter"),
        "pack": (f"pack/{tip}", "oversight"),
        "entry": ("entry/7", "oversight"),
    }
    for what, why in done.values():
        city.ledger.vault.record_access(city.desk, what=what, why=why)
    auditor = Browser(app.test_client())
    sign_in(auditor, login_of(city, "auditor"))

    for kind, (what, why) in done.items():
        assert rows(browser, f"?kind={kind}") == 1, kind
        shown = browser.get(f"/readings?kind={kind}").text.partition("<tbody>")[2]
        assert [code for code in (f">{what}", f">{why}", "reporter+contact") if code in shown] == [], kind
    assert "导出 问题线索 xlsx" in browser.get("/readings?kind=export").text
    assert "反映人姓名、联系方式" in browser.get("/readings?kind=identity").text
    assert (rows(browser, "?person=city_desk"), rows(auditor, "?person=city_desk")) == (7, 6)
    assert auditor.get("/readings?kind=lead").status_code == 422


def test_whoever_looks_at_the_readings_is_in_them(browser: Browser):
    first = rows(browser)

    assert rows(browser) == first + 1


def test_a_key_is_in_force_until_it_is_revoked(browser: Browser, city: City, matters, publish):
    desk = city.desk
    before = len(city.topics())
    key = city.ledger.authority().keys_in_force[desk.id]
    key_admin = city.actor("key_admin", "320581")
    at = len(city.topics())
    matters.do(RevokeKey, key_admin, official=_id(desk), reason="密钥遗失")

    def state(position: int) -> str:
        row = next(row for row in browser.get(f"/keys?at={position}").text.split("<tr>") if key in row)
        return "有效" if ">有效<" in row else "已停用"

    assert state(before) == state(at) == "有效"
    assert state(at + 1) == "已停用"
    assert browser.get(f"/keys?at={at + 2}").status_code == 404


def test_a_key_of_the_log_is_shown_until_another_takes_over(browser: Browser, city: City, home, matters, publish):
    old = KeyFiles(home.keys, ED25519).current
    new = NoteKey(old.name, old.kind, bytes(range(32)))
    proof = b64encode(old.sign_raw(str(new.vkey).encode())).decode()
    matters.do(RotateLogKey, city.actor("key_admin", "320581"), old=str(old.vkey), new=str(new.vkey), proof=proof)
    at = len(city.topics())

    def own(position: int) -> str:
        return browser.get(f"/keys?at={position}").text.partition("人员的密钥")[0]

    assert (old.vkey.label in own(at - 1), new.vkey.label in own(at - 1)) == (True, False)
    assert "由新密钥接替" not in own(at - 1)
    assert new.vkey.label in own(at)
    assert (f"第 {at} 条起由新密钥接替" in own(at), f">第 {at} 条起<" in own(at)) == (True, True)


def _id(actor):
    from uuid import UUID

    return UUID(actor.id)
