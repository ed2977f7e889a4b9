"""整改前后: side by side on the problem's page, and which demanded papers are there."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from application.problems.commands import AssignProblem, RecordStep, RefuseRectification, ReportCompletion
from application.tips.commands import TurnTipIntoProblems
from tests.interface.web.problems.test_problems import act, photo, state
from tests.interface.web.tips.test_tips import hidden
from tests.matters import PHOTO


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def disclosure(matters):
    problem, handler = matters.problem(item="2.3"), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    return problem


def sides(page):
    """What stands under 整改前 and under 整改后."""
    card = page.partition('<div class="pair">')[2].partition('<section class="card">')[0]
    return card.split("<h3>整改前</h3>")[1].split("<h3>整改后</h3>")


def test_what_was_found_stands_beside_what_was_done(matters, signed_in, follow):
    tip, handler = matters.verified_tip(evidence=(PHOTO,)), matters.city.actor("town_handler")
    matters.on_tip(TurnTipIntoProblems, handler, tip, problems=(matters.findings(),))
    [problem] = [UUID(e.stream) for e in matters.city.ledger.read(after=0, limit=900) if e.topic == "problem.opened"]
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    matters.on_problem(RecordStep, handler, problem, note="已更换灯具", evidence=(PHOTO,))
    follow()

    before, after = sides(signed_in("town_handler").get(f"/problems/{problem}").text)

    assert (f"of={tip}" in before, "线索核查已办结" in before, f"of={problem}" in before) == (True, True, False)
    assert (f"of={problem}" in after, "已更换灯具" in after, f"of={tip}" in after) == (True, True, False)


def test_a_refusal_begins_a_new_comparison(matters, signed_in, follow):
    problem = matters.reported_problem()
    verifier = matters.city.actor("town_verifier")
    matters.on_problem(RefuseRectification, verifier, problem, reason="二楼仍不亮", evidence=(PHOTO,))
    follow()

    page = signed_in("town_handler").get(f"/problems/{problem}").text

    before, after = sides(page)
    now, _mark, earlier = after.partition("退回前")
    assert ("二楼仍不亮" in before, "尚未记录整改" in now, "已更换灯具" in now) == (True, True, False)
    assert ("已更换灯具" in earlier, after.count("退回前")) == (True, after.count("<article>"))
    assert "以前上传的材料不再计入，请补充此后的新材料" in page


def test_the_page_says_what_is_there_and_what_is_missing(matters, disclosure, signed_in, follow):
    follow()
    browser = signed_in("town_handler")
    assert re.search(r"公示照片　尚缺", browser.get(f"/problems/{disclosure}").text)

    answer = act(browser, disclosure, "step", note="已公示", evidence=[photo()], shows="公示照片")

    assert answer.status_code == 303
    page = browser.get(f"/problems/{disclosure}").text
    assert re.search(r"公示照片　<a [^>]*>已有：整改步骤已记录", page)
    assert "材料种类：公示照片" in page


def test_without_the_demanded_kind_completion_is_refused_and_the_text_is_kept(matters, disclosure, signed_in, follow):
    follow()
    typed = {"note": "三处公示栏均已张贴", "completed_on": "2026-03-02", "evidence": [photo()]}

    answer = act(signed_in("town_handler"), disclosure, "report", **typed)

    assert (answer.status_code, state(matters, disclosure)) == (422, "assigned")
    assert all(words in answer.text for words in ("还须有材料：公示照片", "三处公示栏均已张贴"))


def test_a_kind_that_nobody_asked_for_is_refused(matters, disclosure, signed_in, follow):
    follow()
    answer = act(signed_in("town_handler"), disclosure, "step", note="好", evidence=[photo()], shows="<b>账册</b>")

    assert (answer.status_code, "材料种类不在可选范围内" in answer.text) == (422, True)


def test_where_any_photo_will_do_nobody_is_asked_for_its_kind(matters, signed_in, follow):
    problem = matters.reported_problem()
    matters.on_problem(RefuseRectification, matters.city.actor("town_verifier"), problem, reason="看不清")
    follow()
    page = signed_in("town_handler").get(f"/problems/{problem}").text
    assert ("整改照片或材料　尚缺" in page, 'name="step-shows"' in page) == (True, False)


def test_a_problem_of_ones_own_is_entered_with_its_photo(matters, signed_in, follow):
    estate, company = matters.city.estate(), matters.city.company()
    person = matters.city.person(matters.city.actor("town_handler"))
    follow()
    browser = signed_in("town_handler")
    typed = {
        "title": "通道堵塞", "item": "1.4", "estate": estate, "description": "通道堆物", "found_on": "2026-03-01",
        "kind": "at_once", "responsible": company, "owner": person, "measures": "清理", "due_on": "2026-03-05",
    }  # fmt: skip
    own = {f"problem-{name}": str(value) for name, value in typed.items()}
    token = hidden(browser.get("/problems/new").text, "token")

    answer = browser.post("/problems/new", page="/problems/new", token=token, evidence=[photo()], **own)

    before, _after = sides(browser.get(answer.location).text)
    assert ("/files/" in before, "问题已入账" in before) == (True, True)


def test_a_draft_whose_act_is_over_stays_in_sight(matters, disclosure, signed_in, follow):
    """Somebody else reported meanwhile: nothing is offered any more, but what was typed is not lost."""
    follow()
    browser = signed_in("town_handler")
    page = browser.get(f"/problems/{disclosure}").text
    own = {f"report-{field}": hidden(page, f"report-{field}") for field in ("token", "seen")}
    colleague, today = matters.city.actor("town_handler", number=2), matters.city.ledger.today
    given = {"note": "完成", "completed_on": today, "evidence": (PHOTO,), "shows": ("公示照片",)}
    matters.on_problem(ReportCompletion, colleague, disclosure, **given)
    typed = {"report-note": "我写了很久的情况说明", "report-completed_on": "2026-03-02"}

    answer = browser.post(f"/problems/{disclosure}/report", page="/desk", **own, **typed)

    assert answer.status_code == 409
    assert all(words in answer.text for words in ("此事项已有更新", "未提交的内容", "我写了很久的情况说明"))
