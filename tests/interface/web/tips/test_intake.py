"""At intake the tip goes the right way from its first moment: about a unit, it never reaches that unit."""

from __future__ import annotations

from uuid import uuid4

import pytest

from application.exchange import template
from application.exchange.sheet import read
from application.exchange.tip_import import Import
from application.tips.public_tips import register_public_tips
from domain import rules
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.public.test_report import later, phone, photo, send, value  # noqa: F401 (two are fixtures)
from tests.interface.web.tips.test_tips import CITY, act, hidden, register
from tests.matters import TOLD


def last(city, number: int) -> list:
    return list(city.ledger.read(after=0, limit=10_000))[-number:]


@pytest.fixture
def desk(signed_in):
    return signed_in("city_desk", CITY)


def test_the_question_knows_three_answers(desk):
    page = desk.get("/tips/new").text

    assert [f'value="{answer}"' in page for answer in ("no", "unit", "yes")] == [True, True, True]
    assert 'name="against"' in desk.get("/tips/new?accuses=unit").text
    assert 'name="against"' not in desk.get("/tips/new?accuses=no").text


def test_a_tip_about_a_town_is_kept_from_it_in_the_act_that_registers_it(desk, signed_in, city):
    answer = register(desk, accuses="unit", against=TOWN)

    registered, recused = last(city, 2)
    assert (registered.topic, recused.topic) == ("tip.registered", "tip.unit_recused")
    assert (registered.stream, recused.data["recused"]) == (recused.stream, TOWN)
    assert "回避单位" in desk.get(answer.location).text
    assert signed_in("town_handler", TOWN).get(answer.location).status_code == 404
    act(desk, registered.stream, "accept")
    refused = act(desk, registered.stream, "assign", unit=TOWN, due_on="2026-03-12")
    assert (refused.status_code, "该单位已回避" in refused.text) == (422, True)
    assert act(desk, registered.stream, "assign", unit=OTHER_TOWN, due_on="2026-03-12").status_code == 303


@pytest.mark.parametrize(("against", "words"), [("", "请选择被反映的单位"), (CITY, "不在可选范围内")])
def test_the_unit_must_be_named_and_what_was_typed_is_kept(desk, city, against, words):
    answer = register(desk, accuses="unit", against=against)

    assert (answer.status_code, words in answer.text, TOLD in answer.text) == (422, True, True)
    assert "tip.registered" not in city.topics()


def test_what_a_towns_own_desk_takes_down_about_its_town_is_the_citys_at_once(signed_in, city, desk):
    town = signed_in("town_handler", TOWN)
    answer = register(town, accuses="unit", against=TOWN)

    tip = last(city, 1)[0].stream
    assert (answer.location, town.get("/tips").status_code) == ("/tips", 200)
    assert (town.get(f"/tips/{tip}").status_code, desk.get(f"/tips/{tip}").status_code) == (404, 200)


def test_anybody_is_asked_and_the_unit_is_kept_out_by_the_batch(phone, later, city, services, signed_in):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    nothing = send(phone, page, accuses="unit")
    handed = send(phone, page, accuses="unit", against=TOWN)
    assert (nothing.status_code, "请选择反映哪个单位" in nothing.text, "CANARY-TEXT" in nothing.text) == (
        422,
        True,
        True,
    )
    assert 'id="code"' in handed.text
    assert register_public_tips(city.ledger) == 1
    services.projections.catch_up()

    registered, recused = last(city, 2)
    assert (registered.topic, recused.topic, recused.data["recused"]) == ("tip.registered", "tip.unit_recused", TOWN)
    assert "反映单位：" in city.ledger.vault.tips.words(registered.stream).text
    assert signed_in("town_handler", TOWN).get(f"/tips/{registered.stream}").status_code == 404
    assert signed_in("city_desk", CITY).get(f"/tips/{registered.stream}").status_code == 200


def test_the_pages_ask_for_the_unit_only_where_there_is_one_and_carry_it(phone):  # noqa: F811
    data = {"token": value(phone.get("/tip").text, "token"), "step": "accuses"}
    plain, unit = (phone.post("/tip", data={**data, "accuses": answer}).text for answer in ("no", "unit"))
    who = phone.post("/tip", data={**data, "step": "what", "accuses": "unit", "against": TOWN, "text": TOLD}).text

    assert ('id="against"' in plain, 'id="against"' in unit, value(who, "against")) == (False, True, TOWN)


