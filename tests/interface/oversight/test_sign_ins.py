"""The record of sign-ins as the commission sees it, and the second factor at its door."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from application.officials.second_factors import EnrolSecondFactor
from application.platform.home import write_whole
from application.vault import totp
from tests.cities import ORIGIN
from tests.interface.oversight.conftest import login_of, sign_in
from tests.interface.web.conftest import Browser

SECRET = b"12345678901234567890"


@pytest.fixture(name="stranger")
def _stranger(app):
    return Browser(app.test_client())


def test_e13_the_commission_sees_who_was_let_in_and_who_was_refused(browser, stranger, city):
    sign_in(stranger, login_of(city, "auditor"), "wrong password")
    sign_in(stranger, "nobody", "wrong password")

    page = browser.get("/sign-ins").text

    assert all(words in page for words in ("登录成功", "口令不正确", "测试auditor1", "没有这个账号", "监督端"))
    assert "127.0.0.1" not in page


def test_e13_the_record_is_found_by_name_and_result(browser, stranger, city):
    sign_in(stranger, login_of(city, "auditor"), "wrong password")

    found = browser.get("/sign-ins?person=auditor").text
    none = browser.get("/sign-ins?person=auditor&result=signed_in").text

    assert ("测试auditor1" in found, "测试discipline1" in found.partition("<table")[2]) == (True, False)
    assert "没有符合条件的登录记录" in none
    assert browser.get("/sign-ins?result=rubbish").status_code == 422


def test_e13_a_flood_of_tries_is_no_flood_of_rows(stranger, overseen):
    for _ in range(12):
        sign_in(stranger, "nobody", "wrong password")

    with overseen.database.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(times) FROM sign_in.record")
        rows, times = cursor.fetchone()
    assert (rows <= 4, times) == (True, 12)  # wrong and too early, in two minutes at most


def test_e13_nobody_else_opens_the_record(stranger):
    assert stranger.get("/sign-ins").status_code == 303


def test_e13_the_commissions_door_asks_for_the_code_too(stranger, home, city, clock):
    login, actor = login_of(city, "discipline"), city.actor("discipline", "320581")
    write_whole(home.instance, f'{{"origin": "{ORIGIN}", "mode": "training", "second_factor": "required"}}'.encode())
    assert sign_in(stranger, login).status_code == 403
    made = {"secret": SECRET, "code": code(clock, -30), "recovery": ("AAAA-BBBB-CCCC-DDDD",)}
    city.ledger.handle(EnrolSecondFactor(id=uuid4(), actor=actor, **made))

    assert sign_in(stranger, login).location == "/sign-in/code"
    assert stranger.get("/").status_code == 303
    wrong = stranger.post("/sign-in/code", page="/sign-in/code", code="000000")
    right = stranger.post("/sign-in/code", page="/sign-in/code", code="aaaa bbbb cccc dddd")

    assert (wrong.status_code, right.status_code, stranger.get("/").status_code) == (422, 303, 200)
    again = Browser(stranger.client.application.test_client())
    sign_in(again, login)
    assert again.post("/sign-in/code", page="/sign-in/code", code="aaaa bbbb cccc dddd").status_code == 422
    assert city.ledger.vault.second_factors.recovery_left(UUID(actor.id)) == 0


@pytest.mark.parametrize("page", ["/readings?day={0}&to_day={0}", "/events?day={0}&to_day={0}", "/sign-ins?page={0}"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2200-01-01"])
def test_e16_a_day_at_the_end_of_the_calendar_is_answered(browser, page, day):
    assert browser.get(page.format(day)).status_code in (200, 422)


def code(clock, seconds: int) -> str:
    return totp.code(SECRET, totp.step_at(clock.now() + timedelta(seconds=seconds)))
