"""待办: what waits for a role, soonest first, each opening its act; and the term for signing (签收)."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from application.core.command import Backfilled
from application.disclosures.disclosures import RequestDisclosure
from application.problems.commands import AssignProblem
from application.tips.commands import AcceptTip, AcknowledgeTip, AssignTip, RegisterTip
from application.tips.shredding import ProposeShredding
from tests.application.deductions.test_deductions import proposed
from tests.cities import OTHER_TOWN, TOWN
from tests.matters import TOLD

CITY = "320581"


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def assigned(matters, city):
    """On Monday 2 March 2026: to be signed for by the 9th, verified by the 22nd."""
    tip = matters.tip()
    matters.on_tip(AcceptTip, city.desk, tip)
    matters.on_tip(AssignTip, city.desk, tip, unit=TOWN, due_on=matters.in_days(20))
    return tip


def waiting(page: str) -> list[tuple[str, str]]:
    """(address, words) of what waits."""
    found = re.findall(r'<td data-label="事项"><a href="([^"]+)">([^<]+)</a>', page)
    return [(address.replace("&amp;", "&"), words) for address, words in found]


def test_what_waits_opens_its_act(signed_in, assigned, follow):
    follow()
    browser = signed_in("town_handler")

    [(address, words)] = waiting(browser.get("/desk").text)

    page = browser.get(address.partition("#")[0]).text
    assert (words, 'id="act-acknowledge" open' in page) == ("签收", True)


def counted(page: str) -> int:
    """What the menu says waits; 0 where it says nothing."""
    found = re.search(r'<span class="count">(\d+)<', page)
    return int(found[1]) if found else 0


def test_every_page_says_in_the_menu_how_much_waits(signed_in, matters, assigned, follow, city):
    matters.problem()
    proposed(matters)
    follow()
    handler, stranger = signed_in("town_handler"), signed_in("town_handler", OTHER_TOWN)
    verifier, housing = signed_in("town_verifier"), signed_in("housing_decider", "320581-housing")

    pages = [one.get(address).text for one in (handler, stranger) for address in ("/desk", "/figures/weekly")]
    others = [counted(one.get("/desk").text) for one in (verifier, housing, signed_in("discipline", CITY))]

    assert [counted(page) for page in pages] == [len(waiting(pages[0]))] * 2 + [0, 0]
    assert counted(pages[0]) > 1
    assert others == [0, 1, 0]
    assert counted(handler.get("/desk?as_of=1").text) == 0


def test_what_is_due_soonest_comes_first(signed_in, matters, assigned, follow, city):
    sooner, later = matters.problem(due_on=matters.in_days(3)), matters.problem(due_on=matters.in_days(9))
    for problem in (later, sooner):
        matters.on_problem(
            AssignProblem, city.actor("town_handler"), problem, handler=UUID(city.actor("town_handler").id)
        )
    follow()

    found = waiting(signed_in("town_handler").get("/desk").text)

    assert [re.search("[0-9a-f-]{36}", address)[0] for address, _words in found] == [
        str(sooner),
        str(assigned),
        str(later),
    ]


@pytest.mark.parametrize(
    ("role", "unit", "words"),
    [
        ("city_desk", CITY, ["受理"]),
        ("town_handler", TOWN, ["签收"]),
        ("town_verifier", TOWN, ["核查通过"]),
        ("town_closer", TOWN, ["销号"]),
        ("town_handler", OTHER_TOWN, []),
        ("discipline", "320581-discipline", []),
        ("auditor", "320581-discipline", []),
    ],
)
def test_each_role_has_its_own_acts_waiting(signed_in, matters, assigned, follow, role, unit, words):
    matters.tip()
    matters.reported_problem()
    matters.verified_problem()
    follow()

    assert [one for _address, one in waiting(signed_in(role, unit).get("/desk").text)] == words


def test_the_bureau_has_its_deductions_waiting(signed_in, matters, follow):
    proposed(matters)
    follow()

    [(address, words)] = waiting(signed_in("housing_decider", "320581-housing").get("/desk").text)

    assert (words, address.startswith("/deductions/")) == ("决定扣分", True)


def test_the_term_for_an_answer_of_12345_is_overdue(signed_in, matters, follow, clock):
    matters.verified_tip("false")
    clock.advance(days=40)
    follow()

    page = signed_in("town_handler").get("/desk").text

    assert ([words for _address, words in waiting(page)], "逾期未答复" in page) == (["答复（结果反馈）"], True)


def test_a_town_weighs_what_it_registered_itself(signed_in, matters, follow, city):
    matters.do(RegisterTip, city.actor("town_handler"), channel="mail", received_on=city.ledger.today, text=TOLD)
    follow()

    assert [words for _address, words in waiting(signed_in("town_handler").get("/desk").text)] == ["受理"]


def test_the_term_for_signing_is_shown_while_it_runs(signed_in, assigned, follow):
    follow()

    page = signed_in("town_handler").get(f"/tips/{assigned}").text

    assert ("2026-03-09" in page, "签收剩 5 个工作日" in page, "核查剩 14 个工作日" in page) == (True, True, True)


@pytest.mark.parametrize(("role", "unit"), [("town_handler", TOWN), ("city_desk", CITY)])
def test_what_is_not_signed_for_in_time_is_red(signed_in, assigned, follow, clock, role, unit):
    clock.advance(days=8)
    follow()
    browser = signed_in(role, unit)

    card = re.search(
        r'kpi red"><a href="(/tips\?due=receipt)">\s*<span>逾期未签收</span><br><b>1</b>', browser.get("/desk").text
    )

    assert "签收逾期 1 日" in browser.get(card[1]).text


def test_on_the_last_day_nothing_is_late(signed_in, assigned, follow, clock):
    clock.advance(days=7)
    follow()
    browser = signed_in("town_handler")

    assert ("签收今日到期" in browser.get("/tips").text, "共 0 条" in browser.get("/tips?due=receipt").text) == (
        True,
        True,
    )


def test_a_late_signature_stays_late(signed_in, assigned, follow, clock, matters, city):
    clock.advance(days=10)
    matters.on_tip(AcknowledgeTip, city.actor("town_handler"), assigned)
    follow()
    browser = signed_in("town_handler")

    page = browser.get(f"/tips/{assigned}").text

    assert ("签收逾期 3 个工作日" in page, "共 0 条" in browser.get("/tips?due=receipt").text) == (True, True)


def test_what_is_overdue_is_opened_from_its_banner(signed_in, assigned, follow, clock):
    clock.advance(days=30)
    follow()
    browser = signed_in("town_handler")
    page = browser.get("/desk").text
    banner = page.partition("项逾期")[2].partition("</div>")[0]

    found = re.findall(r'<a href="([^"]+)">\S+ (\d+)</a>', banner)

    assert (len(found) > 0, "data-print" in page) == (True, True)
    for address, count in found:
        assert "due=" in address
        assert f"共 {count} 条" in browser.get(address.replace("&amp;", "&")).text


# 待第二人办理


@pytest.fixture
def asked(matters, city):
    """A tip whose reporter's name is asked for, and whose words shall be destroyed, by two officials."""
    tip = matters.tip()
    wanted = {"tip": tip, "fields": ("reporter",), "reason": "需要当面核实"}
    matters.do(RequestDisclosure, city.desk, **wanted)
    matters.on_tip(ProposeShredding, city.actor("city_desk", CITY, 2), tip, ground="retention")
    return tip