@pytest.fixture
def older(monkeypatch):
    """The log's rules are those of the program before: the service may keep no unit out."""
    known = rules.TYPES["tip.unit_recused"]
    monkeypatch.setitem(rules.TYPES, "tip.unit_recused", {**known, "roles": ["city_desk", "city_decider"]})


def test_under_older_rules_a_public_tip_still_comes_in_and_a_person_reads_the_unit(older, phone, later, city):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    send(phone, page, accuses="unit", against=TOWN)

    assert register_public_tips(city.ledger) == 1
    assert last(city, 1)[0].topic == "tip.registered"
    assert "反映单位：" in city.ledger.vault.tips.words(last(city, 1)[0].stream).text


def test_a_list_may_name_the_unit_that_a_row_is_about(city, tmp_path):
    heads = "工单号,线索来源,收到日期,反映人,联系方式,线索内容,是否反映公职人员,被反映的单位"
    rows = ["1,12345热线,2026-03-01,,,电梯又停了,否,", "2,12345热线,2026-03-01,,,街道不管,否,梅李镇"]
    path = tmp_path / "list.csv"
    path.write_text("\n".join([heads, *rows, "3,12345热线,2026-03-01,,,没有这个单位,否,某某局"]))
    task = Import(city.ledger, city.desk, read(path, None, heads=template.TIPS.heads), template.TIPS)
    task.run()

    assert [outcome.sentence[:9] for outcome in task.outcomes] == ["", "", "“被反映的单位”应"]
    assert task.outcomes[1].position == last(city, 3)[0].position  # of its registration, as the register knows it
    topics = [event.topic for event in last(city, 4)]
    assert topics == ["tip.registered", "tip.registered", "tip.unit_recused", "import.finished"]


# 相似线索


def sent(browser, **typed):
    """One form, filled in; sent by the function as often as it is called, each time with more."""
    address = "/tips/new?accuses=no"
    told = {"token": hidden(browser.get(address).text, "token"), "channel": "12345", "received_on": "2026-03-01"}
    told |= {"text": f"再次反映：{TOLD}", "number": "GD-9"} | typed
    return lambda **more: browser.post(address, page=address, **(told | more))


def test_what_seems_to_be_known_is_shown_before_it_is_registered_again(desk, city, matters, services):
    tip = matters.tip()
    services.projections.catch_up()
    send = sent(desk)
    asked = send()

    assert (asked.status_code, f"/tips/{tip}" in asked.text, "照常登记" in asked.text) == (200, True, True)
    assert [words in asked.text for words in (TOLD, "GD-9")] == [True, True]
    assert city.topics().count("tip.registered") == 1
    distinct = hidden(asked.text, "distinct")
    done, again = send(distinct=distinct), send()
    assert (done.status_code, again.location, city.topics().count("tip.registered")) == (303, done.location, 2)


def test_what_came_meanwhile_is_shown_too(desk, city, matters, services):
    matters.tip()
    services.projections.catch_up()
    send = sent(desk)
    distinct = hidden(send().text, "distinct")
    later_one = matters.tip(text=f"再次反映：{TOLD}！")
    services.projections.catch_up()

    asked = send(distinct=distinct)
    assert (asked.status_code, f"/tips/{later_one}" in asked.text) == (200, True)


def test_another_towns_tip_is_not_shown_and_a_lead_is_compared_with_nothing(desk, signed_in, city, matters, services):
    matters.tip()
    services.projections.catch_up()

    assert sent(signed_in("town_handler", TOWN))().status_code == 303
    assert register(desk, accuses="yes").location == "/desk"


def test_a_photo_is_chosen_once_whatever_is_asked_before_it_is_registered(desk, city, matters, services):
    matters.tip()
    services.projections.catch_up()
    send = sent(desk)
    refused = send(files=photo(), received_on="2026-02-30")
    asked = send(files=hidden(refused.text, "files"))
    assert (refused.status_code, asked.status_code) == (422, 200)
    done = send(files=hidden(asked.text, "files"), distinct=hidden(asked.text, "distinct"))

    assert done.status_code == 303
    assert len(city.ledger.vault.tips.words(last(city, 1)[0].stream).files) == 1


def test_a_kept_photo_is_judged_like_any_other(desk):
    refused = sent(desk)(files="bm90IGEgcGljdHVyZQ==")
    assert (refused.status_code, "不是可以打开的" in refused.text) == (422, True)
    for nothing in ("not base64", ""):
        assert sent(desk, number="")(files=nothing, text=f"另一件事 {nothing} {uuid4()}").status_code == 303
