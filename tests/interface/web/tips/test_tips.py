"""Tips on their way: registered, weighed, handed to a town, verified, turned into problems."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from application.imports.imports import StartImport
from application.tips.commands import AcceptTip, AcknowledgeTip, AssignTip
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.conftest import Browser
from tests.interface.web.test_frame import Marks
from tests.matters import TOLD, Matters

CITY = "320581"


@pytest.fixture
def matters(city):
    return Matters(city)


@pytest.fixture
def follow(services):
    """The read models take in what was done beside the pages."""
    return services.projections.catch_up


@pytest.fixture
def desk(signed_in) -> Browser:
    return signed_in("city_desk", CITY)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def act(browser: Browser, tip, name: str, **typed):
    """Fill in one act's form on the tip's page and send it."""
    page = browser.get(f"/tips/{tip}").text
    own = {f"{name}-{field}": hidden(page, f"{name}-{field}") for field in ("token", "seen")}
    return browser.post(
        f"/tips/{tip}/{name}", page=f"/tips/{tip}", **own, **{f"{name}-{k}": v for k, v in typed.items()}
    )


def register(browser: Browser, accuses: str = "no", **typed):
    address = f"/tips/new?accuses={accuses}"
    page = browser.get(address).text
    told = {"channel": "12345", "received_on": "2026-03-01", "text": TOLD} | typed
    return browser.post(address, page=address, token=hidden(page, "token"), **told)


def test_the_first_question_is_whom_the_tip_accuses(desk):
    page = desk.get("/tips/new").text

    assert ("公职人员" in page, "线索内容" in page) == (True, False)


def test_the_question_must_be_answered(desk):
    assert desk.get("/tips/new?accuses=").status_code == 422


def test_a_registered_tip_is_shown_with_its_receipt(desk, city):
    answer = register(desk)

    page = desk.get(answer.location).text
    assert (answer.status_code, city.topics()[-1]) == (303, "tip.registered")
    assert ("已记录：日志第" in page, "待研判" in page, TOLD in page) == (True, True, False)


def test_a_form_sent_twice_registers_once(desk, city):
    address = "/tips/new?accuses=no"
    sent = {"token": hidden(desk.get(address).text, "token"), "channel": "12345", "received_on": "2026-03-01"}
    first = desk.post(address, page=address, text=TOLD, **sent)

    second = desk.post(address, page=address, text=TOLD, **sent)

    assert (second.location, city.topics().count("tip.registered")) == (first.location, 1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"received_on": "2026-02-30"}, "“2026-02-30”不是有效日期"),
        ({"received_on": "2026-03-09"}, "收到日期不能晚于今天"),
        ({"received_on": "1926-03-01"}, "早于 2000 年"),
        ({"channel": "rumour"}, "来源不在可选范围内"),
        ({"text": ""}, "请填写线索内容"),
        ({"text": "长" * 50_001}, "请删去 1 字"),
    ],
    ids=["no such day", "tomorrow", "last century", "no such channel", "empty", "too long"],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(desk, city, typed, words):
    answer = register(desk, number="GD-20260301-7", **typed)

    assert (answer.status_code, words in answer.text, "GD-20260301-7" in answer.text) == (422, True, True)
    assert "tip.registered" not in city.topics()


def test_a_tip_that_accuses_an_official_leaves_only_the_day(desk, city):
    answer = register(desk, accuses="yes")

    assert (answer.location, city.topics()[-1]) == ("/desk", "lead.referred")
    assert "没有符合条件的线索" in desk.get("/tips").text


def test_the_errand_of_a_tip(desk, signed_in, city, matters, follow):
    tip, handler = matters.tip(), signed_in("town_handler", TOWN)
    estate = city.estate()
    follow()
    act(desk, tip, "accept", item="1.1")
    act(desk, tip, "assign", unit=TOWN, due_on="2026-03-12")
    act(handler, tip, "acknowledge")
    photo = BytesIO()
    Image.new("RGB", (30, 20)).save(photo, "JPEG")
    photo.seek(0)

    answer = act(
        handler, tip, "verify", result="true", finding="到场查看属实", estate=estate, evidence=(photo, "a.jpg")
    )

    page = handler.get(answer.location).text
    assert city.topics()[-4:] == ["tip.accepted", "tip.assigned", "tip.acknowledged", "tip.verified"]
    assert ("已核查" in page, "转为问题" in page) == (True, True)
    address = re.search(r'<img src="(/files/[^"]+)"', page)[1].replace("&amp;", "&")
    with handler.get(address) as shown:
        assert shown.mimetype == "image/jpeg"
    assert signed_in("town_handler", OTHER_TOWN).get(address).status_code == 404


def test_a_verified_tip_becomes_two_problems(signed_in, city, matters, follow):
    tip, handler = matters.verified_tip(), signed_in("town_handler", TOWN)
    follow()
    address = f"/tips/{tip}/problems"
    page = handler.get(address).text
    owner = city.person(city.actor("town_handler"))
    one = {
        "title": "楼道照明损坏", "item": "1.1", "estate": city.estate(), "description": "三号楼照明损坏",
        "found_on": "2026-03-02", "kind": "by_deadline", "responsible": city.company(), "owner": owner,
        "measures": "更换灯具", "due_on": "2026-03-20",
    }  # fmt: skip
    typed = {f"problem{n}-{name}": value for n in (1, 2) for name, value in one.items()}

    sent = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}
    answer = handler.post(address, page=address, **sent, count="2", **typed)

    assert (answer.status_code, city.topics()[-3:]) == (
        303,
        ["problem.opened", "problem.opened", "tip.became_problems"],
    )


def test_one_more_problem_keeps_what_was_typed(signed_in, matters, follow):
    tip, handler = matters.verified_tip(), signed_in("town_handler", TOWN)
    follow()
    address = f"/tips/{tip}/problems"

    page = handler.post(address, page=address, more="1", count="1", **{"problem1-title": "楼道照明损坏"}).text

    assert ('id="problem2-title"' in page, 'value="楼道照明损坏"' in page) == (True, True)


def test_one_problem_too_many_is_taken_away_and_the_others_stay(signed_in, matters, follow):
    tip, handler = matters.verified_tip(), signed_in("town_handler", TOWN)
    follow()
    address = f"/tips/{tip}/problems"

    page = handler.post(address, page=address, fewer="1", count="2", **{"problem1-title": "楼道照明损坏"}).text

    assert ('id="problem2-title"' in page, 'value="楼道照明损坏"' in page) == (False, True)


@pytest.fixture
def assigned(matters, follow, city):
    tip = matters.tip()
    matters.on_tip(AcceptTip, city.desk, tip)
    matters.on_tip(AssignTip, city.desk, tip, unit=TOWN, due_on=matters.in_days(10))
    follow()
    return tip


def test_each_state_of_a_tip_is_offered_once(signed_in):
    page = signed_in("city_desk", CITY).get("/tips").text

    assert (page.count(">已转问题</option>"), 'value="became_problems"' in page) == (1, True)


def test_before_it_is_verified_nobody_fills_in_its_problems(signed_in, assigned):
    answer = signed_in("town_handler", TOWN).get(f"/tips/{assigned}/problems")

    assert (answer.status_code, "不能转为问题" in answer.text, "问题标题" in answer.text) == (422, True, False)


def test_a_stale_page_is_a_conflict_that_keeps_what_was_typed(signed_in, matters, assigned, city):
    handler = signed_in("town_handler", TOWN)
    page = handler.get(f"/tips/{assigned}").text
    sent = {f"return-{name}": hidden(page, f"return-{name}") for name in ("token", "seen")}
    matters.on_tip(AcknowledgeTip, city.actor("town_handler"), assigned)

    sent |= {"return-reason": "不属于本街道", "return-basis": "other_town"}
    answer = handler.post(f"/tips/{assigned}/return", page="/desk", **sent)

    assert (answer.status_code, "不属于本街道" in answer.text) == (409, True)


def test_whoever_returns_a_tip_has_it_no_more_and_is_led_to_the_list(signed_in, assigned):
    handler = signed_in("town_handler", TOWN)

    answer = act(handler, assigned, "return", reason="不在本辖区", basis="other_town")

    assert (answer.location.partition("?")[0], handler.get(f"/tips/{assigned}").status_code) == ("/tips", 404)
    assert "退回" in handler.get(answer.location).text


def test_a_second_click_on_return_gets_the_first_receipt(signed_in, assigned, city):
    handler = signed_in("town_handler", TOWN)
    page = handler.get(f"/tips/{assigned}").text
    sent = {f"return-{name}": hidden(page, f"return-{name}") for name in ("token", "seen")}
    sent |= {"return-reason": "不在本辖区", "return-basis": "other_town"}

    first, second = (handler.post(f"/tips/{assigned}/return", page="/desk", **sent) for _ in range(2))
    told = handler.get(second.location).text

    assert (first.status_code, second.status_code, second.location) == (303, 303, first.location)
    assert f"日志第 {len(city.topics())} 条" in told
    assert city.topics().count("tip.returned") == 1
    other = {"return-token": str(uuid4())}
    assert handler.post(f"/tips/{assigned}/return", page="/desk", **sent | other).status_code == 404


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("accept", {"item": "6.1"}, "依据：《物业管理条例》第三十七条、第六十二条"),
        ("decline", {"reason": "邻里噪声", "basis": "not_in_items"}, "依据：常政办发〔2025〕33号 二、整治内容"),
        ("out_of_scope", {"reason": "涉嫌盗窃", "basis": "crime", "turn_to": "110"}, "依据：《行政处罚法》第二十七条"),
    ],
)
def test_a_decision_of_the_desk_shows_what_it_rests_on(desk, matters, follow, name, typed, words):
    tip = matters.tip()
    follow()

    answer = act(desk, tip, name, **typed)

    assert (answer.status_code, words in desk.get(f"/tips/{tip}").text) == (303, True)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("decline", {"reason": "邻里噪声"}, "请选择依据"),
        ("decline", {"reason": "邻里噪声", "basis": "crime"}, "依据不在可选范围内"),
        ("out_of_scope", {"reason": "涉嫌盗窃", "basis": "crime"}, "请填写转往何处"),
    ],
)
def test_no_decision_without_its_ground(desk, matters, follow, city, name, typed, words):
    tip = matters.tip()
    follow()

    answer = act(desk, tip, name, **typed)

    assert (answer.status_code, words in answer.text, city.topics()[-1]) == (422, True, "tip.registered")


def test_where_a_tip_may_be_turned_to_is_at_hand(desk, matters, follow):
    tip = matters.tip()
    follow()

    page = desk.get(f"/tips/{tip}").text

    assert all(f'<option value="{name}">' in page for name in ("常熟市住房和城乡建设局", "12388（纪检监察举报）"))


def test_a_return_after_the_term_is_refused_with_the_rule(signed_in, assigned, clock, city):
    clock.advance(days=8)

    answer = act(signed_in("town_handler", TOWN), assigned, "return", reason="不在本辖区", basis="other_town")

    assert (answer.status_code, "《信访工作条例》第二十三条" in answer.text) == (422, True)
    assert "tip.returned" not in city.topics()


def test_another_town_sees_nothing_of_a_tip(signed_in, assigned):
    stranger = signed_in("town_handler", OTHER_TOWN)

    assert stranger.get(f"/tips/{assigned}").status_code == 404
    assert str(assigned) not in stranger.get("/tips").text + stranger.get("/desk").text


def test_the_commission_looks_without_any_button(signed_in, assigned):
    page = signed_in("discipline", "320581-discipline").get(f"/tips/{assigned}").text

    assert ("线索已交办" in page, 'class="act"' in page) == (True, False)


def test_the_text_is_opened_on_purpose_and_recorded(signed_in, assigned, database):
    handler = signed_in("town_handler", TOWN)

    page = handler.post(f"/tips/{assigned}/text", page=f"/tips/{assigned}", **{"text-why": "verify"}).text

    with database.cursor() as cursor:
        cursor.execute("SELECT what, why FROM vault.access")
        assert (TOLD in page, cursor.fetchall()) == (True, [(f"tip/{assigned}/text", "verify")])


def test_without_a_purpose_nothing_is_opened(signed_in, assigned, database):
    handler = signed_in("town_handler", TOWN)

    answer = handler.post(f"/tips/{assigned}/text", page=f"/tips/{assigned}")

    assert (answer.status_code, TOLD in answer.text) == (422, False)


def test_every_count_on_the_desk_opens_exactly_its_rows(desk, matters, assigned, follow):
    matters.tip()
    follow()
    page = desk.get("/desk").text

    cards = re.findall(r'<a href="(/tips\?[^"]*)">.*?<b>(\d+)</b>', page, re.S)
    assert len(cards) >= 4
    for address, count in cards:
        assert re.search(r"共 (\d+) 条", desk.get(address.replace("&amp;", "&")).text)[1] == count


def test_the_list_is_narrowed_to_what_one_took_part_in(signed_in, assigned, matters, city, follow):
    matters.on_tip(AcknowledgeTip, city.actor("town_handler"), assigned)
    follow()
    found = {
        number: f"/tips/{assigned}" in signed_in("town_handler", TOWN, number).get("/tips?mine=touched").text
        for number in (1, 2)
    }

    assert found == {1: True, 2: False}


def test_a_filter_that_is_no_date_is_answered_with_a_sentence(desk):
    answer = desk.get("/tips?received_from=2026-02-30")

    assert (answer.status_code, "不是有效日期" in answer.text) == (422, True)


def test_a_page_of_the_past_has_a_banner_and_no_form(desk, matters, assigned):
    page = desk.get(f"/tips/{assigned}?as_of=2026-03-02").text

    assert ("历史页面" in page, 'class="act"' in page) == (True, False)


@pytest.mark.parametrize("address", ["/desk", "/tips", "/tips/new", "/tips/new?accuses=no", "/tips/{tip}"])
def test_a_page_has_one_heading_and_a_label_for_each_field(desk, assigned, address):
    marks = Marks(desk.get(address.format(tip=assigned)).text)

    assert (marks.headings, marks.fields - marks.labels, marks.blocked) == (1, set(), [])


def test_the_receipt_says_where_the_act_stands(desk, city, matters, follow):
    matters.tip()
    follow()

    page = desk.get(f"/receipts/{len(city.topics())}").text

    assert ("已记录" in page, re.search("[0-9a-f]{64}", page) is not None) == (True, True)


def test_an_order_number_is_registered_once(desk, city):
    register(desk, number="GD-20260301-7")

    answer = register(desk, number="GD-20260301-7", text="同一工单再次登记")

    assert (answer.status_code in (409, 422), city.topics().count("tip.registered")) == (True, 1)


def test_the_receipt_of_a_lead_is_its_referrers_and_the_commissions(desk, city, signed_in, follow):
    """That somebody accused an official is nobody else's business, whatever else they may see."""
    register(desk, accuses="yes")
    follow()
    receipt = f"/receipts/{len(city.topics())}"

    others = [("auditor", "320581"), ("housing_decider", "320581-housing"), ("town_handler", TOWN)]
    seen = {role: signed_in(role, unit).get(receipt).status_code for role, unit in others}
    commission = signed_in("discipline", "320581-discipline").get(receipt)

    assert seen == {"auditor": 404, "housing_decider": 404, "town_handler": 404}
    assert "检举线索已转送" in desk.get(receipt).text
    assert commission.status_code == 200


