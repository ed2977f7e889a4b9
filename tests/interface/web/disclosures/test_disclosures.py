"""Identities are opened by request, reason and a second person; tips are destroyed by two, and kept from whom they are about."""

from __future__ import annotations

import json

import pytest

from application.tips.commands import AcceptTip, AcknowledgeTip, AssignTip
from application.verifier.formats.commitments import opens
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.tips.test_tips import CITY, act, hidden
from tests.matters import TOLD, Matters

COMMISSION = "320581-discipline"
NAME, PHONE = "金丝雀女士", "13812345678"
REASON = "须向反映人核实现场情况"


@pytest.fixture
def matters(city):
    return Matters(city)


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def tip(matters, follow):
    tip = matters.tip(reporter=NAME, contact=PHONE)
    follow()
    return tip


def request(browser, tip, reason=REASON, wanted=("reporter", "contact")):
    address = f"/disclosures/new?tip={tip}"
    token = hidden(browser.get(address).text, "token")
    return browser.post(address, page=address, token=token, reason=reason, wanted=list(wanted))


def disclosure_of(city):
    return next(e.stream for e in city.ledger.read(after=0, limit=1000) if e.topic == "disclosure.requested")


def do(browser, id, name, *, token=None, checked="1", **typed):
    """One act of a request's page, with its 核对 and the password."""
    page = browser.get(f"/disclosures/{id}").text
    own = {f"{name}-token": token or hidden(page, f"{name}-token"), f"{name}-seen": "1"}
    sent = {"checked": checked, "password_again": PASSWORD, **own, **{f"{name}-{k}": v for k, v in typed.items()}}
    return browser.post(f"/disclosures/{id}/{name}", page=f"/disclosures/{id}", **sent)


