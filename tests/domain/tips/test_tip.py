"""问题线索: what may follow what: 登记 → 受理 → 交办 → 签收 → 核查 → 转问题 / 答复; 不予受理, 退回, 撤回; and 销毁 of what it says.

The expected moves are written out here by hand: the table (domain/tips/actions.py) is what is tested.
"""

from __future__ import annotations

from datetime import date

import pytest

from domain import data
from domain.calendar import WorkingDays
from domain.errors import NotAllowed, RuleBroken
from domain.tips.actions import ACTIONS, SHREDDING, STATES
from domain.tips.events import (
    TipAccepted,
    TipAcknowledged,
    TipAnswered,
    TipAssigned,
    TipBecameProblems,
    TipDeclined,
    TipJoinedProblem,
    TipReassigned,
    TipRecalled,
    TipRegistered,
    TipReopened,
    TipReporterInformed,
    TipReturned,
    TipShredded,
    TipShreddingProposed,
    TipSupplemented,
    TipTakenUp,
    TipUnitRecused,
    TipUrgentMarked,
    TipVerified,
    TipWithdrawn,
)
from tests.support.given import TOWN, Given, actor, given, happened

TODAY, CITY, OTHER = date(2026, 3, 2), "320581", "320581001"
CALENDAR = data.read("calendar")
DAYS = WorkingDays.of(CALENDAR["years"], CALENDAR["days_off"], CALENDAR["working_days"])
REGISTERED = happened(TipRegistered, "desk", acting_unit=CITY, channel="12345", received_on="2026-03-01", commits={})
ACCEPTED = happened(TipAccepted, "desk")
ASSIGNED = happened(TipAssigned, "desk", unit=TOWN, due_on="2026-03-20")
ACKNOWLEDGED = happened(TipAcknowledged, "handler")
RETURNED = happened(TipReturned, "handler", reason="不在辖区", unit=CITY)
VERIFIED = happened(TipVerified, "handler", result="true", finding="属实", estate="e")
CONVERTED = happened(TipBecameProblems, "handler", problems=["p"])
ANSWERED = happened(TipAnswered, "desk", answer="已办")
PROPOSED = happened(TipShreddingProposed, "desk", ground="expired")
SHREDDED = happened(TipShredded, "decider", ground="expired")

WITH_TOWN = [REGISTERED, ACCEPTED, ASSIGNED]
IN = {
    "registered": [REGISTERED],
    "accepted": [REGISTERED, ACCEPTED],
    "declined": [REGISTERED, happened(TipDeclined, "desk", reason="重复")],
    "assigned": WITH_TOWN,
    "acknowledged": [*WITH_TOWN, ACKNOWLEDGED],
    "returned": [*WITH_TOWN, RETURNED],
    "verified": [*WITH_TOWN, ACKNOWLEDGED, VERIFIED],
    "became_problems": [*WITH_TOWN, ACKNOWLEDGED, VERIFIED, CONVERTED],
    "answered": [*WITH_TOWN, ACKNOWLEDGED, VERIFIED, ANSWERED],
    "withdrawn": [REGISTERED, happened(TipWithdrawn, "desk", reason="登记错误")],
}


def verify(tip, who, result="true", estate="e"):
    tip.verify(result=result, finding="现场查看", estate=estate, evidence=[], actor=who)


