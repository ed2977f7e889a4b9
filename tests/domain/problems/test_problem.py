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
    ProblemClosureRefused,
    ProblemClosureRevoked,
    ProblemCompletionReported,
    ProblemCorrected,
    ProblemOpened,
    ProblemOwnerChanged,
    ProblemRectificationRefused,
    ProblemRectificationVerified,
    ProblemRectifiedAtOnce,
    ProblemReopened,
    ProblemStepRecorded,
    ProblemUrged,
    ProblemVoided,
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
CLOSED = happened(ProblemClosed, "closer", verified=5)
SENT_BACK = happened(ProblemClosureRefused, "closer", reason="缺验收单")
VOIDED = happened(ProblemVoided, "desk", reason="重复登记")
REOPENED = happened(ProblemReopened, "desk", cause="relapse", reason="反弹", due_on="2026-04-01")
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
    "voided": [OPENED, VOIDED],
}
STATED = {
    name: SAYS[name] for name in ("title", "item", "estate", "description", "kind", "responsible", "owner", "measures")
} | {"found_on": date(2026, 3, 1), "due_on": date(2026, 3, 20)}
AT_ONCE = happened(ProblemOpened, "opener", **SAYS | {"kind": "at_once"})


def correct(problem, who, _person):
    problem.correct(reason="填错", today=TODAY, actor=who, **STATED | {"title": "楼道照明"})


def begin_again(verb):
    cause = {"cause": "relapse"} if verb == "reopen" else {}
    return lambda problem, who, _: getattr(problem, verb)(reason="反弹", due_on=DUE, today=TODAY, actor=who, **cause)


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
        lambda p, who, person: p.verify(
            method="on_site", note="亮了", evidence=[], person=person, today=TODAY, actor=who
        ),
    ),
    "refuse": (
        ProblemRectificationRefused,
        lambda p, who, person: p.refuse(reason="缺照片", evidence=[], person=person, today=TODAY, actor=who),
    ),
    "close": (ProblemClosed, lambda p, who, person: p.close(person=person, actor=who)),
    "refuse_closure": (
        ProblemClosureRefused,
        lambda p, who, person: p.refuse_closure(reason="缺验收单", person=person, actor=who),
    ),
    "void": (ProblemVoided, lambda p, who, _: p.void(reason="重复登记", actor=who)),
    "urge": (ProblemUrged, lambda p, who, _: p.urge(actor=who)),
    "reopen": (ProblemReopened, begin_again("reopen")),
    "revoke": (ProblemClosureRevoked, begin_again("revoke_closure")),
}
# act → the states that it may be done in, and where it leads to.
WORK = {"assigned": "rectifying", "rectifying": "rectifying", "refused": "rectifying", "reopened": "rectifying"}
STAY = {state: state for state in IN if state not in ("closed", "voided")}
MOVES = {
    "assign": STAY | {"opened": "assigned"},
    "correct": STAY | {"closed": "closed"},
    "change_owner": STAY,
    "step": WORK,
    "report": dict.fromkeys(WORK, "reported"),
    "verify": {"reported": "verified"},
    "refuse": {"reported": "refused"},
    "close": {"verified": "closed"},
    "refuse_closure": {"verified": "refused"},
    "void": dict.fromkeys([*STAY, "closed"], "voided"),
    "urge": STAY,
    "reopen": {"closed": "reopened"},
    "revoke": {"closed": "reopened"},
}


def do(history, act, who=None, person="nobody") -> Given:
    return given(*history).when(lambda problem: DO[act][1](problem, who or actor(), person))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"open", "at_once"})


