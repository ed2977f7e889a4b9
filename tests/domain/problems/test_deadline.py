"""完成时限: more time is asked for before it has passed and decided by another person one level up; the clock may stand for a while."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import NotAllowed, RuleBroken
from domain.problems.actions import EXTENSION, OPEN_TO, PAUSE, STATES
from domain.problems.events import (
    ProblemClosed,
    ProblemExtensionGranted,
    ProblemExtensionRefused,
    ProblemExtensionRequested,
    ProblemPaused,
    ProblemReopened,
    ProblemResumed,
    ProblemVoided,
)
from domain.problems.terms import LONGEST_PAUSE, TOWN_EXTENDS
from tests.domain.problems.test_problem import ASSIGNED, IN, OPENED, STATED, TODAY, VOIDED
from tests.support.given import Given, actor, given, happened

# The deadline as entered is 2026-03-20.
ASKED = happened(ProblemExtensionRequested, "handler", due_on="2026-04-30", reason="材料未到", measures="围挡")
GRANTED = happened(ProblemExtensionGranted, "closer", due_on="2026-04-10")
PAUSED = happened(ProblemPaused, "desk", reason="冬季", since="2026-03-02", until="2026-03-12")
RESUMED = happened(ProblemResumed, "desk", due_on="2026-03-25")
RUNNING, WAITING = [OPENED, ASSIGNED], [OPENED, ASSIGNED, ASKED]


def ask(history, day=TODAY, due_on=date(2026, 4, 5), who="handler") -> Given:
    said = {"reason": "材料未到", "measures": "先行围挡"}
    return given(*history).when(lambda p: p.request_extension(due_on=due_on, today=day, actor=actor(who), **said))


def grant(history, due_on=date(2026, 4, 10), day=TODAY, who="closer", role="town_closer", person="p") -> Given:
    by = actor(who, role)
    return given(*history).when(lambda p: p.grant_extension(due_on=due_on, person=person, today=day, actor=by))


def refuse(history, who="closer", person="p") -> Given:
    return given(*history).when(lambda p: p.refuse_extension(reason="不充分", person=person, actor=actor(who)))


def pause(history, until=date(2026, 3, 12), day=TODAY, person="p") -> Given:
    return given(*history).when(
        lambda p: p.pause(reason="冬季无法施工", until=until, person=person, today=day, actor=actor("desk"))
    )


def resume(history, day=date(2026, 3, 7)) -> Given:
    return given(*history).when(lambda p: p.resume(today=day, actor=actor("desk")))


def test_more_time_is_asked_for_and_decided():
    ask(RUNNING).then("requested", ProblemExtensionRequested, of="extension", due_on="2026-04-05", measures="先行围挡")
    grant(WAITING).then("unasked", ProblemExtensionGranted, of="extension", due_on="2026-04-10")
    refuse(WAITING).then("unasked", ProblemExtensionRefused, of="extension", reason="不充分")
    assert given(*WAITING, GRANTED).matter.due_on == "2026-04-10"
    assert given(*WAITING).matter.due_on == "2026-03-20"


def test_it_is_asked_for_until_the_deadline_and_no_later():
    ask(RUNNING, day=date(2026, 3, 20)).then("requested", ProblemExtensionRequested, of="extension")
    ask(RUNNING, day=date(2026, 3, 21)).refused("完成时限已于 2026-03-20 届满，不能再申请延期", RuleBroken)
    ask([*WAITING, GRANTED], day=date(2026, 4, 10), due_on=date(2026, 4, 20)).then(
        "requested", ProblemExtensionRequested, of="extension"
    )
    ask(RUNNING, due_on=date(2026, 3, 20)).refused("延期后的时限须晚于现在的完成时限（2026-03-20）", RuleBroken)


def test_a_town_grants_so_many_days_and_the_city_more():
    last = date(2026, 3, 20).fromordinal(date(2026, 3, 20).toordinal() + TOWN_EXTENDS)
    grant(WAITING, last).then("unasked", ProblemExtensionGranted, of="extension")
    longer = last.fromordinal(last.toordinal() + 1)
    grant(WAITING, longer).refused(f"累计延长 {TOWN_EXTENDS + 1} 日，超过镇（街道）可批准的", NotAllowed)
    grant(WAITING, longer, role="city_decider").then("unasked", ProblemExtensionGranted, of="extension")
    second = [*WAITING, GRANTED, ASKED]  # 21 days were granted already
    grant(second, date(2026, 4, 20)).refused("累计延长 31 日", NotAllowed)


def test_no_more_is_granted_than_was_asked_nor_less_than_there_is():
    grant(WAITING, date(2026, 5, 1)).refused("不能晚于所申请的时限（2026-04-30）", RuleBroken)
    grant(WAITING, date(2026, 3, 20)).refused("须晚于现在的完成时限", RuleBroken)
    grant(WAITING, date(2026, 4, 10), day=date(2026, 4, 11)).refused("不能早于今天", RuleBroken)


@pytest.mark.parametrize("decide", [grant, refuse])
def test_whoever_asked_or_answers_for_it_does_not_decide(decide):
    decide(WAITING, who="handler").refused("此延期由您申请，请由另一位同事审批", NotAllowed)
    decide(WAITING, person="owner").refused("您是此问题的责任人", NotAllowed)


def test_what_was_not_asked_is_not_decided_and_nothing_is_asked_twice():
    grant(RUNNING).refused("此问题未申请延期，不能批准延期", RuleBroken)
    ask(WAITING).refused("此问题延期待批，不能申请延期", RuleBroken)


def test_the_clock_stands_and_goes_on_later_by_as_many_days():
    pause(RUNNING).then("paused", ProblemPaused, of="pause_", since="2026-03-02", until="2026-03-12")
    resume([*RUNNING, PAUSED]).then("running", ProblemResumed, of="pause_", due_on="2026-03-25")
    resume([*RUNNING, PAUSED], day=date(2026, 5, 1)).then("running", ProblemResumed, of="pause_", due_on="2026-03-30")
    resume([*RUNNING, PAUSED], day=TODAY).then("running", ProblemResumed, of="pause_", due_on="2026-03-20")
    resume(RUNNING).refused("此问题计时中，不能恢复整改", RuleBroken)


def test_all_pauses_of_a_round_together_have_a_longest():
    last = TODAY.fromordinal(TODAY.toordinal() + LONGEST_PAUSE)
    pause(RUNNING, last).then("paused", ProblemPaused, of="pause_")
    pause(RUNNING, last.fromordinal(last.toordinal() + 1)).refused(f"最多暂停 {LONGEST_PAUSE} 日", RuleBroken)
    pause([*RUNNING, PAUSED, RESUMED], last).refused(f"还可暂停 {LONGEST_PAUSE - 5} 日", RuleBroken)
    again = happened(ProblemReopened, "desk", cause="relapse", reason="反弹", due_on="2026-04-01")
    history = [*RUNNING, PAUSED, RESUMED, happened(ProblemClosed, "closer", verified=0), again]
    pause(history, last).then("paused", ProblemPaused, of="pause_")


def test_what_is_late_does_not_stand_still():
    pause(RUNNING, date(2026, 4, 1), day=date(2026, 3, 21)).refused(
        "完成时限已于 2026-03-20 届满，不能暂停", RuleBroken
    )
    pause(RUNNING, TODAY).refused("须晚于今天", RuleBroken)
    pause(RUNNING, person="owner").refused("您是此问题的责任人", NotAllowed)


def test_while_the_clock_stands_nothing_is_reported_and_no_more_time_asked():
    ask([*RUNNING, PAUSED]).refused("请先恢复整改，再申请延期", RuleBroken)
    given(*RUNNING, PAUSED).when(
        lambda p: p.report_completion(note="好", completed_on=TODAY, today=TODAY, evidence=[], actor=actor())
    ).refused("请先恢复整改，再申报完成", RuleBroken)


DO = {"request_extension": ask, "grant_extension": grant, "refuse_extension": refuse, "pause": pause, "resume": resume}
BEFORE = {"grant_extension": [ASKED], "refuse_extension": [ASKED], "resume": [PAUSED]}
NAMES = {**EXTENSION, **PAUSE}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", DO)
def test_each_is_open_in_some_states_of_the_problem_only(act, state):
    told = [OPENED, *BEFORE.get(act, []), VOIDED] if state == "voided" else [*IN[state], *BEFORE.get(act, [])]
    tried = DO[act](told)
    if state in OPEN_TO[act]:
        assert tried.refusal is None, tried.refusal
    else:
        tried.refused("已作废" if state == "voided" else f"此问题现为“{STATES[state]}”", RuleBroken)


def test_the_deadline_as_entered_is_not_corrected_once_it_has_moved():
    stated = STATED | {"due_on": date(2026, 3, 25)}
    given(*WAITING, GRANTED).when(lambda p: p.correct(reason="填错", today=TODAY, actor=actor(), **stated)).refused(
        "登记时的时限不能再更正", RuleBroken
    )


def test_a_voided_problem_waits_for_no_decision():
    grant([*WAITING, happened(ProblemVoided, "desk", reason="重复")]).refused("此问题已作废", RuleBroken)
