"""批量导入: finished once, withdrawn once, also where it was cut off. The expected moves are written out here by hand."""

from __future__ import annotations

import pytest

from domain.errors import RuleBroken
from domain.imports.actions import ACTIONS, STATES
from domain.imports.events import ImportFinished, ImportStarted, ImportWithdrawn
from tests.support.given import actor, given, happened

STARTED = happened(ImportStarted, kind="tips", rows=3)
FINISHED = happened(ImportFinished, registered=3, repeated=0, refused=0)
WITHDRAWN = happened(ImportWithdrawn, reason="错文件", withdrawn=3, kept=0)
IN = {"started": [STARTED], "finished": [STARTED, FINISHED], "withdrawn": [STARTED, FINISHED, WITHDRAWN]}
DO = {
    "finish": (ImportFinished, lambda i: i.finish(registered=3, repeated=0, refused=0, actor=actor())),
    "withdraw": (ImportWithdrawn, lambda i: i.withdraw(reason="错文件", withdrawn=3, kept=0, actor=actor())),
}
MOVES = {
    ("finish", "started"): "finished",
    ("withdraw", "started"): "withdrawn",
    ("withdraw", "finished"): "withdrawn",
}
SENTENCES = {
    ("finish", "finished"): "这批导入已经完成或撤回",
    ("finish", "withdrawn"): "这批导入已经完成或撤回",
    ("withdraw", "withdrawn"): "这批导入已经撤回",
}


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"start"})
    assert MOVES.keys() | SENTENCES.keys() == {(act, state) for act in DO for state in IN}


@pytest.mark.parametrize(("act", "state"), MOVES)
def test_an_act_leads_on(act, state):
    given(*IN[state]).when(DO[act][1]).then(MOVES[act, state], DO[act][0])


@pytest.mark.parametrize(("act", "state"), SENTENCES)
def test_an_act_is_done_in_no_other_state(act, state):
    given(*IN[state]).when(DO[act][1]).refused(SENTENCES[act, state], RuleBroken)
