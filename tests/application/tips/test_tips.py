from base64 import b64encode
from uuid import UUID, uuid4

import pytest

from application.tips.commands import (
    AcceptTip,
    AcknowledgeTip,
    AnswerTip,
    AssignTip,
    DeclineTip,
    RegisterTip,
    ReturnTip,
    TurnTipIntoProblems,
    VerifyTip,
)
from application.tips.public_tips import add
from application.vault.crypto import Unreadable
from application.vault.letterbox import read_letter
from application.verifier.formats.commitments import commit
from domain.errors import Conflict, NotAllowed, NotFound, RuleBroken
from domain.problems.problem import Problem
from domain.tips.tip import Tip
from tests.cities import OTHER_TOWN, TOWN
from tests.matters import TOLD
from tests.support.refusals import assert_refused


def test_nothing_of_what_was_said_is_in_the_log(matters):
    tip = matters.tip(reporter="张某", contact="13800000000")
    [event] = [e for e in matters.city.ledger.read(after=0, limit=1000) if e.stream == str(tip)]

    assert event.data.keys() == {"channel", "received_on", "commits", "answer_due_on"}
    words, who = matters.city.ledger.vault.tips.words(tip), matters.city.ledger.vault.tips.reporter(tip)
    assert words.text == TOLD
    assert (who.reporter, who.contact) == ("张某", "13800000000")
    assert event.data["commits"]["text"] == commit("text", bytes.fromhex(words.salts["text"]), TOLD)
    assert event.data["commits"]["contact"] == commit("contact", bytes.fromhex(who.salts["contact"]), "13800000000")


def test_a_row_of_a_known_source_is_registered_once(matters):
    matters.tip(source="12345", number="W-1")

    assert_refused(matters, Conflict, "已登记过", matters.tip, source="12345", number="W-1", text="另一种说法")


def test_a_tip_that_accuses_an_official_leaves_only_its_day(matters):
    lead = matters.tip(accuses_official=True)
    [event] = [e for e in matters.city.ledger.read(after=0, limit=1000) if e.stream == str(lead)]

    assert (event.topic, event.data) == ("lead.referred", {"day": "2026-03-02"})
    with pytest.raises(NotFound):
        matters.city.ledger.vault.tips.words(lead)
    letter = matters.city.ledger.vault.tips.letter(lead)
    assert read_letter(letter, matters.city.commission, lead)["text"] == TOLD
    with pytest.raises(Unreadable):
        read_letter(letter, b64encode(bytes(range(32))).decode(), lead)


def test_a_tip_becomes_several_problems_at_once(matters):
    tip, handler = matters.verified_tip(), matters.city.actor("town_handler")
    findings = (matters.findings(), matters.findings(item="1.2", title="未公示收费标准"))

    matters.on_tip(TurnTipIntoProblems, handler, tip, problems=findings)

    assert matters.city.topics()[-3:] == ["problem.opened", "problem.opened", "tip.became_problems"]
    *_, last = matters.city.ledger.read(after=0, limit=1000)
    numbers = [matters.city.ledger.fetch(Problem, UUID(id)).number for id in last.data["problems"]]
    assert numbers == ["常物整〔2026〕琴川-00001", "常物整〔2026〕琴川-00002"]


def test_a_false_tip_is_answered_and_never_becomes_a_problem(matters):
    tip, handler = matters.verified_tip("false"), matters.city.actor("town_handler")

    assert_refused(
        matters, RuleBroken, "不属实", matters.on_tip, TurnTipIntoProblems, handler, tip, problems=(matters.findings(),)
    )
    matters.on_tip(AnswerTip, handler, tip, answer="经核查不属实")

    assert matters.city.ledger.fetch(Tip, tip).state == "answered"


