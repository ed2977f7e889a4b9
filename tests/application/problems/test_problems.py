from uuid import UUID

import pytest

from application.officials.officials import EnrolOfficial, GrantRole
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    OpenProblem,
    RecordStep,
    RefuseRectification,
    ReopenProblem,
    ReportCompletion,
    RevokeClosure,
    VerifyRectification,
)
from application.problems.evidence import Upload
from application.tips.commands import TurnTipIntoProblems
from application.vault.people import Person
from domain.errors import Conflict, NotAllowed, NotFound, RuleBroken
from domain.problems.problem import Problem
from domain.values import Actor
from tests.application.core.test_ledger import verified
from tests.cities import OTHER_TOWN, STARTING, TOWN
from tests.matters import LATER, PHOTO, TOLD
from tests.support.refusals import assert_refused


def state(matters, problem):
    return matters.city.ledger.fetch(Problem, problem).state


def test_three_people_strike_a_problem_off(matters):
    problem = matters.closed_problem()

    assert state(matters, problem) == "closed"
    assert verified(matters.city.ledger) == len(matters.city.topics())


@pytest.mark.parametrize(
    ("point", "act", "members", "sentence"),
    [
        ("reported_problem", VerifyRectification, {"method": "on_site", "note": "好"}, "由另一位同事核查"),
        ("reported_problem", RefuseRectification, {"reason": "不够"}, "由另一位同事核查"),
        ("verified_problem", CloseProblem, {}, "第三位同事销号"),
    ],
    ids=["verifies", "refuses", "closes"],
)
def test_who_handled_it_does_not_judge_it(matters, point, act, members, sentence):
    """Not even under a second account, in a role that may."""
    problem = getattr(matters, point)()
    handler = matters.city.actor("town_handler")
    second = second_account(matters.city, "town_handler", "town_verifier" if "reported" in point else "town_closer")
    assert second.id != handler.id

    assert_refused(matters, NotAllowed, sentence, matters.on_problem, act, second, problem, **members)


@pytest.mark.parametrize(
    ("role", "point", "act", "members", "sentence"),
    [
        ("town_verifier", "reported_problem", VerifyRectification, {"method": "on_site", "note": "好"}, "责任人.*核查"),
        ("town_verifier", "reported_problem", RefuseRectification, {"reason": "不够"}, "责任人.*核查"),
        ("town_closer", "verified_problem", CloseProblem, {}, "责任人.*销号"),
    ],
    ids=["verifies", "refuses", "closes"],
)
def test_who_answers_for_it_does_not_judge_it(matters, role, point, act, members, sentence):
    """整改人 ≠ 核查人 ≠ 销号人, also where 责任人 handled nothing."""
    owner = matters.city.actor(role, number=2)
    problem = getattr(matters, point)(owner=matters.city.person(owner))

    assert_refused(matters, NotAllowed, sentence, matters.on_problem, act, owner, problem, **members)


def test_who_verified_it_does_not_close_it(matters):
    problem = matters.verified_problem()
    second = second_account(matters.city, "town_verifier", "town_closer")

    assert_refused(matters, NotAllowed, "第三位同事销号", matters.on_problem, CloseProblem, second, problem)


def test_the_log_itself_refuses_a_second_account(matters):
    """Should the aggregate ever be told less than the log knows."""
    problem = matters.verified_problem()
    second = second_account(matters.city, "town_verifier", "town_closer")
    blind = Actor(second.id, second.role, second.unit)

    assert_refused(matters, NotAllowed, "同一人在本轮已是核查人", matters.on_problem, CloseProblem, blind, problem)


