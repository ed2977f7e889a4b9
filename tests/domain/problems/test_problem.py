"""问题: what may follow what, from the notice: 登记 → 交办 → 整改 → 申报 → 核查 → 销号, each by another person, and back.

The expected moves are written out here by hand: the table (domain/problems/actions.py) is what is tested.
"""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import NotAllowed, RuleBroken
from domain.problems.actions import ACTIONS, STATES
from domain.problems.events import (
    ProblemAssigned,
    ProblemClosed,
    ProblemClosureRevoked,
    ProblemCompletionReported,
    ProblemCorrected,
    ProblemOpened,
    ProblemOwnerChanged,
    ProblemRectificationRefused,
    ProblemRectificationVerified,
    ProblemReopened,
    ProblemStepRecorded,
)
from tests.support.given import TOWN, Given, actor, given, happened

TODAY, DUE = date(2026, 3, 2), date(2026, 4, 1)
PHOTO, LATER = ({"sha256": letter * 64, "size": 1, "media_type": "image/png"} for letter in "ab")
SAYS = {
    "number": "常物整〔2026〕琴川-00001", "unit": TOWN, "estate": "e", "item": "1.1", "title": "照明", "description": "坏",
    "found_on": "2026-03-01", "kind": "by_deadline", "responsible": TOWN, "owner": "owner", "measures": "更换",
    "due_on": "2026-03-20", "catalogue": 1, "calendar": 1,
}  # fmt: skip
OPENED = happened(ProblemOpened, "opener", **SAYS)
ASSIGNED = happened(ProblemAssigned, "desk", handler="handler")
STEP = happened(ProblemStepRecorded, "handler", note="换灯", evidence=[PHOTO])
REPORTED = happened(ProblemCompletionReported, "reporter", note="好了", completed_on="2026-03-02")
REFUSED = happened(ProblemRectificationRefused, "verifier", reason="缺照片")
VERIFIED = happened(ProblemRectificationVerified, "verifier", method="on_site", note="亮了")
CLOSED = happened(ProblemClosed, "closer")
REOPENED = happened(ProblemReopened, "desk", reason="反弹", due_on="2026-04-01")
REVOKED = happened(ProblemClosureRevoked, "decider", reason="不实", due_on="2026-04-01", closed=6)

DONE = [OPENED, ASSIGNED, STEP, REPORTED]
IN = {
    "opened": [OPENED],
    "assigned": [OPENED, ASSIGNED],
    "rectifying": [OPENED, ASSIGNED, STEP],
    "reported": DONE,
    "refused": [*DONE, REFUSED],
    "verified": [*DONE, VERIFIED],
    "closed": [*DONE, VERIFIED, CLOSED],
    "reopened": [*DONE, VERIFIED, CLOSED, REOPENED],
}
STATED = {name: SAYS[name] for name in ("title", "item", "description", "kind", "responsible", "owner", "measures")}


def correct(problem, who, _person):
    problem.correct(
        reason="填错", today=TODAY, actor=who, **STATED | {"title": "楼道照明", "found_on": date(2026, 3, 1)}
    )


def begin_again(verb):
    return lambda problem, who, _person: getattr(problem, verb)(reason="反弹", due_on=DUE, today=TODAY, actor=who)


DO = {
    "assign": (ProblemAssigned, lambda p, who, _: p.assign(handler="h", actor=who)),
    "correct": (ProblemCorrected, correct),
    "change_owner": (ProblemOwnerChanged, lambda p, who, _: p.change_owner(owner="next", reason="调离", actor=who)),
    "step": (ProblemStepRecorded, lambda p, who, _: p.record_step(note="再换", evidence=[LATER], actor=who)),
    "report": (
        ProblemCompletionReported,
        lambda p, who, _: p.report_completion(
            note="好了", completed_on=TODAY, today=TODAY, evidence=[LATER], actor=who
        ),
    ),
    "verify": (
        ProblemRectificationVerified,
        lambda p, who, person: p.verify(method="on_site", note="亮了", evidence=[], person=person, actor=who),
    ),
    "refuse": (
        ProblemRectificationRefused,
        lambda p, who, person: p.refuse(reason="缺照片", evidence=[], person=person, actor=who),
    ),
    "close": (ProblemClosed, lambda p, who, person: p.close(person=person, actor=who)),
    "reopen": (ProblemReopened, begin_again("reopen")),
    "revoke": (ProblemClosureRevoked, begin_again("revoke_closure")),
}
# act → the states that it may be done in, and where it leads to.
WORK = {"assigned": "rectifying", "rectifying": "rectifying", "refused": "rectifying", "reopened": "rectifying"}
STAY = {state: state for state in IN if state != "closed"}
MOVES = {
    "assign": STAY | {"opened": "assigned"},
    "correct": STAY | {"closed": "closed"},
    "change_owner": STAY,
    "step": WORK,
    "report": dict.fromkeys(WORK, "reported"),
    "verify": {"reported": "verified"},
    "refuse": {"reported": "refused"},
    "close": {"verified": "closed"},
    "reopen": {"closed": "reopened"},
    "revoke": {"closed": "reopened"},
}


