"""立行立改: what the town finds mended as it verifies a tip is entered, mended and waits for the close-out, in one act."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.problems.problem import Problem
from domain.tips.tip import Tip
from tests.interface.web.problems.test_problems import photo
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def page(matters, services, signed_in):
    tip = matters.verified_tip()
    services.projections.catch_up()
    return signed_in("town_handler"), tip, f"/tips/{tip}/problems"


def typed(matters, **more):
    found = matters.findings(kind="at_once")
    said = {
        "title": "公示栏缺失", "item": found.item, "estate": str(found.estate), "description": "公示栏未张贴收费标准",
        "found_on": found.found_on.isoformat(), "kind": "at_once", "responsible": found.responsible,
        "owner": str(found.owner), "measures": "立即张贴", "due_on": found.due_on.isoformat(),
    } | more  # fmt: skip
    return {f"problem1-{name}": value for name, value in said.items()}


def send(browser, address, **said):
    form = browser.get(address).text
    own = {name: hidden(form, name) for name in ("token", "seen")}
    return browser.post(address, page=address, count="1", **own, **said)


def test_one_act_and_one_close_out(matters, page):
    browser, tip, address = page

    answer = send(browser, address, **typed(matters, mended="已张贴并拍照", mended_evidence=photo()))

    assert answer.status_code == 303, answer.text
    assert matters.city.topics()[-3:] == ["problem.opened", "problem.rectified_at_once", "tip.became_problems"]
    assert matters.city.ledger.fetch(Tip, tip).state == "became_problems"
    [problem] = [one for one in matters.city.ledger.read(after=0, limit=500) if one.topic == "problem.opened"]
    found = matters.city.ledger.fetch(Problem, UUID(problem.stream))
    assert (found.state, len(found.spent)) == ("verified", 1)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"mended": "已张贴"}, "请一并填写"),
        ({"mended": "已张贴", "mended_evidence": "photo", "kind": "by_deadline"}, "只有整改类型为“立行立改”"),
    ],
    ids=["no photo", "another kind"],
)
def test_what_is_not_proved_or_takes_three_is_refused_and_nothing_is_half_done(matters, page, more, sentence):
    browser, _tip, address = page
    before = len(matters.city.topics())
    more = {name: photo() if value == "photo" else value for name, value in more.items()}

    answer = send(browser, address, **typed(matters, **more))

    assert (answer.status_code, sentence in answer.text, len(matters.city.topics())) == (422, True, before)