@pytest.mark.parametrize("state", IN)
@pytest.mark.parametrize("act", DO)
def test_an_act_is_done_in_its_states_and_in_no_other(act, state):
    if state in MOVES[act]:
        do(IN[state], act).then(MOVES[act][state], DO[act][0])
    else:
        sentence = "请重新登记" if state == "voided" else "请刷新页面查看最新进展"
        do(IN[state], act).refused(sentence, RuleBroken)


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
        ("refuse_closure", "verified", "handler", "您办理过此问题的整改，请由未参与的第三位同事销号"),
        ("refuse_closure", "verified", "verifier", "您核查过此问题，请由未参与的第三位同事销号"),
        ("step", "refused", "verifier", "您核查过此问题，整改请由另一位同事办理"),
        ("report", "refused", "verifier", "您核查过此问题，整改请由另一位同事办理"),
        ("revoke", "closed", "closer", "此问题由您销号，请由另一位同事撤销"),
        ("void", "opened", "opener", "此问题由您登记，请由另一位同事作废"),
        ("void", "reopened", "opener", "此问题由您登记，请由另一位同事作废"),
    ],
)
def test_whoever_did_one_part_does_not_do_the_next(act, state, doer, sentence):
    do(IN[state], act, actor(doer)).refused(sentence, NotAllowed)
    do(IN[state], act, actor("second account", accounts=(doer,))).refused(sentence, NotAllowed)


@pytest.mark.parametrize(
    ("act", "state"),
    [("verify", "reported"), ("refuse", "reported"), ("close", "verified"), ("refuse_closure", "verified")],
)
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
    ).refused("请上传退回后新的整改照片或材料后再申报完成")


@pytest.mark.parametrize("act", ["step", "report"])
def test_whoever_sent_a_close_out_back_does_not_mend_it(act):
    do([*IN["verified"], SENT_BACK], act, actor("closer")).refused("您审核过此问题的销号", NotAllowed)


def test_what_was_sent_back_goes_the_whole_way_again_and_the_same_closer_judges_it():
    again = [*IN["verified"], SENT_BACK, happened(ProblemCompletionReported, "reporter", note="补", evidence=[LATER])]
    do(again, "verify", actor("closer")).refused("您审核过此问题的销号，请由另一位同事核查", NotAllowed)
    do(again, "verify", actor("verifier")).then("verified", ProblemRectificationVerified)
    do([*again, VERIFIED], "close", actor("closer")).then("closed", ProblemClosed, verified=8)


def test_what_the_closer_found_wanting_proves_nothing_new():
    given(*IN["verified"], SENT_BACK).when(
        lambda p: p.report_completion(note="好了", completed_on=TODAY, today=TODAY, evidence=[PHOTO], actor=actor())
    ).refused("此前已经上传过")


def test_a_duplicate_names_its_original_and_acts_are_sent_there():
    given(*IN["rectifying"]).when(lambda p: p.void(reason="重复", duplicate_of="o", actor=actor())).then(
        "voided", ProblemVoided, duplicate_of="o"
    )
    double = happened(ProblemVoided, "desk", reason="重复登记", duplicate_of="o")
    do([OPENED, double], "step").refused("此问题已作废，不能记录整改步骤；请到原问题的页面办理", RuleBroken)
    given(OPENED).when(lambda p: p.void(reason="重复", duplicate_of=str(p.id), actor=actor())).refused("不能与自身重复")


WHOLE = {"company": "c1", "secondary": ["1.2"], "source": "督导通知书", "supervisor": "s", "case_leader": "l"}
COMPANIES = {number: f"00000000-0000-4000-8000-00000000000{number}" for number in "12"}


def corrected(history, **changes) -> Given:
    stated = STATED | {"supervisor": None} | changes
    return given(*history).when(lambda p: p.correct(reason="填错", today=TODAY, actor=actor(), **stated))


def test_everything_that_was_entered_is_corrected_and_only_what_differs_is_said():
    corrected([OPENED], estate="f", due_on=date(2026, 3, 12), **WHOLE).then(
        "opened", ProblemCorrected, estate="f", due_on="2026-03-12", title=None, cleared=None, **WHOLE
    )
    full = happened(ProblemOpened, "opener", **SAYS | WHOLE)
    corrected([full], secondary=["1.2"], company="c1", source="督导通知书").then(
        "opened", ProblemCorrected, cleared=["supervisor", "case_leader"], company=None
    )


def test_a_correction_that_changes_nothing_is_refused():
    corrected([OPENED]).refused("登记内容没有改动，不需要更正", RuleBroken)
    once = happened(ProblemCorrected, "opener", reason="错", company="c1", cleared=["source"])
    corrected([OPENED, once], company="c1").refused("登记内容没有改动，不需要更正", RuleBroken)
    full = happened(ProblemOpened, "opener", **SAYS | WHOLE)
    cleared = happened(ProblemCorrected, "opener", reason="错", cleared=list(WHOLE))
    corrected([full, cleared]).refused("登记内容没有改动，不需要更正", RuleBroken)