def test_a_returned_tip_is_the_desks_again(matters):
    tip, desk = matters.tip(), matters.city.desk
    matters.on_tip(AcceptTip, desk, tip)
    matters.on_tip(AssignTip, desk, tip, unit=OTHER_TOWN, due_on=matters.in_days(5))
    matters.on_tip(
        ReturnTip, matters.city.actor("town_handler", OTHER_TOWN), tip, reason="不在本辖区", basis="other_town"
    )

    matters.on_tip(AssignTip, desk, tip, unit=TOWN, due_on=matters.in_days(5))

    assert matters.city.ledger.fetch(Tip, tip).unit == TOWN


def test_another_town_finds_no_such_tip(matters):
    tip, desk = matters.tip(), matters.city.desk
    matters.on_tip(AcceptTip, desk, tip)
    matters.on_tip(AssignTip, desk, tip, unit=TOWN, due_on=matters.in_days(5))
    stranger = matters.city.actor("town_handler", OTHER_TOWN)

    assert_refused(matters, NotFound, "没有这条记录", matters.on_tip, AcknowledgeTip, stranger, tip)


def test_the_reporters_own_words_are_not_copied_into_the_record(matters):
    tip, handler, desk = matters.tip(), matters.city.actor("town_handler"), matters.city.desk
    matters.on_tip(AcceptTip, desk, tip)
    matters.on_tip(AssignTip, desk, tip, unit=TOWN, due_on=matters.in_days(5))
    matters.on_tip(AcknowledgeTip, handler, tip)
    finding = "经查：坏了三个月，打电话给物业一直没有人来修，老人晚上下楼，属实"
    estate = matters.city.estate()

    assert_refused(
        matters,
        RuleBroken,
        "请用自己的话概括",
        matters.on_tip,
        VerifyTip,
        handler,
        tip,
        result="true",
        finding=finding,
        estate=estate,
    )


def test_nor_is_what_was_added_later(matters):
    tip, ledger = matters.tip(), matters.city.ledger
    add(ledger, "form", tip, "保安队长每天晚上十点在三号楼下收钱，不给就不让停车")
    note = "经查：保安队长每天晚上十点在三号楼下收钱，不给一事待核"

    assert_refused(
        matters, RuleBroken, "请用自己的话概括", matters.on_tip, AcceptTip, matters.city.desk, tip, note=note
    )


def test_declining_needs_a_reason(matters):
    assert_refused(
        matters,
        RuleBroken,
        "请填写不予受理的理由",
        matters.on_tip,
        DeclineTip,
        matters.city.desk,
        matters.tip(),
        reason=" ",
        basis="not_in_items",
    )


def test_a_role_that_may_not_is_told_who_may(matters):
    tip = matters.tip()
    stranger = matters.city.actor("discipline", "320581-discipline")
    assert_refused(matters, NotAllowed, "须由市专班经办", matters.on_tip, AcceptTip, stranger, tip)


def test_a_day_in_the_future_is_refused(matters):
    command = {"channel": "12345", "received_on": matters.in_days(1), "text": TOLD}
    assert_refused(matters, RuleBroken, "不能晚于今天", matters.do, RegisterTip, matters.city.desk, **command)


def test_the_same_form_sent_twice_registers_one_tip(matters):
    command = RegisterTip(
        id=uuid4(), actor=matters.city.desk, channel="hotline", received_on=matters.city.ledger.today, text=TOLD
    )
    first = matters.city.ledger.handle(command)

    assert matters.city.ledger.handle(command).position == first.position
    assert matters.city.topics().count("tip.registered") == 1


def test_a_town_weighs_what_it_registered_itself(matters):
    handler = matters.city.actor("town_handler")
    receipt = matters.do(RegisterTip, handler, channel="hotline", received_on=matters.city.ledger.today, text=TOLD)
    tip = receipt.stream

    matters.on_tip(AcceptTip, handler, tip)

    assert matters.city.ledger.fetch(Tip, tip).unit == TOWN
    stranger = matters.city.actor("town_handler", OTHER_TOWN)
    assert_refused(
        matters,
        NotFound,
        "没有这条记录",
        matters.on_tip,
        DeclineTip,
        stranger,
        tip,
        reason="不受理",
        basis="not_in_items",
    )