def second_account(city, role, other_role):
    """The same natural person, enrolled once more, with another role."""
    first = city.actor(role)
    person = Person(f"测试{role}1", "", f"{role}-{TOWN}-1")
    from uuid import uuid4

    city.ledger.handle(
        EnrolOfficial(
            id=uuid4(), actor=city.administrator, person=person, login=f"second-{other_role}", password=STARTING
        )
    )
    account = city.ledger.vault.people.credential(f"second-{other_role}").official
    city.ledger.handle(GrantRole(id=uuid4(), actor=city.administrator, official=account, role=other_role, unit=TOWN))
    return Actor(str(account), other_role, TOWN, frozenset({first.id, str(account)}))


def test_completion_needs_evidence(matters):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    matters.on_problem(RecordStep, handler, problem, note="口头督促")

    assert_refused(
        matters,
        RuleBroken,
        "请上传整改照片",
        matters.on_problem,
        ReportCompletion,
        handler,
        problem,
        note="完成",
        completed_on=matters.city.ledger.today,
    )


def test_after_a_refusal_the_evidence_must_be_new(matters):
    problem, handler = matters.reported_problem(), matters.city.actor("town_handler")
    matters.on_problem(RefuseRectification, matters.city.actor("town_verifier"), problem, reason="二楼仍不亮")
    done = {"note": "完成", "completed_on": matters.city.ledger.today}
    assert_refused(matters, RuleBroken, "退回后新的", matters.on_problem, ReportCompletion, handler, problem, **done)

    matters.on_problem(ReportCompletion, handler, problem, **done, evidence=(LATER,))

    assert state(matters, problem) == "reported"


def send_back(matters, problem):
    matters.on_problem(RefuseRectification, matters.city.actor("town_verifier"), problem, reason="二楼仍不亮")


def reopen(matters, problem):
    for kind, role in ((VerifyRectification, "town_verifier"), (CloseProblem, "town_closer")):
        more = {"method": "on_site", "note": "已亮"} if kind is VerifyRectification else {}
        matters.on_problem(kind, matters.city.actor(role), problem, **more)
    again = {"cause": "recheck", "reason": "复查发现反弹", "due_on": matters.in_days(20)}
    matters.on_problem(ReopenProblem, matters.city.actor("town_closer"), problem, **again)


@pytest.mark.parametrize("found_wanting", [send_back, reopen])
def test_the_same_photo_is_no_new_evidence(matters, found_wanting):
    """Neither in a step nor with the completion, and not beside a new one."""
    problem, handler = matters.reported_problem(), matters.city.actor("town_handler")
    found_wanting(matters, problem)

    step = {"note": "再次整改", "evidence": (LATER, PHOTO)}
    assert_refused(matters, RuleBroken, "此前已经上传过", matters.on_problem, RecordStep, handler, problem, **step)
    assert_refused(matters, RuleBroken, "此前已经上传过", report, matters, problem, evidence=(PHOTO,))

    report(matters, problem, evidence=(LATER,))
    assert state(matters, problem) == "reported"


def test_what_was_taken_before_the_work_or_by_whoever_sent_it_back_is_no_evidence_of_it(matters):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    before = matters.do(
        OpenProblem,
        handler,
        findings=matters.findings(title="有照片的问题"),
        evidence=(Upload("image/png", b"before"),),
    )
    with_photo = before.stream
    for each in (problem, with_photo):
        matters.on_problem(AssignProblem, handler, each, handler=UUID(handler.id))
    old = {"note": "已更换", "evidence": (Upload("image/png", b"before"),)}
    assert_refused(matters, RuleBroken, "此前已经上传过", matters.on_problem, RecordStep, handler, with_photo, **old)
    matters.on_problem(RecordStep, handler, problem, **old)

    report(matters, problem)
    seen = {"reason": "二楼仍不亮", "evidence": (Upload("image/png", b"seen there"),)}
    matters.on_problem(RefuseRectification, matters.city.actor("town_verifier"), problem, **seen)
    assert_refused(matters, RuleBroken, "此前已经上传过", report, matters, problem, evidence=seen["evidence"])