def test_an_items_lead_department_is_proposed_with_the_reason(desk, matters, follow):
    tip = matters.tip()
    matters.on_tip(AcceptTip, matters.city.desk, tip, item="3.1")
    follow()

    page = desk.get(f"/tips/{tip}").text

    assert all(words in page for words in ("牵头部门（建议）", "市市监局", "电梯安全", "待市专班确认"))


def found(browser: Browser, number: str) -> list[str]:
    return re.findall(r'href="/tips/([0-9a-f-]{36})', browser.get("/tips", query_string={"number": number}).text)


def test_a_tip_is_found_by_the_number_that_it_has_elsewhere(desk, signed_in, city, matters, follow, tmp_path):
    """Wherever the number is from: typed at a channel, or in a list with a name of its own."""
    typed = matters.tip(source="12345", number="GD-7")
    listed = matters.tip(text="另一件", source="网上留言", number="LY-8")
    lead = matters.tip(source="12345", number="GD-9", accuses_official=True)
    started = {
        "batch": uuid4(),
        "kind": "tips",
        "source": "网上留言",
        "file_sha256": "0" * 64,
        "mapping_sha256": "0" * 64,
        "rows": 1,
    }
    matters.do(StartImport, city.desk, **started)
    follow()

    assert (found(desk, "GD-7"), found(desk, " LY-8 ")) == ([str(typed)], [str(listed)])
    assert [found(desk, number) for number in ("GD-9", "GD", "GD-8")] == [[], [], []]
    assert found(signed_in("town_handler", TOWN), "GD-7") == []
    assert (len(found(desk, "")), str(lead) in desk.get("/tips").text) == (2, False)
    rows = desk.get("/tips.csv?number=GD-7").text.strip().splitlines()
    assert len(rows) == 2
    with city.ledger.vault.database.cursor() as cursor:
        cursor.execute("SELECT why FROM vault.access")
        assert cursor.fetchall() == [("number=…",)]
