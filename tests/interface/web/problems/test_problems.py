"""The ledger and one problem: what is shown to whom, which acts are offered, what is refused."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from application.problems.commands import AssignProblem, RecordStep
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def follow(services):
    return services.projections.catch_up


def act(browser, problem, name, **typed):
    """Fill in one act's form on the problem's page and send it."""
    page = browser.get(f"/problems/{problem}").text
    own = {f"{name}-{field}": hidden(page, f"{name}-{field}") for field in ("token", "seen")}
    return browser.post(
        f"/problems/{problem}/{name}",
        page=f"/problems/{problem}",
        **own,
        **{f"{name}-{k}": v for k, v in typed.items()},
    )


def photo():
    picture = BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "JPEG")
    return BytesIO(picture.getvalue()), "现场.jpg"


def state(matters, problem):
    return matters.city.ledger.fetch(Problem, problem).state


def offered(page):
    return [
        name
        for name in ("assign", "step", "report", "verify", "refuse", "close", "reopen")
        if f'id="act-{name}"' in page
    ]


def test_the_ledger_lists_what_the_filter_asks_for(matters, signed_in, follow):
    matters.problem(title="电梯停运")
    matters.problem(title="照明损坏")
    follow()

    page = signed_in("town_handler").get("/problems?text=电梯").text

    assert ("电梯停运" in page, "照明损坏" in page, "共 1 条" in page) == (True, False, True)


def test_one_word_is_one_choice_and_finds_all_that_it_stands_for(matters, signed_in, follow):
    begun, handler = matters.problem(title="刚交办的问题"), matters.city.actor("town_handler")
    stepped = matters.problem(title="已有步骤的问题")
    for problem in (begun, stepped):
        matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    matters.on_problem(RecordStep, handler, stepped, note="已进场")
    follow()

    page = signed_in("town_handler").get("/problems?state=assigned").text

    assert (page.count(">整改中</option>"), "刚交办的问题" in page, "已有步骤的问题" in page) == (1, True, True)


def test_the_ledger_is_narrowed_to_what_is_ones_own(matters, signed_in, follow, city):
    """我经办: under one's name, or in one's hands; 我相关: one has done something in it; both as of then, too."""
    owner, handler = city.actor("town_verifier", TOWN, 7), city.actor("town_handler", TOWN, 2)
    first = matters.problem(title="只由我入账的")
    begun = len(city.topics())
    mine = matters.problem(title="交给别人办的")
    matters.on_problem(AssignProblem, city.actor("town_handler"), mine, handler=UUID(handler.id))
    matters.problem(title="由别人负责的", owner=UUID(city.ledger.authority().persons[owner.id]))
    matters.on_problem(AssignProblem, handler, first, handler=UUID(city.actor("town_handler").id))
    follow()

    def found(number: int, role: str, asked: str) -> list[str]:
        page = signed_in(role, TOWN, number).get(f"/problems?{asked}").text
        return [title for title in ("只由我入账的", "交给别人办的", "由别人负责的") if title in page]

    assert found(2, "town_handler", "mine=handled") == ["交给别人办的"]
    assert found(7, "town_verifier", "mine=handled") == ["由别人负责的"]
    assert found(2, "town_handler", "mine=touched") == ["只由我入账的"]
    assert found(2, "town_handler", f"mine=touched&as_of={begun}") == []
    assert found(1, "town_handler", "mine=touched") == ["只由我入账的", "交给别人办的", "由别人负责的"]
    assert found(1, "town_handler", f"mine=touched&as_of={begun}") == ["只由我入账的"]


@pytest.mark.parametrize("address", ["/problems?estate=%00", "/deductions?company=a&company=%00", "/tips?state=%00"])
def test_an_address_that_is_no_text_is_none(signed_in, address):
    assert signed_in("town_handler").get(address).status_code == 404


@pytest.mark.parametrize("address", ["/deductions?state=x", "/companies?text={long}", "/estates?text={long}"])
def test_every_list_says_what_is_wrong_with_its_filter(signed_in, address):
    page = signed_in("town_handler").get(address.format(long="长" * 61)).text

    assert 'role="alert"' in page


@pytest.mark.parametrize(
    ("asked", "told", "kind"),
    [
        ("", "筛选　全部", "printed"),
        ("?text=电梯&state=verified", "筛选　编号或标题：电梯；状态：待销号", "printed"),
        ("?state=assigned&state=refused", "筛选　状态：整改中、退回整改", "asked hint"),
        ("?state=assigned&state=rectifying&state=refused", "筛选　状态：整改中、退回整改", "asked hint"),
        ("?revoked=1", "筛选　销号已撤销的", "asked hint"),
        ("?company=00000000-0000-4000-8000-000000000000", "筛选　仅一家企业的", "asked hint"),
    ],
)
def test_what_was_filtered_by_is_told_on_paper_and_where_the_form_can_not_show_it(signed_in, asked, told, kind):
    assert f'<p class="{kind}">{told}</p>' in signed_in("town_handler").get(f"/problems{asked}").text


def test_a_step_with_a_photo_goes_into_the_log(matters, signed_in, follow):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    follow()
    browser = signed_in("town_handler")

    answer = act(browser, problem, "step", note="已更换灯具", evidence=[photo()])

    assert answer.status_code == 303
    page = browser.get(f"/problems/{problem}").text
    assert "已更换灯具" in page
    assert page.count("/files/") == 4  # the picture and its link, beside how it was found and in its course


def test_completion_without_evidence_is_refused_and_what_was_typed_is_kept(matters, signed_in, follow):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    follow()

    answer = act(signed_in("town_handler"), problem, "report", note="全部完成", completed_on="2026-03-02")

    assert answer.status_code == 422
    assert "请上传整改照片" in answer.text
    assert "全部完成" in answer.text


def test_a_day_that_does_not_exist_is_refused(matters, signed_in, follow):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    follow()

    answer = act(signed_in("town_handler"), problem, "report", note="完成", completed_on="2026-02-30")

    assert answer.status_code == 422
    assert "日期" in answer.text


def test_each_role_is_offered_its_own_acts(matters, signed_in, follow):
    problem = matters.reported_problem()
    follow()

    assert offered(signed_in("town_handler").get(f"/problems/{problem}").text) == []
    assert offered(signed_in("town_verifier").get(f"/problems/{problem}").text) == ["verify", "refuse"]
    assert offered(signed_in("discipline", "320581-discipline").get(f"/problems/{problem}").text) == []


def test_whoever_answers_for_it_is_told_why_they_may_not_close_it(matters, signed_in, follow):
    answerable = matters.city.person(matters.city.actor("town_closer"))
    problem = matters.verified_problem(owner=answerable)
    follow()

    page = signed_in("town_closer").get(f"/problems/{problem}").text

    assert (offered(page), "您是本问题的责任人" in page, "已办理过本轮" in page) == ([], True, False)


def test_what_is_wrong_in_a_new_problem_leads_to_its_field(signed_in):
    browser = signed_in("town_handler")
    token = hidden(browser.get("/problems/new").text, "token")

    answer = browser.post("/problems/new", page="/desk", token=token)

    assert (answer.status_code, '<a href="#problem-title">请填写问题标题</a>' in answer.text) == (422, True)


def test_a_stale_page_keeps_what_was_typed(matters, signed_in, follow):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    follow()
    browser = signed_in("town_handler")
    page = browser.get(f"/problems/{problem}").text
    own = {f"assign-{field}": hidden(page, f"assign-{field}") for field in ("token", "seen")}
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))

    answer = browser.post(
        f"/problems/{problem}/assign",
        page=f"/problems/{problem}",
        **own,
        **{"assign-handler": handler.id, "assign-note": "尽快办理"},
    )

    assert answer.status_code == 409
    assert "此事项已有更新" in answer.text
    assert "尽快办理" in answer.text


def test_a_problem_is_entered_without_a_tip(matters, signed_in, follow):
    estate, company = matters.city.estate(), matters.city.company()
    person = matters.city.person(matters.city.actor("town_handler"))
    follow()
    browser = signed_in("town_handler")
    page = browser.get("/problems/new").text
    typed = {
        "title": "消防通道堵塞",
        "item": "1.4",
        "estate": str(estate),
        "description": "通道堆物",
        "found_on": "2026-03-01",
        "kind": "at_once",
        "responsible": str(company),
        "owner": str(person),
        "measures": "立即清理",
        "due_on": "2026-03-05",
    }

    answer = browser.post(
        "/problems/new",
        page="/problems/new",
        token=hidden(page, "token"),
        **{f"problem-{name}": value for name, value in typed.items()},
    )

    assert answer.status_code == 303
    assert "常物整〔2026〕琴川-00001" in browser.get(answer.location).text


PAGES = ["/problems", "/deductions", "/companies", "/estates", "/tips", "/figures/weekly", "/figures/monthly", "/desk"]


@pytest.mark.parametrize("address", PAGES)
def test_another_town_sees_nothing_of_it(matters, signed_in, follow, address):
    matters.closed_problem()
    matters.problem(title="另一问题标题")
    follow()
    own = signed_in("town_handler", TOWN).get(address).text
    stranger = signed_in("town_handler", OTHER_TOWN).get(address)

    assert stranger.status_code == 200
    for secret in ("琴川-0000", "另一问题标题", "演练花园"):
        assert secret not in stranger.text
    if address in ("/problems", "/estates"):
        assert "演练花园" in own


def test_another_towns_problem_is_not_found(matters, signed_in, follow):
    problem = matters.closed_problem()
    follow()
    stranger = signed_in("town_handler", OTHER_TOWN)

    assert stranger.get(f"/problems/{problem}").status_code == 404
    assert stranger.get(f"/deductions/new?problem={problem}").status_code == 404


def test_an_earlier_state_is_shown_without_any_form(matters, signed_in, follow):
    problem = matters.closed_problem()
    opened = next(e.position for e in matters.city.ledger.read(after=0, limit=1000) if e.topic == "problem.opened")
    follow()

    page = signed_in("town_handler").get(f"/problems/{problem}?as_of={opened}").text

    assert "待交办" in page
    assert "问题已销号" not in page
    assert offered(page) == []
