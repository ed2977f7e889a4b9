"""A log that has come to its end is still read, and says so on every page."""

from uuid import uuid4

import pytest

from application.campaign.genesis import adopt_in_training
from application.officials.keys import FreezeLog
from application.tips.public_tips import hand_in
from domain import rules
from domain.errors import Unavailable
from tests.interface.web.tips.test_tips import register


def test_everybody_is_told_that_the_log_is_frozen_and_their_act_is_refused_in_words(signed_in, city):
    browser = signed_in("city_desk", "320581")
    assert "日志已冻结" not in browser.get("/desk").text
    position = freeze(city)

    page = browser.get("/desk")
    refused = register(browser)

    assert f"日志已于第 {position} 条冻结" in page.text
    assert (refused.status_code, "日志已冻结，不再接受任何记录" in refused.text) == (403, True)


def freeze(city):
    command = FreezeLog(id=uuid4(), actor=city.actor("key_admin", "320581"), reason="日志密钥失窃")
    return city.ledger.handle(command).position


def test_nothing_is_promised_to_the_public_that_a_frozen_log_can_not_keep(city):
    sent = {"digest": str}
    kept = hand_in(city.ledger, "a", "楼道堆物", ("", ""), **sent)
    freeze(city)

    with pytest.raises(Unavailable, match="日志已冻结"):
        hand_in(city.ledger, "b", "楼道堆物", ("", ""), **sent)
    assert hand_in(city.ledger, "a", "楼道堆物", ("", ""), **sent) == kept


def test_a_training_log_that_is_frozen_is_served_by_a_newer_program(city, monkeypatch):
    freeze(city)
    monkeypatch.setattr(rules, "VERSION", rules.VERSION + 1)

    assert adopt_in_training(city.ledger) is None