def test_what_counts_already_may_be_handed_in_again(matters):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    matters.on_problem(RecordStep, handler, problem, note="已更换灯具", evidence=(PHOTO,))

    report(matters, problem, evidence=(PHOTO,))

    assert state(matters, problem) == "reported"


NOTICE = "公示照片"  # what item 2.3 asks for


@pytest.fixture
def disclosure(matters):
    """A problem whose completion needs a certain kind of evidence, assigned."""
    problem, handler = matters.problem(item="2.3"), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    return problem


def report(matters, problem, **members):
    done = {"note": "完成", "completed_on": matters.city.ledger.today} | members
    return matters.on_problem(ReportCompletion, matters.city.actor("town_handler"), problem, **done)


def test_an_item_says_which_evidence_it_needs(matters, disclosure):
    assert_refused(matters, RuleBroken, "还须有材料：公示照片", report, matters, disclosure, evidence=(PHOTO,))

    report(matters, disclosure, evidence=(PHOTO,), shows=(NOTICE,))

    [*_, reported] = matters.city.ledger.read(after=0, limit=1000)
    assert (reported.topic, reported.data["shows"]) == ("problem.completion_reported", [NOTICE])


def test_what_a_step_showed_need_not_be_shown_again(matters, disclosure):
    handler = matters.city.actor("town_handler")
    matters.on_problem(RecordStep, handler, disclosure, note="已公示", evidence=(PHOTO,), shows=(NOTICE,))

    report(matters, disclosure)

    assert state(matters, disclosure) == "reported"


def test_after_a_refusal_every_kind_must_be_new(matters, disclosure):
    report(matters, disclosure, evidence=(PHOTO,), shows=(NOTICE,))
    matters.on_problem(RefuseRectification, matters.city.actor("town_verifier"), disclosure, reason="看不清")

    assert_refused(matters, RuleBroken, "退回后新的材料：公示照片", report, matters, disclosure, evidence=(LATER,))


@pytest.mark.parametrize(
    ("members", "sentence"),
    [({"shows": (NOTICE,)}, "请同时上传"), ({"shows": ("账册",), "evidence": (PHOTO,)}, "请刷新页面后重新勾选")],
    ids=["nothing handed in", "not asked for"],
)
def test_a_kind_that_cannot_be_there_is_refused(matters, disclosure, members, sentence):
    handler = matters.city.actor("town_handler")
    assert_refused(
        matters, RuleBroken, sentence, matters.on_problem, RecordStep, handler, disclosure, note="好", **members
    )


def test_a_reopened_problem_begins_a_new_round(matters):
    """Whoever verified the first time may handle it now, and the deadline is new."""
    problem = matters.closed_problem()
    matters.on_problem(
        ReopenProblem,
        matters.city.actor("town_closer"),
        problem,
        cause="recheck",
        reason="复查发现反弹",
        due_on=matters.in_days(20),
    )
    handler = second_account(matters.city, "town_verifier", "town_handler")

    matters.on_problem(RecordStep, handler, problem, note="再次整改", evidence=(LATER,))

    assert state(matters, problem) == "rectifying"
    assert verified(matters.city.ledger) == len(matters.city.topics())


def test_a_close_out_is_revoked_by_somebody_else(matters):
    problem, due = matters.closed_problem(), matters.in_days(20)
    closer = matters.city.actor("town_closer")
    assert_refused(
        matters,
        NotAllowed,
        "由另一位同事撤销",
        matters.on_problem,
        RevokeClosure,
        closer,
        problem,
        reason="虚假",
        due_on=due,
    )

    matters.on_problem(
        RevokeClosure, matters.city.actor("city_decider", "320581"), problem, reason="照片不实", due_on=due
    )

    assert matters.city.topics()[-1] == "problem.closure_revoked"


def test_another_town_finds_no_such_problem(matters):
    stranger = matters.city.actor("town_handler", OTHER_TOWN)
    assert_refused(
        matters, NotFound, "没有这条记录", matters.on_problem, RecordStep, stranger, matters.problem(), note="好"
    )


