"""A log that has come to its end is still read, and says so on every page."""

from uuid import uuid4

from application.keys import FreezeLog
from tests.interface.web.test_tips import register


def test_everybody_is_told_that_the_log_is_frozen_and_their_act_is_refused_in_words(signed_in, city):
    browser = signed_in("city_desk", "320581")
    assert "日志已冻结" not in browser.get("/desk").text
    keeper = city.actor("key_admin", "320581")
    position = city.ledger.handle(FreezeLog(id=uuid4(), actor=keeper, reason="日志密钥失窃")).position

    page = browser.get("/desk")
    refused = register(browser)

    assert f"日志已于第 {position} 条冻结" in page.text
    assert (refused.status_code, "日志已冻结，不再接受任何记录" in refused.text) == (403, True)
