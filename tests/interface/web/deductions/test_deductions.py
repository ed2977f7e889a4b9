"""信用扣分: the paper for the company, what became of the problem since, and a draft that somebody else overtook."""

from __future__ import annotations

import re
from html import unescape

import pytest

from application.deductions.deductions import DecideDeduction, DeclineDeduction
from application.problems.commands import RevokeClosure
from tests.application.deductions.test_deductions import DECISION, housing, proposed
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def decided(matters, follow):
    deduction = proposed(matters)
    matters.do(DecideDeduction, housing(matters), deduction=deduction, seen=1, points_x10=5, **DECISION)
    follow()
    return deduction


def test_the_notice_is_printed_in_three_copies(decided, matters, signed_in):
    browser = signed_in("town_handler")
    assert f"/deductions/{decided}/notice" in browser.get(f"/deductions/{decided}").text

    page = browser.get(f"/deductions/{decided}/notice").text

    copies = page.split('<article class="paper"')[1:]
    assert [re.search(r'class="copy">第(.)联　(\S+?)　', one).groups() for one in copies] == [
        ("一", "开具单位留存"), ("二", "企业留存"), ("三", "注册地主管部门留存"),
    ]  # fmt: skip
    said = ("常住建信〔2026〕1号", "演练物业1有限公司", "琴川演练花园", "楼道照明损坏未修复", "第 J-01 项", "记 0.5 分")
    assert all(words in copy for copy in copies for words in said)
    [position] = [e.position for e in matters.city.ledger.read(after=0, limit=900) if e.topic == "deduction.decided"]
    assert f"事件日志第 {position} 条开具" in copies[2]


def test_the_notice_says_nothing_that_the_reporter_told(decided, signed_in):
    assert "摔了一跤" not in signed_in("town_handler").get(f"/deductions/{decided}/notice").text


def test_before_the_decision_there_is_no_notice(matters, signed_in, follow):
    deduction = proposed(matters)
    follow()
    answer = signed_in("town_handler").get(f"/deductions/{deduction}/notice")
    assert (answer.status_code, "没有告知单" in answer.text) == (404, True)


def test_another_town_gets_no_notice(decided, signed_in):
    stranger = signed_in("town_handler", OTHER_TOWN)
    assert stranger.get(f"/deductions/{decided}/notice").status_code == 404
    assert stranger.get(f"/deductions/{decided}").status_code == 404


def test_the_score_table_stands_beside_the_decision(decided, signed_in):
    browser = signed_in("town_handler")
    assert "/deductions/standard?version=1#J-01" in browser.get(f"/deductions/{decided}").text

    page = browser.get("/deductions/standard?version=1").text

    assert all(
        words in page
        for words in ("扣分标准 第 1 版", 'id="J-01"', "未按合同约定的内容和标准提供服务", "待市住建局确认")
    )
    assert [browser.get(f"/deductions/standard{more}").status_code for more in ("", "?version=x", "?version=99")] == [
        200, 200, 404,
    ]  # fmt: skip


def test_what_shook_the_problem_since_is_said_on_the_deduction(matters, signed_in, follow):
    problem = matters.closed_problem()
    deduction = proposed(matters, problem=problem)
    follow()
    browser = signed_in("housing_decider", "320581-housing")
    assert "依据变化" not in browser.get(f"/deductions/{deduction}").text

    decider, due = matters.city.actor("city_decider", "320581"), matters.in_days(20)
    matters.on_problem(RevokeClosure, decider, problem, reason="照片不实", due_on=due)
    follow()

    page = browser.get(f"/deductions/{deduction}").text
    assert all(words in page for words in ("依据变化", "照片不实", "请市住建局核实"))
    assert "销号已撤销" in browser.get("/deductions").text
    assert "销号已撤销" in browser.get(f"/companies/{matters.city.company()}").text


def test_a_draft_that_somebody_overtook_stays_in_sight(matters, signed_in, follow):
    deduction = proposed(matters)
    follow()
    browser = signed_in("housing_decider", "320581-housing")
    page = browser.get(f"/deductions/{deduction}").text
    own = {f"decline-{field}": hidden(page, f"decline-{field}") for field in ("token", "seen")}
    colleague = matters.city.actor("housing_decider", "320581-housing", number=2)
    matters.do(DeclineDeduction, colleague, deduction=deduction, seen=1, reason="证据不足")
    follow()

    typed = {"decline-reason": "我写了很久的理由"}
    answer = browser.post(f"/deductions/{deduction}/decline", page="/desk", **own, **typed)

    assert answer.status_code == 409
    assert all(words in answer.text for words in ("此事项已有更新", "未提交的内容", "我写了很久的理由"))


def test_a_proposal_on_a_problem_that_changed_keeps_what_was_typed(matters, signed_in, follow):
    problem = matters.closed_problem()
    follow()
    browser, address = signed_in("town_handler"), f"/deductions/new?problem={problem}"
    page = browser.get(address).text
    decider, due = matters.city.actor("city_decider", "320581"), matters.in_days(20)
    matters.on_problem(RevokeClosure, decider, problem, reason="照片不实", due_on=due)
    follow()
    typed = {"score_code": "J-01", "points": "0.5", "reason": "多次督促未整改"}
    own = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}

    answer = browser.post(address, page=address, **own, **typed)

    assert answer.status_code == 409
    assert all(words in answer.text for words in ("此事项已有更新", "多次督促未整改"))


