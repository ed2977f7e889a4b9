"""信用扣分: proposed by a town, decided or declined by another person, served once; proposed again only if that is said.

The expected moves are written out here by hand: the table (domain/deductions/actions.py) is what is tested.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from domain.deductions.actions import ACTIONS, STATES
from domain.deductions.deduction import repeated
from domain.deductions.events import DeductionDecided, DeductionDeclined, DeductionProposed, DeductionServed
from domain.errors import NotAllowed, RuleBroken
from tests.support.given import TOWN, actor, given, happened

TODAY = date(2026, 3, 2)
PROPOSED = happened(
    DeductionProposed, "proposer", company="c", problem="p", problem_version=3, unit=TOWN, score_table=1, score_code="1.1",
    points_x10=20, reason="未公示",
)  # fmt: skip
DECIDED = happened(DeductionDecided, "decider", points_x10=10, document="1号", decided_on="2026-03-01")
DECLINED = happened(DeductionDeclined, "decider", reason="证据不足")
SERVED = happened(DeductionServed, "proposer", served_on="2026-03-02", way="by_post")
IN = {"proposed": [PROPOSED], "decided": [PROPOSED, DECIDED], "declined": [PROPOSED, DECLINED]}


def decide(deduction, who):
    deduction.decide(points_x10=10, document="1号", decided_on=TODAY, today=TODAY, note=None, actor=who)


DO = {
    "decide": (DeductionDecided, decide),
    "decline": (DeductionDeclined, lambda d, who: d.decline(reason="证据不足", actor=who)),
    "serve": (
        DeductionServed,
        lambda d, who: d.serve(served_on=TODAY, way="by_post", today=TODAY, note=None, actor=who),
    ),
}
# (act, state before) → state after; or the sentence that refuses.
MOVES = {
    ("decide", "proposed"): "decided",
    ("decline", "proposed"): "declined",
    ("serve", "decided"): "decided",
}
SENTENCES = {
    ("decide", "decided"): "此扣分现为“已扣分”，不能再作决定",
    ("decide", "declined"): "此扣分现为“未采纳”，不能再作决定",
    ("decline", "decided"): "此扣分现为“已扣分”，不能再作决定",
    ("decline", "declined"): "此扣分现为“未采纳”，不能再作决定",
    ("serve", "proposed"): "此扣分现为“待决定”，没有可送达的告知单",
    ("serve", "declined"): "此扣分现为“未采纳”，没有可送达的告知单",
}


def do(history, act, who=None):
    return given(*history).when(lambda deduction: DO[act][1](deduction, who or actor()))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"propose"})
    assert MOVES.keys() | SENTENCES.keys() == {(act, state) for act in DO for state in IN}


@pytest.mark.parametrize(("act", "state"), MOVES)
def test_an_act_leads_on(act, state):
    do(IN[state], act).then(MOVES[act, state], DO[act][0])


@pytest.mark.parametrize(("act", "state"), SENTENCES)
def test_an_act_is_done_in_no_other_state(act, state):
    do(IN[state], act).refused(SENTENCES[act, state], RuleBroken)


@pytest.mark.parametrize("act", ["decide", "decline"])
def test_whoever_proposed_it_does_not_decide(act):
    for who in (actor("proposer"), actor("second account", accounts=("proposer",))):
        do(IN["proposed"], act, who).refused("此扣分由您提请，请由另一位同事决定", NotAllowed)


def test_whoever_proposed_it_may_serve_it_and_it_is_served_once():
    do(IN["decided"], "serve", actor("proposer")).then("decided", DeductionServed)
    do([*IN["decided"], SERVED], "serve").refused("此告知单已登记于 2026-03-02 送达", RuleBroken)


class Earlier(NamedTuple):
    score_code: str
    state: str


@pytest.mark.parametrize(
    ("earlier", "again", "found"),
    [
        ([], False, None),
        ([Earlier("1.1", "proposed")], False, 0),
        ([Earlier("1.1", "decided")], False, 0),
        ([Earlier("1.1", "declined")], False, None),
        ([Earlier("2.1", "decided")], False, None),
        ([Earlier("1.1", "decided")], True, None),
        ([Earlier("1.1", "decided"), Earlier("1.1", "proposed"), Earlier("1.1", "declined")], False, 1),
    ],
)
def test_the_same_conduct_is_proposed_again_only_by_whoever_says_so(earlier, again, found):
    assert repeated("1.1", earlier, again=again) == (None if found is None else earlier[found])
