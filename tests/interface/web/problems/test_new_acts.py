"""Every act of a problem's deadline and of its entry, done in a browser by whoever may, and told to whoever may not."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.problems.commands import AssignProblem, GrantExtension, PauseProblem, RequestExtension, UrgeProblem
from domain.problems.problem import Problem
from tests.cities import TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.problems.test_problems import act, photo
from tests.interface.web.tips.test_tips import hidden

CITY = "320581"


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def under_way(matters, follow):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    follow()
    return problem


def now(matters, problem):
    return matters.city.ledger.fetch(Problem, problem)


def sign(browser, problem, name, **typed):
    """A weighty act: looked at, then signed with what was looked at."""
    looked = act(browser, problem, name, **typed)
    assert looked.status_code == 200, looked.text
    own = {f"{name}-{field}": hidden(looked.text, f"{name}-{field}") for field in ("token", "seen")}
    said = {f"{name}-{field}": value for field, value in typed.items()}
    return browser.post(
        f"/problems/{problem}/{name}", page="/desk", checked="1", password_again=PASSWORD, **own, **said
    )


def test_the_closer_sends_back_and_the_handler_reads_what_is_missing(matters, signed_in, follow):
    problem = matters.verified_problem()
    follow()
    closer = signed_in("town_closer")
    page = closer.get(f"/problems/{problem}").text
    assert ('id="act-close"' in page, 'id="act-refuse_closure"' in page) == (True, True)

    answer = act(closer, problem, "refuse_closure", reason="缺业主签字的验收单")

    assert (answer.status_code, now(matters, problem).state) == (303, "refused")
    page = signed_in("town_handler").get(f"/problems/{problem}").text
    assert ("缺业主签字的验收单" in page, "退回整改" in page, 'id="act-report"' in page) == (True, True, True)


def test_a_duplicate_is_voided_and_leads_to_its_original(matters, signed_in, follow):
    original, double = matters.problem(title="原来的一件"), matters.problem(title="重复的一件")
    follow()
    number = now(matters, original).number
    desk = signed_in("city_desk", CITY)

    wrong = sign(desk, double, "void", reason="同一件事", duplicate_of="常物整〔2026〕琴川-99999")
    done = sign(desk, double, "void", reason="同一件事", duplicate_of=number)

    assert ("台账中没有编号" in wrong.text, done.status_code) == (True, 303)
    page = desk.get(f"/problems/{double}").text
    assert all(words in page for words in ("已作废", f'href="/problems/{original}"', number, "同一件事"))
    assert 'id="act-' not in page
    assert "重复的一件" not in desk.get("/problems?state=opened").text


def test_whoever_entered_it_is_not_offered_to_void_it(matters, signed_in, follow):
    problem = matters.problem()
    follow()
    assert 'id="act-void"' not in signed_in("town_handler").get(f"/problems/{problem}").text
    assert 'id="act-void"' in signed_in("town_closer").get(f"/problems/{problem}").text


def test_more_time_is_asked_for_granted_and_shown(matters, signed_in, follow, under_way):
    handler, until = signed_in("town_handler"), matters.in_days(30).isoformat()

    asked = act(handler, under_way, "request_extension", due_on=until, reason="配件未到货", measures="先行围挡")
    assert asked.status_code == 303
    closer = signed_in("town_closer")
    assert "待审批延期" in closer.get("/desk").text
    page = closer.get(f"/problems/{under_way}").text
    assert (until in page, 'id="act-grant_extension"' in page, "先行围挡" in page) == (True, True, True)
    done = sign(closer, under_way, "grant_extension", due_on=until)

    assert (done.status_code, now(matters, under_way).due_on) == (303, until)
    page = closer.get(f"/problems/{under_way}").text
    assert all(words in page for words in ("原完成时限", matters.in_days(14).isoformat(), "已延期次数", "延期已批准"))
    assert "延期 1 次" in closer.get("/problems?due=extended").text


def test_after_the_deadline_a_sentence_says_what_to_do(matters, signed_in, follow, under_way):
    matters.city.ledger.clock.at += matters.in_days(15) - matters.city.ledger.today
    answer = act(
        signed_in("town_handler"), under_way, "request_extension",
        due_on=matters.in_days(30).isoformat(), reason="配件未到货", measures="围挡",
    )  # fmt: skip
    assert (answer.status_code, "不能再申请延期" in answer.text, "配件未到货" in answer.text) == (422, True, True)


def test_a_town_that_grants_too_much_is_told_who_may(matters, signed_in, follow, under_way):
    asked = {"due_on": matters.in_days(60), "reason": "材料未到", "measures": "围挡"}
    matters.on_problem(RequestExtension, matters.city.actor("town_handler"), under_way, **asked)
    follow()
    answer = sign(signed_in("town_closer"), under_way, "grant_extension", due_on=matters.in_days(60).isoformat())
    assert "由市专班负责人批准" in answer.text
    assert now(matters, under_way).extension == "requested"


def test_the_clock_stands_and_the_page_says_so(matters, signed_in, follow, under_way):
    decider, until = signed_in("city_decider", CITY), matters.in_days(20).isoformat()

    done = sign(decider, under_way, "pause", reason="法院查封，暂不能施工", until=until)

    assert (done.status_code, now(matters, under_way).pause_) == (303, "paused")
    page = signed_in("town_handler").get(f"/problems/{under_way}").text
    assert (f"暂停至 {until}" in page, 'id="act-resume"' in page, "法院查封" in page) == (True, True, True)
    assert f"暂停至 {until}" in decider.get("/problems?due=paused").text
    assert act(signed_in("town_handler"), under_way, "resume").status_code == 303


def test_one_reminder_and_many_are_counted_and_stand_first_on_the_handlers_desk(matters, signed_in, follow, under_way):
    other = matters.problem(title="另一件", due_on=matters.in_days(2))
    follow()
    closer = signed_in("town_closer")
    assert act(closer, under_way, "urge", note="请于本周办结").status_code == 303

    desk = signed_in("city_desk", CITY)
    listed = desk.get("/problems").text
    assert f'value="{other}"' in listed
    address = f"/problems/urge?problems={under_way}&problems={other}"
    page = desk.get(address).text
    sent = desk.post(
        "/problems/urge", page=address, token=hidden(page, "token"), seen="", note="市专班催办",
        problems=[str(under_way), str(other)],
    )  # fmt: skip

    assert sent.status_code == 303
    assert matters.city.topics().count("problem.urged") == 3
    follow()
    waiting = signed_in("town_handler").get("/desk").text
    assert ("已催办未办" in waiting, "（已催办 2 次）" in waiting) == (True, True)
    assert "催办 2 次" in desk.get("/problems?due=urged").text


def test_nothing_ticked_is_told_in_a_sentence(signed_in):
    answer = signed_in("city_desk", CITY).get("/problems/urge")
    assert (answer.status_code, "请先在问题台账中勾选" in answer.text) == (422, True)


def test_a_handler_reminds_nobody(signed_in, under_way):
    handler = signed_in("town_handler")
    assert handler.get(f"/problems/urge?problems={under_way}").status_code == 403
    assert 'form="urge"' not in handler.get("/problems").text


def test_what_was_mended_on_the_spot_is_closed_by_a_second_person(matters, signed_in, follow):
    problem = matters.problem(kind="at_once")
    follow()
    handler = signed_in("town_handler")
    assert act(handler, problem, "at_once", note="公示栏已补全", evidence=photo()).status_code == 303
    assert now(matters, problem).state == "verified"

    assert sign(signed_in("town_closer"), problem, "close", note="同意").status_code == 303
    assert now(matters, problem).state == "closed"


def test_another_kind_is_not_offered_as_mended_on_the_spot(signed_in, under_way, matters, follow):
    problem = matters.problem()
    follow()
    assert 'id="act-at_once"' not in signed_in("town_handler").get(f"/problems/{problem}").text


def test_two_inspect(matters, signed_in, follow):
    second = matters.city.person(matters.city.actor("town_verifier", TOWN, 3))
    problem = matters.reported_problem()
    follow()
    done = act(
        signed_in("town_verifier"), problem, "verify", method="on_site", note="照明正常", second_inspector=str(second),
        inspected_on=matters.city.ledger.today.isoformat(),
    )  # fmt: skip
    assert done.status_code == 303
    assert now(matters, problem).inspectors == {str(second)}
    assert "第二核查人" in signed_in("town_closer").get(f"/problems/{problem}").text


def test_everything_that_was_entered_is_on_the_correction_page(matters, signed_in, follow):
    problem, other = matters.problem(), matters.city.estate(name="演练新村")
    follow()
    browser, leader = signed_in("town_handler"), matters.city.person(matters.city.actor("town_closer"))
    page = browser.get(f"/problems/{problem}/correct").text
    stated = now(matters, problem).stated | {name: hidden(page, name) for name in ("token", "seen")}
    typed = stated | {
        "reason": "登记时选错", "estate": str(other), "due_on": matters.in_days(3).isoformat(), "secondary": "1.2",
        "case_leader": str(leader), "source": "督导通知书3号", "found_by": "inspection", "company": "",
    }  # fmt: skip
    form = {name: "" if value is None else value for name, value in typed.items()}
    done = browser.post(f"/problems/{problem}/correct", page="/desk", checked="1", password_again=PASSWORD, **form)

    assert done.status_code == 303, done.text
    right = now(matters, problem)
    assert (right.stated["estate"], right.due_on, right.company) == (str(other), typed["due_on"], None)
    page = browser.get(f"/problems/{problem}").text
    assert all(
        words in page for words in ("演练新村", "督导通知书3号", "包案领导", "次要条目", "物业服务企业：", "→ 无")
    )


def test_a_deadline_that_moved_is_not_offered_to_be_corrected(matters, signed_in, follow, under_way):
    until = matters.in_days(20)
    asked = {"due_on": until, "reason": "材料未到", "measures": "围挡"}
    matters.on_problem(RequestExtension, matters.city.actor("town_handler"), under_way, **asked)
    matters.on_problem(GrantExtension, matters.city.actor("city_decider", CITY), under_way, due_on=until)
    follow()
    page = signed_in("town_handler").get(f"/problems/{under_way}/correct").text
    assert ('name="due_on"' in page, 'name="estate"' in page) == (False, True)


def test_the_opener_handles_it_by_default(matters, signed_in, follow):
    matters.city.estate()
    follow()
    page = signed_in("town_handler").get("/problems/new").text
    own = matters.city.actor("town_handler").id
    assert f'<option selected value="{own}">' in page


def test_a_reminder_of_a_paused_one_is_no_error(matters, signed_in, follow, under_way):
    decider = matters.city.actor("city_decider", CITY)
    matters.on_problem(PauseProblem, decider, under_way, reason="冬季", until=matters.in_days(5))
    matters.on_problem(UrgeProblem, decider, under_way)
    follow()
    assert signed_in("town_handler").get("/desk").status_code == 200