def test_a_conduct_that_was_cited_before_is_proposed_again_only_by_whoever_says_so(matters, signed_in, follow):
    problem = matters.closed_problem()
    first = proposed(matters, problem=problem)
    follow()
    browser, address = signed_in("town_handler"), f"/deductions/new?problem={problem}"
    page = browser.get(address).text
    own = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}
    typed = {"score_code": "J-01", "points": "0.5", "reason": "路灯又坏了"}

    warned = browser.post(address, page=address, **own, **typed)
    again = browser.post(address, page=address, **own, **typed, again="y")

    assert all(words in page for words in ("此问题已有的扣分", f"/deductions/{first}"))
    assert 'name="again"' not in page
    assert (warned.status_code, again.status_code) == (422, 303)
    assert all(words in warned.text for words in ("已有扣分（待决定，1 分", 'name="again"', "路灯又坏了"))
    decider = signed_in("housing_decider", "320581-housing").get(f"/deductions/{first}").text
    assert "同一问题的同一情形另有扣分（待决定，0.5 分）" in decider


def test_another_conduct_and_one_that_was_declined_need_no_tick(matters, signed_in, follow):
    problem = matters.closed_problem()
    deduction = proposed(matters, problem=problem)
    matters.do(DeclineDeduction, housing(matters), deduction=deduction, seen=1, reason="证据不足")
    proposed(matters, problem=problem, code="J-02")
    follow()
    browser, address = signed_in("town_handler"), f"/deductions/new?problem={problem}"
    page = browser.get(address).text
    own = {"token": hidden(page, "token"), "seen": hidden(page, "seen")}

    sent = browser.post(address, page=address, **own, score_code="J-01", points="0.5", reason="多次督促未整改")

    assert sent.status_code == 303


def test_a_notice_that_waits_to_be_served_is_opened_from_the_desk(decided, signed_in):
    browser = signed_in("town_handler")
    desk = browser.get("/desk").text
    [link] = re.findall(r'href="(/deductions[^"]*unserved=1[^"]*)"', desk)
    assert "待送达告知单" in desk
    assert f"/deductions/{decided}" in browser.get(unescape(link)).text
    page = browser.get(f"/deductions/{decided}").text
    own = {f"serve-{field}": hidden(page, f"serve-{field}") for field in ("token", "seen")}
    address = f"/deductions/{decided}/serve"

    wrong = browser.post(address, page="/desk", **own, **{"serve-served_on": "2026-02-30", "serve-way": "by_post"})
    served = browser.post(address, page="/desk", **own, **{"serve-served_on": "2026-03-02", "serve-way": "by_post"})

    assert (wrong.status_code, "不是有效日期" in wrong.text) == (422, True)
    assert served.status_code == 303
    page = browser.get(f"/deductions/{decided}").text
    assert all(words in page for words in ("告知单已送达", "邮寄送达", "2026-03-02"))
    assert 'name="serve-token"' not in page
    assert "没有符合条件的扣分" in browser.get(unescape(link)).text
    assert 'name="serve-token"' not in signed_in("housing_decider", "320581-housing").get(f"/deductions/{decided}").text


def test_the_balance_is_asked_for_a_day(decided, matters, signed_in):
    browser, address = signed_in("housing_decider", "320581-housing"), f"/companies/{matters.city.company()}"

    assert "<b>99.5</b>" in browser.get(address).text
    assert browser.get(f"{address}?as_of=2026-02-30").status_code == 404
    page = browser.get(f"{address}?as_of=2026-03-02").text
    assert all(words in page for words in ("<b>99.5</b>", "历史页面", 'value="2026-03-02"', "回到现在"))


def test_a_town_sees_what_it_proposed_and_no_balance(decided, matters, signed_in):
    """What is left of the points would tell what other towns proposed."""
    company = matters.city.company()

    for unit, points in ((TOWN, "0.5"), (OTHER_TOWN, "0")):
        browser = signed_in("town_handler", unit)
        page = browser.get(f"/companies/{company}").text
        assert "本单位提请的扣分" in page
        assert f"<b>{points}</b>" in page
        assert "信用余分" not in page + browser.get("/companies").text


@pytest.mark.parametrize("address", ["/companies", "/estates", "/companies/{company}"])
def test_open_problems_are_opened_as_many_as_they_say(matters, signed_in, follow, address):
    matters.closed_problem()
    matters.problem()
    follow()
    browser = signed_in("town_handler")

    page = browser.get(address.format(company=matters.city.company())).text

    link, number = re.search(r'data-label="在办问题"[^>]*><a href="([^"]+)">(\d+)<', page).groups()
    assert (number, "共 1 条" in browser.get(unescape(link)).text) == ("1", True)
