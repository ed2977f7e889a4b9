"""What goes wrong between a person and the log: each time a sentence, nothing half-done, nothing lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from application.tips.handlers import LONGEST
from tests.application.log.test_group_commit import JumpyClock
from tests.cities import TOWN
from tests.interface.web.conftest import TOKEN
from tests.interface.web.problems.test_problems import act as act_on_problem
from tests.interface.web.tips.test_tips import hidden
from tests.matters import TOLD

NEW = "/tips/new?accuses=no"


@pytest.fixture
def desk(signed_in):
    return signed_in("city_desk", "320581")


@pytest.fixture
def filled_in(desk):
    """The form for a tip, as a browser would send it, however often."""
    page = desk.get(NEW).text
    form = {"csrf_token": TOKEN.search(page)[1], "token": hidden(page, "token")}
    return form | {"channel": "12345", "received_on": "2026-03-01", "text": TOLD}


@pytest.fixture
def cut(app, database_away, city):
    """`cut()`: in the middle of the next request, when it is known who sent it, the database goes away."""
    city.ledger.table.writer.patience = 0.2
    pending = []

    def go() -> None:
        if pending:
            pending.pop()
            database_away(True)

    app.before_request_funcs.setdefault(None, []).append(go)
    return lambda: pending.append(True)


def test_what_was_sent_while_the_database_went_away_may_be_sent_again(desk, filled_in, cut, database_away, city):
    cut()
    first = desk.client.post(NEW, data=filled_in)
    database_away(False)

    second = desk.client.post(NEW, data=filled_in)
    third = desk.client.post(NEW, data=filled_in)

    assert (first.status_code, "数据库暂时连不上" in first.text) == (503, True)
    assert (second.status_code, third.location) == (303, second.location)
    assert city.topics().count("tip.registered") == 1


def test_a_long_text_is_taken_whole_and_one_without_end_is_told_its_limit(desk, filled_in, city):
    told = "物业三年\t没有公示\r\n" * 700

    endless = desk.client.post(NEW, data=filled_in | {"text": "字" * (LONGEST + 1)})
    taken = desk.client.post(NEW, data=filled_in | {"text": told})

    assert (endless.status_code, f"不得超过 {LONGEST} 字" in endless.text) == (422, True)
    assert taken.status_code == 303
    tip = UUID(taken.location.rpartition("/")[2])
    assert city.ledger.vault.tips.words(tip).text.split() == told.split()


def test_a_clock_that_was_put_back_keeps_what_was_typed_on_the_form(desk, filled_in, city):
    right, writer = city.ledger.clock, city.ledger.table.writer
    writer.clock = JumpyClock()
    writer.clock.off = -timedelta(hours=1)
    refused = desk.client.post(NEW, data=filled_in)
    writer.clock = right

    again = desk.client.post(NEW, data={**filled_in, "token": hidden(refused.text, "token")})

    assert (refused.status_code, "服务器时钟异常" in refused.text) == (503, True)
    assert TOLD in refused.text
    assert again.status_code == 303


@pytest.mark.parametrize("address", ["/desk", "/tips", "/problems", "/figures/weekly", "/tips.csv"])
def test_a_page_without_its_database_is_a_sentence(desk, lose_database, address):
    lose_database()

    answer = desk.get(address)

    assert (answer.status_code, "本页暂时打不开" in answer.text) == (503, True)
    assert "没有记录" not in answer.text


def test_an_act_without_the_forms_token_is_not_done(desk, filled_in, city):
    answer = desk.client.post(NEW, data=filled_in | {"csrf_token": ""})

    assert (answer.status_code, "刷新后重新提交" in answer.text) == (400, True)
    assert "tip.registered" not in city.topics()


@pytest.mark.parametrize("how", ["signed out", "expired"])
def test_what_was_typed_survives_the_session(desk, filled_in, city, database, how):
    """Another tab signed out, or nobody came back for hours: the words are there, no secret is, and nothing was done."""
    if how == "signed out":
        desk.post("/sign-out", page="/desk")
    else:
        with database.cursor() as cursor:
            cursor.execute("DELETE FROM web.session")

    answer = desk.client.post(NEW, data=filled_in | {"password_again": "a secret word"})

    assert (answer.status_code, "未提交的内容" in answer.text, TOLD in answer.text) == (403, True, True)
    assert ("线索内容" in answer.text, "补充内容" in answer.text) == (True, False)
    assert ('href="/sign-in"' in answer.text, "a secret word" in answer.text) == (True, False)
    assert (filled_in["token"] in answer.text, "tip.registered" in city.topics()) == (False, False)


def test_what_was_typed_survives_a_database_that_was_away_before_it_came(desk, filled_in, lose_database):
    lose_database()

    answer = desk.client.post(NEW, data=filled_in)

    assert (answer.status_code, "未提交的内容" in answer.text, TOLD in answer.text) == (503, True, True)


def test_what_was_typed_survives_a_refusal_that_has_no_form(signed_in, filled_in):
    auditor = signed_in("auditor", "320581")
    token = TOKEN.search(auditor.get("/desk").text)[1]

    answer = auditor.client.post(NEW, data=filled_in | {"csrf_token": token})

    assert (answer.status_code, TOLD in answer.text) == (403, True)


def test_the_words_of_another_site_are_not_shown(desk, filled_in):
    answer = desk.client.post(NEW, data=filled_in | {"csrf_token": ""}, headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, TOLD in answer.text) == (400, False)


@pytest.mark.parametrize("token", ["", "no uuid", "../../etc/passwd"])
def test_a_form_whose_command_was_tampered_with_is_incomplete(desk, filled_in, city, token):
    answer = desk.client.post(NEW, data=filled_in | {"token": token})

    assert (answer.status_code, "刷新页面后重新填写" in answer.text) == (422, True)
    assert "tip.registered" not in city.topics()


def test_a_token_that_was_used_for_something_else_is_a_conflict(desk, filled_in, city):
    desk.client.post(NEW, data=filled_in)

    answer = desk.client.post(NEW, data=filled_in | {"text": "另一件事"})

    assert (answer.status_code, "另一件事" in answer.text) == (409, True)
    assert city.topics().count("tip.registered") == 1


@pytest.mark.parametrize(
    ("role", "unit"), [("town_verifier", TOWN), ("city_desk", "320581"), ("housing_decider", "320581-housing")]
)
def test_another_role_closes_nothing_although_it_sends_the_form(signed_in, matters, services, city, role, unit):
    problem = matters.verified_problem()
    services.projections.catch_up()
    form = hidden(signed_in("town_closer").get(f"/problems/{problem}").text, "close-seen")
    browser = signed_in(role, unit, 2)  # nobody who had a part in it

    answer = browser.post(
        f"/problems/{problem}/close",
        page="/desk",
        checked="1",
        **{"close-token": "00000000-0000-4000-8000-000000000001", "close-seen": form},
    )

    assert (answer.status_code, "须由镇（街道）销号审核办理" in answer.text) == (403, True)
    assert "problem.closed" not in city.topics()


def test_a_version_that_is_no_number_is_incomplete(signed_in, matters, services, city):
    problem = matters.verified_problem()
    services.projections.catch_up()

    answer = signed_in("town_closer").post(
        f"/problems/{problem}/close",
        page="/desk",
        checked="1",
        **{"close-token": "00000000-0000-4000-8000-000000000001", "close-seen": "many"},
    )

    assert (answer.status_code, "problem.closed" in city.topics()) == (422, False)


def test_a_handler_that_nobody_offered_is_no_choice(signed_in, matters, services):
    problem = matters.problem()
    services.projections.catch_up()

    answer = act_on_problem(signed_in("town_handler"), problem, "assign", handler="nobody")

    assert (answer.status_code, "不在可选范围内" in answer.text) == (422, True)
