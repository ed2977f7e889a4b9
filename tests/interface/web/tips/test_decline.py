"""批量不予受理: one reason for many, an event for each, and every row that was refused is told."""

from __future__ import annotations

import re

import pytest

from application.tips.commands import AcceptTip
from domain import laws
from domain.tips.tip import Tip
from tests.matters import Matters

BASIS = next(iter(laws.grounds("decline")))
TYPED = {"reason": "同一网络大量重复提交，不属于整治范围", "basis": BASIS}


@pytest.fixture
def matters(city):
    return Matters(city)


@pytest.fixture
def desk(signed_in):
    return signed_in("city_desk", "320581")


def offered(page: str) -> list[str]:
    return re.findall(r'name="tips" id="tip-\d+" value="([^"]+)"', page)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="tips" id="tip-\d+" value="([^"]+)" checked', page)


def send(browser, chosen, page: str = "/tips/decline", **typed):
    token = re.search(r'name="token"[^>]*value="([^"]+)"', browser.get(page).text)[1]
    return browser.post("/tips/decline", page=page, token=token, tips=chosen, **{**TYPED, **typed}), token


def declined(city) -> list:
    return [event for event in city.ledger.read(after=0, limit=10_000) if event.topic == "tip.declined"]


def test_e11_many_tips_are_declined_in_one_act_with_an_event_each(desk, matters, city, services):
    tips = [matters.tip(text=f"垃圾内容 {n}", channel="web") for n in range(4)]
    services.projections.catch_up()
    chosen = offered(desk.get("/tips/decline?channel=web").text)
    assert {one.partition(":")[0] for one in chosen} == {str(tip) for tip in tips}

    answer, token = send(desk, chosen[:3])
    again = desk.post("/tips/decline", page="/tips", token=token, tips=chosen[:3], **TYPED)

    assert (answer.status_code, "已办理 3 条，未办理 0 条" in answer.text) == (200, True)
    assert (again.status_code, "已办理 3 条，未办理 0 条" in again.text) == (200, True)
    events = declined(city)
    assert len(events) == 3
    assert {event.data["reason"] for event in events} == {TYPED["reason"]}
    assert offered(desk.get("/tips/decline?channel=web").text) == chosen[3:]


def test_e11_a_row_that_is_refused_is_told_and_keeps_none_of_the_others(desk, matters, city, services):
    first, second = matters.tip(text="一"), matters.tip(text="二")
    services.projections.catch_up()
    chosen = offered(desk.get("/tips/decline").text)
    matters.do(AcceptTip, city.desk, tip=first, seen=matters.seen(Tip, first), item=None, note="")
    answer, _token = send(desk, [*chosen, "00000000-0000-4000-8000-000000000000:1"])

    assert (answer.status_code, "已办理 1 条，未办理 2 条" in answer.text) == (200, True)
    assert "没有这条线索" in answer.text
    assert [event.stream for event in declined(city)] == [str(second)]


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [([], {}), (None, {"reason": ""}), (None, {"basis": ""})],
    ids=["none", "no reason", "no basis"],
)
def test_what_is_missing_is_told_and_what_was_ticked_is_kept(desk, matters, city, services, chosen, typed):
    matters.tip()
    services.projections.catch_up()
    chosen = offered(desk.get("/tips/decline").text) if chosen is None else chosen
    answer, _token = send(desk, chosen, **typed)

    assert (answer.status_code, ticked(answer.text), declined(city)) == (422, chosen, [])


def test_rubbish_for_a_tip_is_a_sentence(desk, matters, services):
    matters.tip()
    services.projections.catch_up()
    answer, _token = send(desk, ["not a tip"])

    assert (answer.status_code, "表单不完整" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("role", "unit"), [("auditor", "320581"), ("discipline", "320581"), ("town_verifier", "320581003")]
)
def test_only_whoever_may_decline_one_may_decline_many(signed_in, matters, services, role, unit):
    matters.tip()
    services.projections.catch_up()
    browser = signed_in(role, unit)

    assert browser.get("/tips/decline").status_code == 403
    assert browser.post("/tips/decline", page="/tips", tips=["x"], **TYPED).status_code == 403
    assert "批量不予受理" not in browser.get("/tips").text