def accesses(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT what, why FROM vault.access ORDER BY id")
        return cursor.fetchall()


def test_an_identity_is_opened_by_two_persons_and_shown_once(signed_in, city, tip, database):
    desk, decider = signed_in("city_desk", CITY), signed_in("city_decider", CITY)
    assert request(desk, tip).status_code == 303
    id = disclosure_of(city)
    assert do(decider, id, "approve", note="").status_code == 303
    token = hidden(desk.get(f"/disclosures/{id}").text, "open-token")

    looked = do(desk, id, "open", token=token, wanted=["reporter", "contact"], checked="")
    assert (looked.status_code, "反映人姓名、联系方式" in looked.text, NAME in looked.text) == (200, True, False)
    assert "disclosure.opened" not in city.topics()
    shown = do(desk, id, "open", token=token, wanted=["reporter", "contact"])
    again = do(desk, id, "open", token=token, wanted=["reporter", "contact"])

    assert (NAME in shown.text, PHONE in shown.text, TOLD in shown.text) == (True, True, False)
    assert shown.headers["Cache-Control"] == "no-store"
    assert (again.status_code, NAME in again.text) == (422, False)
    assert city.topics()[-3:] == ["disclosure.requested", "disclosure.approved", "disclosure.opened"]
    assert accesses(database) == [(f"tip/{tip}/reporter+contact", f"disclosure/{id}")]
    assert "经批准打开身份" in desk.get(f"/tips/{tip}").text
    assert "经批准打开身份" in desk.get("/readings").text


def test_the_commission_asks_and_approves_at_the_ordinary_door_and_does_nothing_else(signed_in, city, tip):
    one, two = signed_in("discipline", COMMISSION), signed_in("discipline", COMMISSION, 2)
    request(one, tip)
    id = disclosure_of(city)

    assert "approve-token" not in one.get(f"/disclosures/{id}").text  # nobody approves his own request
    assert do(two, id, "approve", note="").status_code == 303
    assert NAME in do(one, id, "open", wanted=["reporter"]).text
    assert one.post(f"/tips/{tip}/accept", page=f"/disclosures/{id}").status_code == 403
    assert one.post("/tips/new", page=f"/disclosures/{id}").status_code == 403


def test_nobody_else_opens_it(signed_in, city, tip):
    desk, other, auditor = signed_in("city_desk", CITY), signed_in("city_desk", CITY, 2), signed_in("auditor", CITY)
    request(desk, tip)
    id = disclosure_of(city)
    do(signed_in("city_decider", CITY), id, "approve", note="")

    sent = {"open-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11", "open-wanted": "reporter", "checked": "1"}
    refused = other.post(f"/disclosures/{id}/open", page=f"/disclosures/{id}", password_again=PASSWORD, **sent)

    assert (refused.status_code, "只有申请人本人" in refused.text, NAME in refused.text) == (403, True, False)
    assert auditor.post(f"/disclosures/{id}/open", page=f"/disclosures/{id}", **sent).status_code == 403
    assert "disclosure.opened" not in city.topics()


def test_a_week_after_the_approval_it_has_to_be_asked_for_again(signed_in, city, tip, clock):
    desk = signed_in("city_desk", CITY)
    request(desk, tip)
    id = disclosure_of(city)
    do(signed_in("city_decider", CITY), id, "approve", note="")
    clock.advance(days=8)
    desk = signed_in("city_desk", CITY)

    late = do(desk, id, "open", wanted=["reporter"])

    assert (late.status_code, "届满" in late.text, NAME in late.text) == (422, True, False)


def test_a_declined_request_opens_nothing(signed_in, city, tip):
    desk = signed_in("city_desk", CITY)
    request(desk, tip)
    id = disclosure_of(city)

    do(signed_in("city_decider", CITY), id, "decline", reason="可以不打开身份即办结")

    page = desk.get(f"/disclosures/{id}").text
    assert ("未批准" in page, "open-token" in page, "可以不打开身份即办结" in page) == (True, False, True)


def test_a_request_needs_its_reason_and_keeps_what_was_ticked(signed_in, city, tip):
    refused = request(signed_in("city_desk", CITY), tip, reason="", wanted=["text"])

    assert (refused.status_code, "请填写申请理由" in refused.text) == (422, True)
    assert "disclosure.requested" not in city.topics()


def test_another_town_asks_for_nothing_it_does_not_see(signed_in, tip):
    assert signed_in("town_handler", OTHER_TOWN).get(f"/disclosures/new?tip={tip}").status_code == 404


def test_one_field_is_handed_over_and_verifies_against_the_entry_alone(signed_in, city, tip):
    desk = signed_in("city_desk", CITY)
    request(desk, tip, wanted=["contact", "text"])
    id = disclosure_of(city)
    do(signed_in("city_decider", CITY), id, "approve", note="")

    answer = do(desk, id, "opening", field="contact")

    opening = json.loads(answer.data)
    entry = city.ledger.table.leaf(opening["index"] + 1)[1]
    assert (answer.headers["Content-Disposition"].startswith("attachment"), opening["value"]) == (True, PHONE)
    assert opens(opening, entry) is None
    assert opens(opening | {"value": "13900000000"}, entry) == "the value is not what the entry committed to"


# 销毁


def test_a_tip_is_destroyed_on_its_page_by_two_persons(signed_in, city, tip):
    desk, decider = signed_in("city_desk", CITY), signed_in("city_decider", CITY)
    act(desk, tip, "propose_shredding", ground="order", order="常法〔2026〕1号")
    assert ("待批准销毁" in desk.get(f"/tips/{tip}").text, "shred-token" in desk.get(f"/tips/{tip}").text) == (
        True,
        False,
    )

    asked = act(decider, tip, "shred")
    assert ("永久无法再读" in asked.text, city.topics()[-1]) == (True, "tip.shredding_proposed")
    page = decider.get(f"/tips/{tip}").text
    own = {f"shred-{name}": hidden(page, f"shred-{name}") for name in ("token", "seen")}
    done = decider.post(f"/tips/{tip}/shred", page=f"/tips/{tip}", checked="1", password_again=PASSWORD, **own)

    page = desk.get(f"/tips/{tip}").text
    assert (done.status_code, city.topics()[-1]) == (303, "tip.shredded")
    assert ("已销毁" in page, "任何人都无法再读" in page, "申请打开身份</a>" in page) == (True, True, False)
    assert desk.get(f"/disclosures/new?tip={tip}").status_code == 422


# 回避


def test_a_tip_about_a_town_leaves_it_and_never_comes_back(signed_in, city, matters, tip, follow):
    matters.on_tip(AcceptTip, city.desk, tip)
    matters.on_tip(AssignTip, city.desk, tip, unit=TOWN, due_on=matters.in_days(5))
    matters.on_tip(AcknowledgeTip, city.actor("town_handler"), tip)
    follow()
    desk, town = signed_in("city_desk", CITY), signed_in("town_handler", TOWN)
    assert town.get(f"/tips/{tip}").status_code == 200

    act(desk, tip, "recuse", unit=TOWN, reason="反映该镇自身的问题")

    assert (town.get(f"/tips/{tip}").status_code, str(tip) in town.get("/tips").text) == (404, False)
    page = desk.get(f"/tips/{tip}").text
    assert ("被退回" in page, "回避单位" in page) == (True, True)
    refused = act(desk, tip, "assign", unit=TOWN, due_on="2026-03-12")
    assert (refused.status_code, "该单位已回避" in refused.text) == (422, True)
    assert act(desk, tip, "assign", unit=OTHER_TOWN, due_on="2026-03-12").status_code == 303


# 检举线索


def test_only_the_commission_takes_sealed_letters_away_and_each_time_is_recorded(signed_in, matters, follow, database):
    lead = matters.tip(accuses_official=True)
    follow()
    commission = signed_in("discipline", COMMISSION)
    assert "下载密封信" in commission.get("/leads").text

    letter = commission.post(f"/leads/{lead}/letter", page="/leads")

    assert (letter.status_code, json.loads(letter.data)["lead"]) == (200, str(lead))
    assert accesses(database) == [(f"lead/{lead}", "letter")]
    assert signed_in("city_desk", CITY).get("/leads").status_code == 403


# 导出


def test_every_export_is_recorded_before_it_is_made_without_what_was_searched(signed_in, database):
    signed_in("city_desk", CITY).get("/problems.csv?text=张三&state=opened")

    [(what, why)] = accesses(database)
    assert (what.startswith("export/"), "张三" in why, "state=opened" in why) == (True, False, True)


# 搜索与相似


def test_words_are_found_in_ones_own_scope_only(signed_in, matters, tip, database):
    desk, town = signed_in("city_desk", CITY), signed_in("town_handler", TOWN)

    found = desk.post("/tips/search", page="/tips/search", wanted="楼道 老人")
    nothing = town.post("/tips/search", page="/tips/search", wanted="楼道 老人")

    assert (f"/tips/{tip}" in found.text, f"/tips/{tip}" in nothing.text) == (True, False)
    assert [what for what, _ in accesses(database)] == ["tips/search/1", "tips/search/0"]
    assert desk.post("/tips/search", page="/tips/search", wanted="灯").status_code == 422
    assert signed_in("auditor", CITY).get("/tips/search").status_code == 403


def test_a_tip_that_may_be_a_duplicate_is_named_on_its_page(signed_in, matters, tip, follow):
    again = matters.tip(text=f"再次反映：{TOLD}")
    follow()

    page = signed_in("city_desk", CITY).get(f"/tips/{again}").text

    assert ("可能与以下线索重复" in page, f"/tips/{tip}" in page) == (True, True)


def test_a_tip_is_found_by_its_number_within_ones_own_sight(signed_in, matters, services):
    tip = matters.tip(source="12345", number="SZ-77")
    services.projections.catch_up()
    desk, town = signed_in("city_desk", CITY), signed_in("town_handler")

    found, hidden = (one.post("/tips/search", page="/tips/search", wanted="SZ-77") for one in (desk, town))

    assert (f"/tips/{tip}" in found.text, f"/tips/{tip}" in hidden.text) == (True, False)
