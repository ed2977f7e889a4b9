"""The public door in a flood: machines are slowed down, people answer one question, nobody is followed."""

from __future__ import annotations

import re

import pytest

from application.tips.public_tips import register_public_tips
from interface.web.public.throttle import AN_HOUR, Asked, Brake, Rooms, TooFast
from tests.interface.web.public.test_report import TOLD, handed, later, phone, photo, send, value  # noqa: F401 (fixtures)

WIDE = str.maketrans("0123456789 ", "０１２３４５６７８９　")
NUMBERS = "二三四五六七八九"


def both(**limits) -> Rooms:
    """Rooms of which both are so small."""
    return Rooms(Brake(**limits), Brake(**limits))


def test_a_machine_is_slowed_down_in_words(phone, later, app):  # noqa: F811
    fast = send(phone)
    page = phone.get("/tip").text
    later(seconds=10)
    lured = send(phone, page, website="http://spam")
    forged = send(phone, page.replace('name="token" value="', 'name="token" value="1'))
    foreign = phone.post("/tip", data={"step": "check", "token": "1.2.锁", "accuses": "no", "text": TOLD})
    app.extensions["rooms"] = both(most=0)
    flooded = send(phone, page)

    assert [one.status_code for one in (fast, lured, forged, foreign, flooded)] == [429, 503, 503, 503, 429]
    assert "提交得太快了" in fast.text
    assert TOLD in flooded.text


def answer_to(page: str) -> str:
    numbers = re.search(f">([{NUMBERS}])加([{NUMBERS}])等于几<", page).groups()
    return str(sum(NUMBERS.index(number) + 2 for number in numbers))


def test_a_busy_hour_asks_a_question_and_loses_nothing(phone, later, app, city):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    app.extensions["rooms"] = both(free=0)
    asked = send(phone, page, photos=photo())
    wrong = send(phone, page, answer="1")
    kept = value(asked.text, "photos")
    taken = send(phone, page, photos=kept, answer=f" {answer_to(asked.text)}".translate(WIDE))

    assert [one.status_code for one in (asked, wrong, taken)] == [429, 429, 200]
    assert ("请答对这个小问题" in asked.text, TOLD in asked.text, value(wrong.text, "answer")) == (True, True, "1")
    assert register_public_tips(city.ledger) == 1
    phone.set_cookie("language", "en")
    assert re.search("What is (two|three|four|five|six|seven|eight|nine) plus", send(phone, page, text="灯坏").text)


def test_more_material_and_letters_to_the_commission_pass_the_same_door(phone, handed, later, app, city):  # noqa: F811
    page = phone.post("/tip/track", data={"code": handed}).text
    later(seconds=10)
    app.extensions["rooms"] = both(free=0)
    typed = {"token": value(page, "token"), "code": handed, "text": "补充 MORE"}
    asked, letter = phone.post("/tip/track/add", data=typed), send(phone, page, accuses="yes")
    added = phone.post("/tip/track/add", data=typed | {"answer": answer_to(asked.text)})
    sealed = send(phone, page, accuses="yes", answer=answer_to(letter.text))

    assert [one.status_code for one in (asked, letter, added, sealed)] == [429, 429, 200, 200]
    assert ("MORE" in asked.text, "补充材料已收到" in added.text, "12388" in sealed.text) == (True, True, True)


def test_what_is_sent_twice_is_counted_once(phone, later, app):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    app.extensions["rooms"] = both(free=1, most=1)
    same = [send(phone, page).status_code for _ in range(3)]

    assert [*same, send(phone, page, text="另一件").status_code] == [200, 200, 200, 429]


def test_the_door_opens_again_soon_after_a_flood():
    brake, now = Brake(free=2, most=4), 1_000.0
    for answered in (False, False, True, True):
        brake.count(now, answered=answered)
    with pytest.raises(TooFast, match="过几分钟"):
        brake.count(now, answered=True)
    soon = now + 3600 / AN_HOUR
    with pytest.raises(Asked):
        brake.count(soon, answered=False)
    brake.count(soon, answered=True)
    with pytest.raises(TooFast):
        brake.count(soon, answered=True)
    brake.count(soon + 3 * (soon - now), answered=False)