def test_a_stale_page_is_told_so(matters):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))

    assert_refused(
        matters, Conflict, "此事项已有更新", matters.on_problem, RecordStep, handler, problem, note="好", seen=1
    )


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"title": "字" * 81}, "最多 80 字"),
        ({"description": "电话 13812345678"}, "手机号码"),
        ({"description": "证号 32058119900101123X"}, "身份证号"),
        ({"measures": " "}, "请填写整改措施"),
        ({"item": "9.9"}, "24 个条目"),
        ({"kind": "later"}, "整改类型"),
        ({"responsible": ""}, "没有这条记录|责任单位"),
    ],
    ids=["long title", "phone", "identity", "no measures", "item", "kind", "nobody responsible"],
)
def test_a_problem_that_is_not_described_well_is_refused(matters, members, sentence):
    findings = matters.findings()
    before = len(matters.city.topics())
    with pytest.raises((RuleBroken, NotFound), match=sentence):
        matters.problem(**vars(findings) | members)
    assert len(matters.city.topics()) == before


def test_numbers_go_on_without_repeating(matters):
    numbers = [matters.city.ledger.fetch(Problem, matters.problem()).number for _ in range(4)]
    assert numbers == [f"常物整〔2026〕琴川-0000{n}" for n in range(1, 5)]


def stated(matters, problem):
    return dict(matters.city.ledger.fetch(Problem, problem).stated)


def corrected(matters, problem, **members):
    matters.correct(problem, **members)


def test_a_correction_writes_what_differs_and_nothing_else(matters):
    problem = matters.problem()
    before = stated(matters, problem)

    corrected(matters, problem, item="2.3", title="  电梯停运 ")

    assert stated(matters, problem) == before | {"item": "2.3", "title": "电梯停运"}
    [event] = matters.city.ledger.read(after=len(matters.city.topics()) - 1, limit=1)
    assert (event.topic, event.data) == (
        "problem.corrected",
        {"reason": "登记时填错", "item": "2.3", "title": "电梯停运"},
    )


def test_a_closed_problem_can_be_corrected_and_stays_closed(matters):
    problem = matters.closed_problem()

    corrected(matters, problem, item="2.3")

    assert state(matters, problem) == "closed"
    assert verified(matters.city.ledger) == len(matters.city.topics())


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "没有改动"),
        ({"item": "9.9"}, "24 个条目"),
        ({"reason": " ", "title": "新"}, "请填写更正理由"),
        ({"owner": UUID(int=7)}, "请选择责任人"),
        ({"description": "电话 13812345678"}, "手机号码"),
    ],
    ids=["nothing", "item", "no reason", "nobody", "phone"],
)
def test_a_correction_is_judged_like_the_entry_itself(matters, members, sentence):
    problem = matters.problem()
    before = len(matters.city.topics())
    with pytest.raises(RuleBroken, match=sentence):
        corrected(matters, problem, **members)
    assert len(matters.city.topics()) == before


def test_what_is_said_of_a_problem_never_copies_its_tip(matters):
    """At no step: the problem's papers go to the company."""
    tip, handler = matters.verified_tip(), matters.city.actor("town_handler")
    matters.on_tip(TurnTipIntoProblems, handler, tip, problems=(matters.findings(),))
    [opened] = [one for one in matters.city.ledger.read(after=0, limit=500) if one.topic == "problem.opened"]
    problem = UUID(opened.stream)
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))

    assert_refused(matters, RuleBroken, "用自己的话", matters.on_problem, RecordStep, handler, problem, note=TOLD)


def test_a_town_enters_nothing_for_another(matters):
    other = matters.city.actor("town_handler", OTHER_TOWN)

    assert_refused(matters, NotFound, "没有这条记录", matters.do, OpenProblem, other, findings=matters.findings())