def test_after_the_responsible_company_is_corrected_the_old_one_is_no_longer_the_problems():
    first, second = COMPANIES.values()
    entered = happened(ProblemOpened, "opener", **SAYS | {"responsible": first, "company": first})
    corrected([entered], responsible=second, company=first).then("opened", ProblemCorrected, company=second)
    corrected([entered], responsible=TOWN, company=first).then("opened", ProblemCorrected, cleared=["company"])
    other = happened(ProblemOpened, "opener", **SAYS | {"company": second})
    corrected([other], responsible=first, company=second).then("opened", ProblemCorrected, company=first)


def test_a_deadline_that_has_moved_since_is_not_what_was_entered():
    corrected(IN["reopened"], due_on=date(2026, 3, 25)).refused("登记时的时限不能再更正", RuleBroken)
    corrected([OPENED], due_on=date(2026, 2, 28)).refused("完成时限不能早于发现日期", RuleBroken)


def at_once(history, who="opener", **said) -> Given:
    said = {"note": "已装回", "evidence": [LATER]} | said
    return given(*history).when(lambda p: p.rectify_at_once(actor=actor(who), **said))


def test_what_was_mended_on_the_spot_takes_two_persons():
    at_once([AT_ONCE]).then("verified", ProblemRectifiedAtOnce)
    mended = [AT_ONCE, happened(ProblemRectifiedAtOnce, "opener", note="已装回", evidence=[LATER])]
    do(mended, "close", actor("opener")).refused("第三位同事销号", NotAllowed)
    do(mended, "close", actor("closer")).then("closed", ProblemClosed, verified=2)


@pytest.mark.parametrize(
    ("history", "said", "sentence"),
    [
        ([OPENED], {}, "只有整改类型为“立行立改”的问题"),
        ([AT_ONCE], {"demanded": ["检验报告"]}, "此条目须有材料：检验报告"),
        ([AT_ONCE], {"evidence": []}, "请上传整改后的照片"),
        ([happened(ProblemOpened, "o", **SAYS | {"kind": "at_once", "evidence": [LATER]})], {}, "此前已经上传过"),
        ([AT_ONCE, ASSIGNED, STEP], {}, "此问题现为“整改中”，不能当场整改到位"),
    ],
)
def test_what_takes_three_persons_is_not_mended_on_the_spot(history, said, sentence):
    at_once(history, **said).refused(sentence, RuleBroken)


def inspected(second, person="second person", **inspected_on) -> Given:
    return given(*DONE).when(
        lambda p: p.verify(
            method="on_site", note="亮了", evidence=[], person="p", today=TODAY, actor=actor("verifier"),
            second=second, second_person=person if second else "", **inspected_on,
        )
    )  # fmt: skip


def test_two_inspect_and_neither_closes():
    inspected(actor("second"), inspected_on=TODAY).then(
        "verified", ProblemRectificationVerified, second_inspector="second person", inspected_on="2026-03-02"
    )
    both = happened(
        ProblemRectificationVerified, "verifier", method="on_site", note="", second_inspector="second person"
    )
    do([*DONE, both], "close", person="second person").refused("您是此问题的第二核查人", NotAllowed)
    do([*DONE, both], "refuse_closure", person="second person").refused("您是此问题的第二核查人", NotAllowed)


def test_the_second_inspector_is_another_person_who_did_nothing_else():
    inspected(actor("account", accounts=("verifier",))).refused("第二核查人须是另一位工作人员", RuleBroken)
    inspected(actor("handler")).refused("第二核查人办理过此问题的整改", RuleBroken)
    inspected(actor("second"), person="owner").refused("第二核查人是此问题的责任人", RuleBroken)
    inspected(None, inspected_on=DUE).refused("核查日期不能晚于今天", RuleBroken)


def test_a_problem_begins_again_for_a_cause():
    given(*IN["closed"]).when(
        lambda p: p.reopen(cause="", reason="反弹", due_on=DUE, today=TODAY, actor=actor())
    ).refused("请选择重新整改的原因", RuleBroken)
