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
    TipRegistered,
    TipReturned,
    TipShredded,
    TipShreddingProposed,
    TipSupplemented,
    TipUnitRecused,
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
    "verify": (TipVerified, verify),
    "convert": (TipBecameProblems, lambda t, who: t.become_problems(problems=["p"], actor=who)),
    "answer": (TipAnswered, lambda t, who: t.answer(answer="已办", actor=who)),
    "supplement": (TipSupplemented, lambda t, who: t.supplement(received_on=TODAY, commits={}, actor=who)),
    "recuse": (TipUnitRecused, lambda t, who: t.recuse(unit=OTHER, reason="反映该单位", actor=who)),
}
# act → the states that it may be done in, and where it leads to.
WEIGHED = ("registered", "accepted", "returned")
STAY = {state: state for state in IN}
MOVES = {
    "accept": {"registered": "accepted"},
    "decline": dict.fromkeys(WEIGHED, "declined"),
    "out_of_scope": dict.fromkeys(WEIGHED, "declined"),
    "withdraw": {"registered": "withdrawn"},
    "assign": {"accepted": "assigned", "returned": "assigned"},
    "acknowledge": {"assigned": "acknowledged"},
    "return": {"assigned": "returned", "acknowledged": "returned"},
    "verify": {"acknowledged": "verified"},
    "convert": {"verified": "became_problems"},
    "answer": {"verified": "answered", "became_problems": "answered"},
    "supplement": STAY,
    "recuse": STAY,
}


def do(history, act, who=None) -> Given:
    return given(*history).when(lambda tip: DO[act][1](tip, who or actor()))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"register"})


@pytest.mark.parametrize("state", IN)
@pytest.mark.parametrize("act", DO)
def test_an_act_is_done_in_its_states_and_in_no_other(act, state):
    if state in MOVES[act]:
        do(IN[state], act).then(MOVES[act][state], DO[act][0])
    else:
        do(IN[state], act).refused("请刷新页面查看最新进展", RuleBroken)


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
