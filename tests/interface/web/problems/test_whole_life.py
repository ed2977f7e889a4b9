"""One problem's whole life, with everything that can go wrong in an office, each set right by an act that everybody can see."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image

from domain.problems.problem import Problem
from projections.figures import corrections, report
from projections.query.scope import Scope
from tests.application.core.test_ledger import verified
from tests.cities import TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.problems.test_new_acts import sign
from tests.interface.web.problems.test_problems import act
from tests.interface.web.tips.test_tips import hidden

CITY = "320581"


def photo(colour):
    picture = BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    return BytesIO(picture.getvalue()), "现场.jpg"


@pytest.fixture
def office(matters, signed_in, services):
    return Office(matters, signed_in, services)


class Office:
    """Everybody at a browser; every act is done there, and followed by a look at what is known."""

    def __init__(self, matters, signed_in, services):
        self.matters, self.signed_in, self.services = matters, signed_in, services
        self.problem = None

    def today(self):
        return self.matters.city.ledger.today

    def later(self, days):
        self.matters.city.ledger.clock.at += timedelta(days)

    def who(self, role):
        return self.signed_in(role, CITY if role.startswith("city_") else TOWN)

    def does(self, role, name, **typed):
        self.services.projections.catch_up()
        answer = act(self.who(role), self.problem, name, **typed)
        assert answer.status_code == 303, answer.text
        return self.now()

    def signs(self, role, name, **typed):
        self.services.projections.catch_up()
        answer = sign(self.who(role), self.problem, name, **typed)
        assert answer.status_code == 303, answer.text
        return self.now()

    def now(self):
        return self.matters.city.ledger.fetch(Problem, self.problem)

    def figures(self, upto):
        self.services.projections.catch_up()
        with self.services.database.cursor() as cursor:
            made = report.report(cursor, Scope.all(), date(2026, 1, 1), upto, day=self.today())
            told = corrections.corrections(cursor, Scope.all(), made)
            for figure in made.total.values():
                assert report.rows(cursor, Scope.all(), figure.filter, day=figure.day, at=figure.at).total == figure[2]
        return made, told

    def corrects(self, **typed):
        self.services.projections.catch_up()
        browser, address = self.who("town_handler"), f"/problems/{self.problem}/correct"
        page = browser.get(address).text
        said = self.now().stated | {name: hidden(page, name) for name in ("token", "seen")} | typed
        form = {name: "" if value is None else value for name, value in said.items()}
        answer = browser.post(address, page="/desk", checked="1", password_again=PASSWORD, **form)
        assert answer.status_code == 303, answer.text


def put_right(office, matters):
    """Entered with the wrong company, estate and deadline; corrected."""
    right, wrong = matters.city.company(1), matters.city.company(2)
    estate = matters.city.estate(name="演练新村")
    office.problem = matters.problem(estate=estate, company=wrong, responsible=str(wrong), due_on=date(2027, 3, 20))
    due = (office.today() + timedelta(10)).isoformat()
    office.corrects(
        estate=str(matters.city.estate()), responsible=str(right), company=str(right), due_on=due, reason="填错"
    )
    found = office.now()
    assert (found.company, found.due_on) == (str(right), due)


def given_more_time(office, matters):
    """Extended, urged, and not overdue although the first deadline has passed."""
    office.does("town_handler", "assign", handler=matters.city.actor("town_handler").id)
    longer = (office.today() + timedelta(18)).isoformat()
    office.does("town_handler", "request_extension", due_on=longer, reason="配件未到货", measures="先行警示")
    office.signs("town_closer", "grant_extension", due_on=longer)
    office.later(11)
    assert office.figures(office.today())[0].total["problems_overdue"].numerator == 0
    office.does("city_desk", "urge", note="请抓紧")


def closed_at_last(office):
    """Reported, refused, reported again, verified, sent back, and the whole way once more."""
    day = office.today().isoformat()
    office.does("town_handler", "report", note="已换灯", completed_on=day, evidence=photo("red"))
    office.does("town_verifier", "refuse", reason="二楼仍不亮")
    office.does("town_handler", "report", note="已全部换", completed_on=day, evidence=photo("blue"))
    office.does("town_verifier", "verify", method="on_site", note="已亮")
    office.does("town_closer", "refuse_closure", reason="缺业主签字")
    office.does("town_handler", "report", note="已补", completed_on=day, evidence=photo("green"))
    office.does("town_verifier", "verify", method="on_site", note="已亮，签字已补")
    assert office.signs("town_closer", "close", note="同意").state == "closed"


def test_everything_goes_wrong_once_and_is_put_right(office, city, matters):
    original = matters.problem(title="楼道照明损坏（先登记的一件）")
    put_right(office, matters)
    given_more_time(office, matters)
    closed_at_last(office)
    ended = office.today() + timedelta(2)
    before = office.figures(ended)[0].total

    office.later(7)
    number = city.ledger.fetch(Problem, original).number
    assert office.signs("city_desk", "void", reason="与先登记的为同一件", duplicate_of=number).state == "voided"
    now, told = office.figures(ended)

    counted = ("problems_opened", "problems_closed", "problems_urged", "extensions_granted", "closures_refused")
    assert [before[name].numerator for name in counted] == [2, 1, 1, 1, 1]
    assert [now.total[name].numerator for name in counted] == [1, 0, 0, 0, 0]
    changed = {was.name: was.numerator for was, _now in told.changed}
    assert (changed["problems_opened"], changed["problems_closed"]) == (2, 1)
    assert [one.problem for one in told.voided] == [str(office.problem)]
    week = f"{ended.isocalendar().year}-W{ended.isocalendar().week:02}"
    page = office.who("town_handler").get(f"/figures/weekly?week={week}").text
    assert ("涉及作废的问题" in page, "与先登记的为同一件" in page) == (True, True)
    assert verified(city.ledger) == len(city.topics())