def cards(page: str) -> dict[str, tuple[str, str]]:
    """{card: (count, address)}."""
    found = re.findall(r'<li class="kpi[^"]*"><a href="([^"]+)">\s*<span>([^<]+)</span><br><b>(\d+)</b>', page)
    return {words: (count, address.replace("&amp;", "&")) for address, words, count in found}


def test_what_waits_for_a_second_person_is_on_the_desk_of_whoever_may(signed_in, asked, follow):
    follow()
    decider = signed_in("city_decider", CITY)
    page = decider.get("/desk").text
    found = dict(waiting(page))

    assert sorted(found.values()) == ["批准打开身份", "批准销毁"]
    shown = cards(page)
    for name in ("待批准打开身份", "待批准销毁"):
        count, address = shown[name]
        assert count == "1"
        assert decider.get(address).text.count('<td data-label="状态">') == 1
    shred = next(address for address, words in found.items() if words == "批准销毁")
    assert 'id="act-shred" open' in decider.get(shred.partition("#")[0]).text
    assert "待批准" not in decider.get("/desk?as_of=2026-03-02").text


@pytest.mark.parametrize(
    ("role", "unit", "seen"),
    [
        ("discipline", "320581-discipline", (True, False)),
        ("city_desk", CITY, (False, False)),
        ("town_handler", TOWN, (False, False)),
        ("auditor", "320581-discipline", (False, False)),
    ],
)
def test_nobody_else_is_shown_what_waits(signed_in, asked, follow, role, unit, seen):
    follow()
    browser = signed_in(role, unit)
    page = browser.get("/desk").text

    assert ("待批准打开身份" in page, "待批准销毁" in page) == seen
    assert 'name="waits"' not in browser.get("/tips").text


def test_whoever_asked_doesnt_wait_for_himself(signed_in, matters, city, follow):
    decider = city.actor("city_decider", CITY)
    matters.do(RequestDisclosure, decider, tip=matters.tip(), fields=("reporter",), reason="需要当面核实")
    follow()

    own, other = (signed_in("city_decider", CITY, number) for number in (1, 2))
    assert ["批准打开身份" in [words for _, words in waiting(one.get("/desk").text)] for one in (own, other)] == [
        False,
        True,
    ]
    pages = [one.get("/disclosures?waiting=1").text for one in (own, other)]
    assert [page.count('<td data-label="状态">') for page in pages] == [0, 1]


def test_what_was_done_last_and_its_receipt_lead_to_the_matter(signed_in, assigned, follow):
    follow()
    desk = signed_in("city_desk", CITY)
    page = desk.get("/desk").text

    assert f'<a href="/tips/{assigned}">线索已交办</a>' in page
    [receipt, *_others] = re.findall(r'<a href="(/receipts/[0-9]+)">', page)
    assert f'href="/tips/{assigned}">查看此事项' in desk.get(receipt).text
    assert f'<a href="/tips/{assigned}">' not in desk.get(f"/tips/{assigned}").text


def test_what_was_entered_after_the_fact_names_the_unit_that_holds_the_paper(signed_in, matters, city, follow):
    tip = matters.tip()
    paper = Backfilled("登记本 3 页", TOWN)
    matters.on_tip(AcceptTip, city.desk, tip, occurred_on=matters.in_days(0), backfilled=paper)
    follow()

    told = signed_in("city_desk", CITY).get(f"/tips/{tip}").text
    assert re.search(r"登记本 3 页 · \D+</p>", told)
