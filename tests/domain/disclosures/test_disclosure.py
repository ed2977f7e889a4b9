"""身份打开: asked for by one, approved or declined by another, opened by whoever asked and by nobody else, as often as needed.

The expected moves are written out here by hand: the table (domain/disclosures/actions.py) is what is tested.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.disclosures.actions import ACTIONS, STATES
from domain.disclosures.events import DisclosureApproved, DisclosureDeclined, DisclosureOpened, DisclosureRequested
from domain.errors import NotAllowed, RuleBroken
from tests.support.given import TOWN, actor, given, happened

TODAY = date(2026, 3, 2)
REQUESTED = happened(
    DisclosureRequested, "asker", unit=TOWN, tip=str(UUID(int=9)), fields=["reporter", "contact"], reason="需回访"
)
APPROVED = happened(DisclosureApproved, "decider")
DECLINED = happened(DisclosureDeclined, "decider", reason="不必要")
OPENED = happened(DisclosureOpened, "asker", fields=["reporter"])
IN = {"requested": [REQUESTED], "approved": [REQUESTED, APPROVED], "declined": [REQUESTED, DECLINED]}
DO = {
    "approve": (DisclosureApproved, lambda d, who: d.approve(actor=who)),
    "decline": (DisclosureDeclined, lambda d, who: d.decline(reason="不必要", actor=who)),
    "open": (DisclosureOpened, lambda d, who: d.open(fields=["reporter"], today=TODAY, actor=who)),
}
WHO = {"approve": "decider", "decline": "decider", "open": "asker"}
MOVES = {
    ("approve", "requested"): "approved",
    ("decline", "requested"): "declined",
    ("open", "approved"): "approved",
}
SENTENCES = {
    ("approve", "approved"): "此申请现为“已批准”，不能再作决定",
    ("approve", "declined"): "此申请现为“未批准”，不能再作决定",
    ("decline", "approved"): "此申请现为“已批准”，不能再作决定",
    ("decline", "declined"): "此申请现为“未批准”，不能再作决定",
    ("open", "requested"): "此申请现为“待批准”，不能打开",
    ("open", "declined"): "此申请现为“未批准”，不能打开",
}


def do(history, act, who=None):
    return given(*history).when(lambda disclosure: DO[act][1](disclosure, who or actor(WHO[act])))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"request"})
    assert MOVES.keys() | SENTENCES.keys() == {(act, state) for act in DO for state in IN}


@pytest.mark.parametrize(("act", "state"), MOVES)
def test_an_act_leads_on(act, state):
    do(IN[state], act).then(MOVES[act, state], DO[act][0])


@pytest.mark.parametrize(("act", "state"), SENTENCES)
def test_an_act_is_done_in_no_other_state(act, state):
    do(IN[state], act).refused(SENTENCES[act, state], RuleBroken)


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_whoever_asked_does_not_decide(act):
    for who in (actor("asker"), actor("second account", accounts=("asker",))):
        do(IN["requested"], act, who).refused("此申请由您提出，请由另一位同事批准", NotAllowed)


@pytest.mark.parametrize("who", ["decider", "somebody"])
def test_only_whoever_asked_opens_it(who):
    do(IN["approved"], "open", actor(who)).refused("只有申请人本人可以打开", NotAllowed)
    do(IN["approved"], "open", actor(who, accounts=("asker",))).refused("只有申请人本人可以打开", NotAllowed)


def test_it_is_opened_as_often_as_needed():
    do([*IN["approved"], OPENED], "open").then("approved", DisclosureOpened)