def test_a_decision_says_what_it_rests_on(matters):
    tip, desk = matters.tip(), matters.city.desk
    matters.on_tip(AcceptTip, desk, tip, item="6.1")
    matters.on_tip(DeclineTip, desk, tip, reason="属于邻里纠纷", basis="crime", turn_to="公安机关")
    *_, accepted, declined = matters.city.ledger.read(after=0, limit=1000)

    assert accepted.data["basis"] == "《物业管理条例》第三十七条、第六十二条"
    assert declined.data["basis"] == "《行政处罚法》第二十七条（涉嫌犯罪，移送司法机关）"


@pytest.mark.parametrize("turn_to", [None, "12388"])
def test_a_ground_of_another_act_is_none(matters, turn_to):
    decline = {"reason": "不属于本办", "basis": "other_town", "turn_to": turn_to}

    assert_refused(
        matters, RuleBroken, "请选择依据", matters.on_tip, DeclineTip, matters.city.desk, matters.tip(), **decline
    )


@pytest.fixture
def assigned(matters):
    """On Monday 2 March 2026, at noon."""
    tip = matters.tip()
    matters.on_tip(AcceptTip, matters.city.desk, tip)
    matters.on_tip(AssignTip, matters.city.desk, tip, unit=TOWN, due_on=matters.in_days(20))
    return tip


RETURN = {"reason": "不在本辖区", "basis": "other_town"}


def test_on_the_last_day_a_tip_may_be_returned(matters, assigned, clock):
    clock.advance(days=7)

    matters.on_tip(ReturnTip, matters.city.actor("town_handler"), assigned, **RETURN)

    assert matters.city.ledger.fetch(Tip, assigned).state == "returned"


def test_after_five_working_days_it_may_not_and_the_rule_is_named(matters, assigned, clock):
    clock.advance(days=8)
    handler = matters.city.actor("town_handler")

    assert_refused(
        matters, RuleBroken, "第二十三条.*2026-03-09 届满", matters.on_tip, ReturnTip, handler, assigned, **RETURN
    )


def test_signed_for_too_late_is_still_signed_for(matters, assigned, clock):
    clock.advance(days=20)

    matters.on_tip(AcknowledgeTip, matters.city.actor("town_handler"), assigned)

    assert matters.city.ledger.fetch(Tip, assigned).state == "acknowledged"


@pytest.mark.parametrize(
    ("act", "members"),
    [(AcceptTip, {"note": TOLD}), (DeclineTip, {"reason": TOLD, "basis": "not_in_items"})],
    ids=["accept", "decline"],
)
def test_no_decision_repeats_the_reporters_words(matters, act, members):
    assert_refused(
        matters, RuleBroken, "请用自己的话概括", matters.on_tip, act, matters.city.desk, matters.tip(), **members
    )


def test_the_register_says_why_this_town(matters, city):
    tip = matters.tip()
    matters.on_tip(AcceptTip, city.desk, tip)

    matters.on_tip(AssignTip, city.desk, tip, unit=TOWN, due_on=matters.in_days(9), estate=city.estate())

    *_, last = city.ledger.read(after=0, limit=1000)
    assert last.data["basis"].startswith("小区“演练花园”登记于琴川街道；常政办发〔2025〕33号")


def test_another_town_than_the_estates_needs_a_word_why(matters, city):
    tip, desk = matters.tip(), city.desk
    matters.on_tip(AcceptTip, desk, tip)
    members = {"unit": OTHER_TOWN, "due_on": matters.in_days(9), "estate": city.estate()}

    assert_refused(matters, RuleBroken, "登记于琴川街道，与所选", matters.on_tip, AssignTip, desk, tip, **members)
    matters.on_tip(AssignTip, desk, tip, **members, note="由虞山街道代管")

    assert city.topics()[-1] == "tip.assigned"