def do(history, act, who=None, person="nobody") -> Given:
    return given(*history).when(lambda problem: DO[act][1](problem, who or actor(), person))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"open"})


@pytest.mark.parametrize("state", IN)
@pytest.mark.parametrize("act", DO)
def test_an_act_is_done_in_its_states_and_in_no_other(act, state):
    if state in MOVES[act]:
        do(IN[state], act).then(MOVES[act][state], DO[act][0])
    else:
        do(IN[state], act).refused("请刷新页面查看最新进展", RuleBroken)


@pytest.mark.parametrize(
    ("act", "state", "doer", "sentence"),
    [
        ("verify", "reported", "handler", "您办理过此问题的整改，请由另一位同事核查"),
        ("verify", "reported", "reporter", "您办理过此问题的整改，请由另一位同事核查"),
        ("refuse", "reported", "handler", "您办理过此问题的整改，请由另一位同事核查"),
        ("refuse", "reported", "reporter", "您办理过此问题的整改，请由另一位同事核查"),
        ("close", "verified", "handler", "您办理过此问题的整改，请由未参与的第三位同事销号"),
        ("close", "verified", "reporter", "您办理过此问题的整改，请由未参与的第三位同事销号"),
        ("close", "verified", "verifier", "您核查过此问题，请由未参与的第三位同事销号"),
        ("revoke", "closed", "closer", "此问题由您销号，请由另一位同事撤销"),
    ],
)
def test_whoever_did_one_part_does_not_do_the_next(act, state, doer, sentence):
    do(IN[state], act, actor(doer)).refused(sentence, NotAllowed)
    do(IN[state], act, actor("second account", accounts=(doer,))).refused(sentence, NotAllowed)


@pytest.mark.parametrize(("act", "state"), [("verify", "reported"), ("refuse", "reported"), ("close", "verified")])
def test_whoever_answers_for_it_neither_verifies_nor_closes(act, state):
    do(IN[state], act, person="owner").refused("您是此问题的责任人", NotAllowed)


@pytest.mark.parametrize("act", ["assign", "step", "report", "reopen"])
def test_whoever_answers_for_it_may_do_the_rest(act):
    state = next(iter(MOVES[act]))
    do(IN[state], act, person="owner").then(MOVES[act][state], DO[act][0])


@pytest.mark.parametrize("again", [REOPENED, REVOKED], ids=["reopened", "revoked"])
def test_a_new_round_begins_four_eyes_anew(again):
    second = happened(ProblemStepRecorded, "verifier", note="再换", evidence=[LATER])
    reported = happened(ProblemCompletionReported, "verifier", note="好了", completed_on="2026-03-02")
    history = [*IN["closed"], again, second, reported]

    do(history, "verify", actor("handler")).then("verified", ProblemRectificationVerified)
    do(history, "verify", actor("verifier")).refused("请由另一位同事核查", NotAllowed)


def test_what_was_refused_is_called_so_until_it_is_reported_again():
    """A step makes it `rectifying`; the sentence names what asked for the step, as before."""
    do([*IN["refused"], STEP], "close").refused("此问题现为“退回整改”，不能销号")
    do([*IN["reopened"], STEP], "verify").refused("此问题现为“重新整改”，不能核查")
    do(IN["rectifying"], "verify").refused("此问题现为“整改中”，不能核查")


def test_after_a_refusal_new_evidence_is_asked_for_even_when_steps_were_recorded():
    step = happened(ProblemStepRecorded, "handler", note="再看")
    given(*IN["refused"], step).when(
        lambda p: p.report_completion(note="好了", completed_on=TODAY, today=TODAY, evidence=[], actor=actor())
    ).refused("请上传核查退回后新的整改照片或材料后再申报完成")
