"""What somebody types to mean something else: it stays text, a field that a form doesn't have stays out."""

from __future__ import annotations

import re
from html import escape
from io import BytesIO
from uuid import UUID

import pytest

from application.problems.commands import AssignProblem
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.problems.test_problems import act, photo

MARKUP = """<script>alert(1)</script><img src=x onerror='a()'>{{ 7*7 }}{% raw %}"'>--><!--"""
INJECTIONS = [
    "' OR '1'='1",
    "'; DROP TABLE web.session; --",
    "%' UNION SELECT password FROM vault.credential --",
    "\\'; SELECT pg_sleep(9) --",
    "%(text)s %s {0}",
    "(a+)+$",
    "[",
]


@pytest.fixture
def follow(services):
    return services.projections.catch_up


@pytest.fixture
def problem(matters, follow):
    """One that the town's handler works on."""
    made, handler = matters.problem(title=MARKUP[:60]), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, made, handler=UUID(handler.id))
    follow()
    return made


def test_markup_that_somebody_typed_is_shown_as_it_was_typed(signed_in, problem):
    browser = signed_in("town_handler")

    answer = act(browser, problem, "step", note=MARKUP)

    page = browser.get(f"/problems/{problem}").text
    assert (answer.status_code, escape(MARKUP) in page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")) == (
        303,
        True,
    )
    for shown in (page, browser.get("/problems").text, browser.get("/desk").text):
        assert re.findall(r"<script(?! src=)|<img[^>]*onerror|alert\(1\)</", shown) == []


def test_what_is_searched_for_is_compared_and_never_run(signed_in, problem):
    browser = signed_in("town_handler")

    for words in INJECTIONS:
        answer = browser.get("/problems", query_string={"text": words})

        assert (answer.status_code, str(problem) in answer.text) == (200, False)
    assert str(problem) in browser.get("/problems?text=alert").text


def test_a_field_that_the_form_does_not_have_changes_nothing(matters, signed_in, problem):
    """Who acts, for which unit and on what is never taken from the form."""
    own = {
        "actor": str(UUID(int=1)),
        "role": "administrator",
        "unit": OTHER_TOWN,
        "state": "closed",
        "id": str(UUID(int=2)),
    }

    answer = act(signed_in("town_handler"), problem, "step", note="已更换灯具", **own)

    written = list(matters.city.ledger.read(after=0, limit=10_000))[-1]
    handler = matters.city.actor("town_handler")
    assert (answer.status_code, written.topic, written.stream) == (303, "problem.step_recorded", str(problem))
    assert (written.actor, written.role, written.unit) == (handler.id, "town_handler", TOWN)
    assert matters.city.ledger.fetch(Problem, problem).state == "rectifying"


def test_of_a_field_sent_twice_or_in_the_address_only_the_forms_first_counts(matters, signed_in, problem):
    browser = signed_in("town_handler")
    page = browser.get(f"/problems/{problem}").text
    sent = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]
        for name in ("step-token", "step-seen", "csrf_token")
    }

    answer = browser.client.post(
        f"/problems/{problem}/step?step-note=在地址里",
        data={**sent, "step-note": ["第一个", "第二个"]},
    )

    shown = browser.get(f"/problems/{problem}").text
    assert (answer.status_code, "第一个" in shown, "第二个" in shown, "在地址里" in shown) == (303, True, False, False)


def test_a_photo_is_shown_as_the_kind_that_we_wrote_under_no_name_of_its_senders(signed_in, problem):
    browser = signed_in("town_handler")
    body, _name = photo()
    sent = (BytesIO(body.getvalue() + b"<script>alert(1)</script>"), "../../<b>.html", "text/html")

    act(browser, problem, "step", note="已更换灯具", evidence=[sent])

    page = browser.get(f"/problems/{problem}").text
    place = re.search(r'src="(/[^"]*files/[^"]*)"', page)[1]
    shown = browser.get(place)
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert (b"<script>" in shown.data, ".html" in page) == (False, False)
