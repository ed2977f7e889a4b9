"""A later edition of a document: proposed by one, adopted by another; a sheet that is wrong is named by its line or row."""

from __future__ import annotations

from datetime import date

import pytest

from domain import data
from domain.calendar import WorkingDays
from domain.campaign import sheets
from domain.campaign.contents import checked, difference
from domain.campaign.events import DocumentAdopted, DocumentDeclined, DocumentProposed
from domain.campaign.proposal import Proposal
from domain.errors import NotAllowed, RuleBroken
from tests.support.given import actor, given, happened

TODAY = date(2026, 12, 1)
KINDS = ("calendar", "score_table", "catalogue")
PROPOSED = happened(
    DocumentProposed, "desk", kind="calendar", version=2, effective_on="2026-12-10", content={}, note="2027年通知"
)


def before(kind):
    return {name: value for name, value in data.read(kind).items() if name != "version"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_that_was_only_looked_at_says_the_same(kind):
    content = sheets.read(kind, sheets.written(kind, before(kind)), before(kind))

    assert difference(kind, before(kind), checked(kind, content, before(kind))) == []


CALENDAR = sheets.written("calendar", before("calendar"))
SCORES = sheets.written("score_table", before("score_table"))
ITEMS = sheets.written("catalogue", before("catalogue"))


@pytest.mark.parametrize(
    ("kind", "sheet", "told"),
    [
        ("calendar", "", "第一行须为表头：日期、放假或上班"),
        ("calendar", "日期,放假或上班\n2027-01-01,休息\n", "第 2 行须写“放假”或“上班”，现为“休息”"),
        ("calendar", "日期,放假或上班\n2027-01-01\n", "第 2 行有 1 格，应为 2 格"),
        ("calendar", CALENDAR + "2027-01-01,放假\n", "2027-01-01 出现了 2 次"),
        ("calendar", CALENDAR + "2027-02-30,放假\n", "2027-02-30 不是所列年份中的日期"),
        ("calendar", CALENDAR + "2031-01-01,放假\n", "2031-01-01 不是所列年份中的日期"),
        ("calendar", CALENDAR + "2027-03-01,上班\n", "2027-03-01 不是周末"),
        ("score_table", SCORES + "J-01,1.1,又一条,依据,一般,1,\n", "编号 J-01 出现了 2 次"),
        ("score_table", SCORES + "J-99,1.1,又一条,依据,一般,一分,\n", "的分值须为数字"),
        ("score_table", SCORES + "J-99,1.1,又一条,依据,一般,0,\n", "J-99 的分值须大于 0"),
        ("score_table", SCORES + "J-99,1.1,,依据,一般,1,\n", "请填写J-99 的行为"),
        ("score_table", "编号,条目,行为,依据,程度,分值,一票否决\n", "内容为空"),
        ("catalogue", "\n".join(ITEMS.splitlines()[:-1]), "新版不能少"),
        ("catalogue", ITEMS + "9.1,9,新条目,New,原文,,\n", "条目 9.1 的大类 9 不在清单中"),
    ],
)
def test_what_is_wrong_is_named(kind, sheet, told):
    with pytest.raises(RuleBroken, match=told):
        checked(kind, sheets.read(kind, sheet, before(kind)), before(kind))


def test_a_calendar_keeps_the_years_that_terms_were_counted_by():
    content = sheets.read(
        "calendar", "日期,放假或上班\n2027-01-01,放假\n", before("calendar"), years=[2027], provisional=[]
    )
    with pytest.raises(RuleBroken, match="现行日历有 2025 年，新版不能少"):
        checked("calendar", content, before("calendar"))


def propose(**members):
    sheet = CALENDAR + "2027-10-04,放假\n"
    members = {"content": sheets.read("calendar", sheet, before("calendar"), provisional=[])} | members
    members = {"effective_on": date(2026, 12, 10), "before": before("calendar"), "note": "录入通知"} | members
    return Proposal.propose(origin="log.test", kind="calendar", version=2, today=TODAY, actor=actor(), **members)


def test_it_is_proposed_with_a_day_of_effect_that_is_to_come():
    assert propose().state == "proposed"
    with pytest.raises(RuleBroken, match="生效日期不能早于今天"):
        propose(effective_on=date(2026, 11, 30))
    with pytest.raises(RuleBroken, match="完全相同"):
        propose(content=before("calendar"))


def test_another_person_adopts_it_and_not_after_its_day():
    given(PROPOSED).when(lambda p: p.adopt(today=TODAY, actor=actor())).then("adopted", DocumentAdopted)
    given(PROPOSED).when(lambda p: p.adopt(today=TODAY, actor=actor("desk"))).refused("请由另一位同事", NotAllowed)
    given(PROPOSED).when(lambda p: p.adopt(today=date(2026, 12, 11), actor=actor())).refused("已过")
    given(PROPOSED).when(lambda p: p.decline(reason="有误", actor=actor())).then("declined", DocumentDeclined)
    adopted = [PROPOSED, happened(DocumentAdopted, "decider")]
    given(*adopted).when(lambda p: p.decline(reason="有误", actor=actor())).refused("请刷新页面")


def test_the_last_day_of_december_and_five_working_days():
    """1 January is a holiday by law, though the State Council's notice for 2027 is not out yet: what is counted there is 暂定."""
    told = data.read("calendar")
    days = WorkingDays.of(told["years"], told["days_off"], told["working_days"], told["provisional"])

    assert days.after(date(2026, 12, 31), 5) == date(2027, 1, 8)
    assert (days.knows(date(2026, 12, 31)), days.knows(date(2027, 1, 8))) == (True, False)