DO = {
    "accept": (TipAccepted, lambda t, who: t.accept(basis="第三条", actor=who)),
    "decline": (TipDeclined, lambda t, who: t.decline(reason="重复", basis="第三条", actor=who)),
    "out_of_scope": (TipDeclined, lambda t, who: t.decline(reason="他管", basis="b", turn_to="住建局", actor=who)),
    "withdraw": (TipWithdrawn, lambda t, who: t.withdraw(reason="登记错误", actor=who)),
    "assign": (
        TipAssigned,
        lambda t, who: t.assign(unit=TOWN, due_on=date(2026, 3, 20), today=TODAY, basis="b", actor=who),
    ),
    "acknowledge": (TipAcknowledged, lambda t, who: t.acknowledge(actor=who)),
    "return": (
        TipReturned,
        lambda t, who: t.return_(reason="不在", basis="b", unit=CITY, today=TODAY, working_days=DAYS, actor=who),
    ),
    "recall": (TipRecalled, lambda t, who: t.recall(reason="交错了", actor=who)),
    "reassign": (
        TipReassigned,
        lambda t, who: t.reassign(unit=OTHER, due_on=date(2026, 3, 20), today=TODAY, reason="在邻镇", actor=who),
    ),
    "verify": (TipVerified, verify),
    "verify_again": (TipVerified, verify),
    "join": (TipJoinedProblem, lambda t, who: t.join_problem(problem="p", unit=TOWN, actor=who)),
    "inform": (TipReporterInformed, lambda t, who: t.inform(kind="interim", answer="正在整改", actor=who)),
    "answer_again": (TipAnswered, lambda t, who: t.answer(answer="补充", actor=who)),
    "reopen": (
        TipReopened,
        lambda t, who: t.reopen(cause="complaint", reason="不服", due_on=date(2026, 3, 20), today=TODAY, actor=who),
    ),
    "mark_urgent": (TipUrgentMarked, lambda t, who: t.mark_urgent(reason="墙砖脱落", actor=who)),
    "convert": (TipBecameProblems, lambda t, who: t.become_problems(problems=["p"], actor=who)),
    "answer": (TipAnswered, lambda t, who: t.answer(answer="已办", actor=who)),
    "supplement": (TipSupplemented, lambda t, who: t.supplement(received_on=TODAY, commits={}, actor=who)),
    "recuse": (TipUnitRecused, lambda t, who: t.recuse(unit=OTHER, reason="反映该单位", actor=who)),
}
# act → the states that it may be done in, and where it leads to.
WEIGHED = ("registered", "accepted", "returned")
STAY = {state: state for state in IN}
VERIFIED_AFTER = {"acknowledged": "verified", "verified": "verified"}
ANSWERED_AFTER = dict.fromkeys(("verified", "became_problems", "answered"), "answered")
MOVES = {
    "accept": {"registered": "accepted"},
    "decline": dict.fromkeys(WEIGHED, "declined"),
    "out_of_scope": dict.fromkeys(WEIGHED, "declined"),
    "withdraw": {"registered": "withdrawn"},
    "assign": {"accepted": "assigned", "returned": "assigned"},
    "acknowledge": {"assigned": "acknowledged"},
    "return": {"assigned": "returned", "acknowledged": "returned"},
    "recall": dict.fromkeys(("assigned", "acknowledged", "verified"), "accepted"),
    "reassign": dict.fromkeys(("assigned", "acknowledged", "verified"), "assigned"),
    "verify": VERIFIED_AFTER,
    "verify_again": VERIFIED_AFTER,
    "join": dict.fromkeys(("acknowledged", "verified"), "became_problems"),
    "inform": {
        state: state for state in ("accepted", "assigned", "returned", "acknowledged", "verified", "became_problems")
    },
    "answer_again": ANSWERED_AFTER,
    "reopen": {"declined": "registered", "answered": "acknowledged"},
    "mark_urgent": {
        state: state for state in ("registered", "accepted", "assigned", "returned", "acknowledged", "verified")
    },
    "convert": {"verified": "became_problems"},
    "answer": ANSWERED_AFTER,
    "supplement": STAY,
    "recuse": STAY,
}


def do(history, act, who=None) -> Given:
    return given(*history).when(lambda tip: DO[act][1](tip, who or actor()))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"register", "take_up"})


@pytest.mark.parametrize("state", IN)
@pytest.mark.parametrize("act", DO)
def test_an_act_is_done_in_its_states_and_in_no_other(act, state):
    if state in MOVES[act]:
        do(IN[state], act).then(MOVES[act][state], DO[act][0])
    else:
        do(IN[state], act).refused("请刷新页面查看最新进展", RuleBroken)


OWN = [happened(TipRegistered, "handler", channel="hotline", received_on="2026-03-01", commits={})]


@pytest.mark.parametrize("history", [OWN, [*OWN, ACCEPTED]], ids=["registered", "accepted"])
def test_a_town_takes_up_what_it_received_itself(history):
    def take_up(tip, due_on=date(2026, 3, 20)):
        tip.take_up(due_on=due_on, today=TODAY, actor=actor())

    given(*history).when(take_up).then("acknowledged", TipTakenUp, due_on="2026-03-20")
    given(*history).when(lambda tip: take_up(tip, date(2026, 3, 1))).refused("办理期限不能早于今天")
    given(*IN["registered"]).when(take_up).refused("由市专班登记")
    given(*IN["assigned"]).when(take_up).refused("请刷新页面")


def test_what_was_taken_up_is_verified_and_may_be_given_to_another_town_by_the_city():
    taken = [*OWN, happened(TipTakenUp, "handler", due_on="2026-03-20")]
    given(*taken).when(lambda tip: verify(tip, actor())).then("verified", TipVerified)
    do(taken, "reassign").then("assigned", TipReassigned, unit=OTHER)


def test_the_city_takes_back_whatever_term_has_run_out_and_the_unit_is_its_own_again():
    outcome = do(IN["acknowledged"], "recall")
    outcome.then("accepted", TipRecalled, unit=CITY)
    assert outcome.matter.unit == CITY


def test_a_tip_is_given_neither_to_the_same_town_nor_to_one_that_is_recused():
    def to(unit):
        return lambda t: t.reassign(unit=unit, due_on=TODAY, today=TODAY, reason="改派", actor=actor())

    given(*IN["acknowledged"]).when(to(TOWN)).refused("已在该镇")
    recused = [*IN["acknowledged"], happened(TipUnitRecused, "desk", recused=OTHER, reason="反映该单位")]
    given(*recused).when(to(OTHER)).refused("已回避")


