"""Which edition counts on a day: a decision of 2025 that is entered today rests on what counted then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from application.campaign.documents import AdoptProposal, DeclineProposal, ProposeDocument, edition, in_force
from domain import data
from domain.campaign.documents import Calendar, ScoreTable
from domain.campaign.proposal import Proposal
from domain.errors import NotAllowed
from domain.values import CITY
from tests.support.refusals import assert_refused


def content(kind, **changed):
    return {name: value for name, value in data.read(kind).items() if name != "version"} | changed


@pytest.fixture(name="settled")
def _settled(matters, city):
    """The calendar of 2027, as the notice has it, from the tenth day on."""
    days_off = [*content("calendar")["days_off"], "2027-10-04"]
    sheet = content("calendar", days_off=days_off, provisional=[], basis="国务院办公厅2027年通知")
    told = {"kind": "calendar", "content": sheet, "effective_on": city.ledger.today + timedelta(9), "note": "录入"}
    return matters.do(ProposeDocument, city.actor("city_desk", CITY), **told).stream


def decide(matters, kind, who, id, **members):
    return matters.do(kind, who, proposal=id, seen=matters.seen(Proposal, id), **members)


def test_two_persons_bring_a_later_edition_and_it_counts_from_its_day(matters, city, settled):
    day = city.ledger.today
    assert in_force(city.ledger, Calendar, day + timedelta(30)).edition == 1  # proposed only
    another = city.actor("city_desk", CITY, 2)
    assert_refused(matters, NotAllowed, "须由", decide, matters, AdoptProposal, another, settled)
    decide(matters, AdoptProposal, city.actor("city_decider", CITY), settled)

    assert [in_force(city.ledger, Calendar, day + timedelta(n)).edition for n in (0, 8, 9, 400)] == [1, 1, 2, 2]
    assert in_force(city.ledger, Calendar, date(2025, 8, 1)).edition == 1
    assert not in_force(city.ledger, Calendar, day + timedelta(9)).days.works(date(2027, 10, 4))
    assert edition(city.ledger, Calendar, 2).members["provisional"] == []


def test_what_was_declined_counts_never_and_keeps_its_number(matters, city, settled):
    decide(matters, DeclineProposal, city.actor("city_decider", CITY), settled, reason="日期有误")
    again = content("calendar", provisional=[], basis="国务院办公厅2027年通知")
    told = {"kind": "calendar", "content": again, "effective_on": city.ledger.today, "note": "更正"}
    second = matters.do(ProposeDocument, city.actor("city_desk", CITY), **told).stream
    decide(matters, AdoptProposal, city.actor("city_decider", CITY), second)

    assert in_force(city.ledger, Calendar).edition == 3


def test_the_score_table_is_the_bureaus(matters, city):
    rows = [row | {"points_x10": row["points_x10"] + 5} for row in content("score_table")["rows"]]
    told = {"kind": "score_table", "effective_on": city.ledger.today, "note": "上调"}
    told["content"] = content("score_table", rows=rows)
    desk = city.actor("city_desk", CITY)
    assert_refused(matters, NotAllowed, "由市住建局提请", matters.do, ProposeDocument, desk, **told)

    first, second = (city.actor("housing_decider", "320581-housing", number) for number in (1, 2))
    proposal = matters.do(ProposeDocument, first, **told).stream
    assert_refused(matters, NotAllowed, "请由另一位同事", decide, matters, AdoptProposal, first, proposal)
    decide(matters, AdoptProposal, second, proposal)
    assert (
        in_force(city.ledger, ScoreTable).row("J-01")["points_x10"]
        == content("score_table")["rows"][0]["points_x10"] + 5
    )
