"""Weighty acts are looked at in words and signed with the password; nothing of what was typed is lost."""

from __future__ import annotations

import pytest

from application.problems.commands import CloseProblem
from tests.cities import TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.problems.test_problems import act, state
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def problem(matters):
    return matters.verified_problem()


@pytest.fixture
def closer(problem, signed_in, services, database):
    """A third person, who gave the password six minutes ago."""
    services.projections.catch_up()
    browser = signed_in("town_closer")
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    return browser


def sign(browser, problem, looked_at, **typed):
    """Send the page that was looked at."""
    names = ("close-token", "close-seen", "close-note")
    carried = {name: hidden(looked_at.text, name) for name in names}
    return browser.post(f"/problems/{problem}/close", page="/desk", checked="1", **carried, **typed)


def test_the_page_says_in_words_what_will_be_signed(closer, problem, matters):
    page = act(closer, problem, "close", note="资料齐全").text

    assert all(
        words in page for words in ("核对：销号", "待销号 → <strong>已销号</strong>", "楼道照明损坏未修复", "资料齐全")
    )
    assert state(matters, problem) == "verified"


def test_a_close_out_that_is_revoked_is_shown_with_the_state_it_leads_to(signed_in, matters, services):
    problem = matters.closed_problem()
    services.projections.catch_up()

    page = act(signed_in("city_decider", "320581"), problem, "revoke", reason="现场未整改", due_on="2026-04-01").text

    assert "已销号 → <strong>重新整改</strong>" in page


def test_with_the_password_it_is_signed(closer, problem, matters):
    answer = sign(closer, problem, act(closer, problem, "close", note="资料齐全"), password_again=PASSWORD)

    assert (answer.status_code, state(matters, problem)) == (303, "closed")


def test_the_first_form_sent_again_gets_the_receipt_and_asks_nothing(closer, problem, city):
    page = closer.get(f"/problems/{problem}").text
    form = {name: hidden(page, name) for name in ("close-token", "close-seen")} | {"close-note": "资料齐全"}
    looked_at = closer.post(f"/problems/{problem}/close", page="/desk", **form)
    first = sign(closer, problem, looked_at, password_again=PASSWORD)

    again = closer.post(f"/problems/{problem}/close", page="/desk", **form)

    assert (again.status_code, again.location) == (303, first.location)
    assert city.topics().count("problem.closed") == 1


def test_what_has_changed_meanwhile_is_not_looked_at_but_told(closer, problem, matters, services):
    page = closer.get(f"/problems/{problem}").text
    stale = {name: hidden(page, name) for name in ("close-token", "close-seen")}
    matters.on_problem(CloseProblem, matters.city.actor("town_closer", TOWN, 2), problem)
    services.projections.catch_up()

    answer = closer.post(f"/problems/{problem}/close", page="/desk", **stale)

    assert (answer.status_code, "此事项已有更新" in answer.text, "核对：销号" in answer.text) == (409, True, False)


def test_signed_twice_it_is_one_act(closer, problem, city):
    looked_at = act(closer, problem, "close", note="资料齐全")
    first = sign(closer, problem, looked_at, password_again=PASSWORD)

    second = sign(closer, problem, looked_at, password_again=PASSWORD)

    assert (second.location, city.topics().count("problem.closed")) == (first.location, 1)


@pytest.mark.parametrize(("typed", "words"), [({"password_again": "wrong"}, "口令不正确"), ({}, "请填写登录口令")])
def test_without_the_right_password_nothing_is_signed(closer, problem, matters, typed, words):
    answer = sign(closer, problem, act(closer, problem, "close", note="资料齐全"), **typed)

    assert (answer.status_code, words in answer.text, state(matters, problem)) == (422, True, "verified")


def test_for_five_minutes_the_password_is_not_asked_again_but_the_page_is_shown(signed_in, problem, services, matters):
    services.projections.catch_up()
    browser = signed_in("town_closer")

    looked_at = act(browser, problem, "close", note="资料齐全")

    assert ("核对：销号" in looked_at.text, "登录口令" in looked_at.text) == (True, False)
    assert (sign(browser, problem, looked_at).status_code, state(matters, problem)) == (303, "closed")