def test_an_answered_tip_is_reopened_with_a_new_term_and_a_cause():
    def reopen(**members):
        members = {"cause": "order", "reason": "督办", "due_on": date(2026, 3, 20)} | members
        return lambda t: t.reopen(today=TODAY, actor=actor(), **members)

    given(*IN["answered"]).when(reopen(ordered_by="常信〔2026〕3号")).then(
        "acknowledged", TipReopened, ordered_by="常信〔2026〕3号", due_on="2026-03-20"
    )
    given(*IN["answered"]).when(reopen(due_on=None)).refused("请填写重新核查的办理期限")
    given(*IN["answered"]).when(reopen(due_on=date(2026, 3, 1))).refused("不能早于今天")
    given(*IN["answered"]).when(reopen(cause="mood")).refused("请选择重新办理的原因")
    given(*IN["declined"]).when(reopen(due_on=None)).then("registered", TipReopened, due_on=None)


def test_a_second_complaint_joins_a_problem_of_the_same_town_only():
    given(*IN["acknowledged"]).when(lambda t: t.join_problem(problem="p", unit=OTHER, actor=actor())).refused(
        "不属于此线索"
    )


def test_what_is_urgent_is_marked_once():
    do([*IN["assigned"], happened(TipUrgentMarked, "desk", reason="墙砖脱落")], "mark_urgent").refused("已列为紧急")


def test_whoever_informs_says_which_kind_it_is():
    given(*IN["accepted"]).when(lambda t: t.inform(kind="", answer="已受理", actor=actor())).refused("请选择告知的种类")


@pytest.mark.parametrize("state", IN)
def test_a_recused_unit_loses_what_it_holds_and_nothing_else_changes(state):
    back = {"assigned": "returned", "acknowledged": "returned"}
    outcome = given(*IN[state]).when(lambda tip: tip.recuse(unit=TOWN, reason="反映该单位", actor=actor()))

    outcome.then(back.get(state, state), TipUnitRecused, recused=TOWN)
    assert outcome.matter.unit == CITY


def test_a_recused_unit_is_not_given_it():
    history = [*IN["accepted"], happened(TipUnitRecused, "desk", recused=TOWN, reason="反映该单位")]
    do(history, "assign").refused("该单位已回避")


@pytest.mark.parametrize(("result", "may"), [("true", True), ("partly", True), ("false", False)])
def test_only_what_was_found_true_becomes_problems(result, may):
    verified = happened(TipVerified, "handler", result=result, finding="查看", estate="e")
    outcome = do([*IN["acknowledged"], verified], "convert")
    if may:
        outcome.then("became_problems", TipBecameProblems)
    else:
        outcome.refused("核查结论为不属实，不能转为问题")


@pytest.mark.parametrize(("act", "unit"), [("assign", TOWN), ("return", CITY)])
def test_whose_it_is_moves_with_it(act, unit):
    outcome = do(IN[next(iter(MOVES[act]))], act)
    outcome.then(next(iter(MOVES[act].values())), DO[act][0], unit=unit)
    assert outcome.matter.unit == unit


def propose(tip, who="somebody"):
    tip.propose_shredding(ground="expired", actor=actor(who))


def shred(history, *who, **accounts) -> Given:
    return given(*history).when(lambda tip: tip.shred(actor=actor(*who, **accounts)))


def test_every_act_of_destroying_is_tried():
    assert SHREDDING.keys() == {"propose_shredding", "shred"}


@pytest.mark.parametrize("state", IN)
def test_destroying_is_proposed_and_approved_by_another_in_any_state(state):
    given(*IN[state]).when(propose).then("proposed", TipShreddingProposed, of="content")
    given(*IN[state], PROPOSED).when(propose).then("proposed", TipShreddingProposed, of="content")
    shred([*IN[state], PROPOSED]).then("shredded", TipShredded, of="content", ground="expired")
    shred(IN[state]).refused("尚未有人提请销毁此线索", RuleBroken)


def test_whoever_proposed_it_once_does_not_approve():
    twice = [*IN["answered"], PROPOSED, happened(TipShreddingProposed, "handler", ground="expired")]
    for who in ("desk", "handler"):
        shred(twice, who).refused("此线索由您提请销毁，请由另一位同事批准", NotAllowed)
    shred(twice, "second account", accounts=("desk",)).refused("请由另一位同事批准", NotAllowed)


def test_what_is_destroyed_is_not_destroyed_again():
    history = [*IN["answered"], PROPOSED, SHREDDED]
    given(*history).when(propose).refused("此线索的内容已销毁", RuleBroken)
    shred(history).refused("此线索的内容已销毁", RuleBroken)
