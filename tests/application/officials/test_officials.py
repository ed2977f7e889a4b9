"""A substitute acts in somebody's role up to and with a day; then the log refuses, whatever the pages still show."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from application.core.command import Command
from application.core.permissions import held
from application.officials.officials import EnrolOfficial, GrantSubstitute, WithdrawRole
from application.tips.commands import AcceptTip
from application.vault.people import Person
from application.verifier.formats.entry import body_of, loads
from application.verifier.rules.event_schema import malformed
from domain.companies.company import Company, check_character
from domain.errors import NotAllowed, RuleBroken
from domain.values import Actor
from tests.cities import CITY, OTHER_TOWN

STEM = "91320581MA1YLA000"


@pytest.fixture
def substitute(city, matters):
    """Somebody of another town who stands in for the city's desk until the day after tomorrow."""
    stand_in = city.actor("town_verifier", OTHER_TOWN)
    grant(city, matters, stand_in)
    return Actor(stand_in.id, "city_desk", CITY, stand_in.accounts)


def grant(city, matters, stand_in, **members):
    told = {"substitute_for": UUID(city.desk.id), "role": "city_desk", "unit": CITY, "until": matters.in_days(2)}
    keeper = city.actor("role_admin", CITY)
    return matters.do(GrantSubstitute, keeper, official=UUID(stand_in.id), **told | members)


def test_a_substitute_acts_until_the_last_day_and_is_refused_after_it(city, matters, clock, substitute):
    tips = [matters.tip(), matters.tip()]
    last = clock.at + timedelta(days=2, hours=11, minutes=59)  # 23:59 in Shanghai
    clock.at = last
    matters.on_tip(AcceptTip, substitute, tips[0])

    clock.at = last + timedelta(minutes=1)
    with pytest.raises(NotAllowed, match="期限已于 2026-03-04 届满"):
        matters.on_tip(AcceptTip, substitute, tips[1])

    assert held(city.ledger.authority(), substitute.id, city.ledger.today) == {("town_verifier", OTHER_TOWN)}


def test_a_withdrawn_substitute_is_refused_under_the_lock(city, matters, substitute):
    tip, why = matters.tip(), {"role": "city_desk", "unit": CITY, "reason": "提前返岗"}
    matters.do(WithdrawRole, city.actor("role_admin", CITY), official=UUID(substitute.id), **why)

    with pytest.raises(NotAllowed, match="未授予该角色"):
        matters.on_tip(AcceptTip, substitute, tip)


def test_the_log_says_for_whom_and_until_when(city, substitute):
    [granted] = [e for e in city.ledger.read(after=0, limit=1_000) if "until" in e.data]

    assert granted.data == {
        "role": "city_desk", "unit": CITY, "substitute_for": city.desk.id, "until": "2026-03-04",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("members", "words"),
    [({"role": "city_decider"}, "被代理人没有这个角色"), ({"until": -1}, "不能早于今天")],
)
def test_what_cannot_be_substituted_is_refused(city, matters, members, words):
    if "until" in members:
        members = {"until": matters.in_days(members["until"])}
    with pytest.raises(RuleBroken, match=words):
        grant(city, matters, city.actor("town_verifier", OTHER_TOWN), **members)


def test_nobody_is_their_own_substitute(city, matters):
    with pytest.raises(RuleBroken, match="不能是本人"):
        grant(city, matters, city.desk)


@pytest.mark.parametrize("term", [{"until": "2026-3-4"}, {"until": 20260304}, {"substitute_for": "x"}])
def test_a_term_that_is_no_day_is_malformed(city, substitute, term):
    payload = loads(body_of(city.ledger.table.of_topics(["role.granted"])[-1][1]))
    data = {"role": "city_desk", "unit": CITY} | term

    reason = malformed(payload | {"data": data})

    assert reason is not None
    assert reason.code == "EVENT_FORMAT"


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u3164"])
def test_e14_a_name_with_what_nobody_sees_is_the_name_without_it(city, hidden):
    """Otherwise one person is two, or looks like another."""
    person = Person(f"张{hidden}三", "", f"GH{hidden}-9")
    members = {"actor": city.administrator, "login": f"zhang{hidden}san"}
    city.ledger.handle(EnrolOfficial(id=uuid4(), person=person, **members))

    people = city.ledger.vault.people
    credential = people.credential("zhangsan")
    assert people.names([people.known("GH-9")]).popitem()[1] == "张三"
    with pytest.raises(RuleBroken, match="此账号已被使用"):
        city.ledger.handle(EnrolOfficial(id=uuid4(), person=person, **members))
    assert credential is not None


@pytest.mark.parametrize("member", ["name", "staff_number", "login"])
@pytest.mark.parametrize("written", ["\u200b\u2060", "\u3164", "甲\ue000"])
def test_e14_a_name_that_nobody_sees_or_can_show_is_refused(city, member, written):
    told = {"name": "张三", "staff_number": "GH-9", "login": "zhangsan"} | {member: written}
    login = told.pop("login")

    with pytest.raises(RuleBroken, match=r"请填写|无法显示"):
        city.ledger.handle(
            EnrolOfficial(id=uuid4(), actor=city.administrator, person=Person(phone="", **told), login=login)
        )


def test_e14_no_command_carries_into_the_log_what_nobody_sees(city):
    """Whatever rule a command has of its own: the log is the last one that looks."""
    company = Company.register(
        origin=city.ledger.origin, actor=city.desk, code=STEM + check_character(STEM), name="明月物业"
    )
    [fact] = company.pending_events
    fact.__dict__["name"] = "明月\u202e物业"
    with pytest.raises(RuleBroken, match="看不见"):
        city.ledger.commit(company, command=Command(id=uuid4(), actor=city.desk))
