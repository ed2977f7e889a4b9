"""Two administrators make a new official in real browsers; the newcomer takes a second factor and signs with it. 人员全程"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from application.vault import totp
from interface.demo.people import SHOWN_TOWN
from tests.journeys.conftest import Somebody

OWN = "battery horse correct"
pytestmark = pytest.mark.journey


def code(secret: bytes, *, later: int = 0) -> str:
    return totp.code(secret, totp.step_at(datetime.now(UTC) + timedelta(seconds=later)))


def test_from_enrolment_to_a_signature_with_two_factors(somebody):
    keeper, key_keeper = somebody("role_admin"), somebody("key_admin")
    wang, word = enrolled(keeper, key_keeper)

    newcomer = somebody("wang", word)
    newcomer.send("main form button.main", old=word, new=OWN, again=OWN)
    newcomer.sign_in("wang", OWN)
    assert newcomer.page.url.endswith("/desk")
    secret = enrol(newcomer)

    keeper.go(wang)
    assert "角色已授予" in keeper.act("grant", role="town_closer", unit=SHOWN_TOWN)
    newcomer.go("/desk")
    assert re.search("您的账户有变动.*角色已授予", newcomer.look(), re.S)
    newcomer.page.click("text=已知悉")
    assert "您的账户有变动" not in newcomer.look()

    newcomer.page.context.clear_cookies()  # another machine, where no code was given yet
    newcomer.sign_in("wang", OWN)
    newcomer.go("/account/second-factor/remove")
    newcomer.send("main form button.grave", reason="更换手机")
    assert "动态验证码不正确" in newcomer.sign(code_again="000000")
    assert "未启用" in newcomer.sign(code_again=code(secret, later=30))

    key_keeper.go("/people/keys")
    key_keeper.look()
    refused = re.compile("the server responded with a status of 422")
    assert [one for who in (keeper, key_keeper, newcomer) for one in who.wrong if not refused.search(one)] == []


def enrolled(keeper: Somebody, key_keeper: Somebody, unit: str = SHOWN_TOWN) -> tuple[str, str]:
    """The address of the newcomer's account, and the starting password that was shown."""
    keeper.go("/people")
    assert "镇（街道）经办" in keeper.look()
    keeper.go("/people/new")
    keeper.look()
    told = {"name": "王小明", "staff_number": "QC-31", "login": "wang", "role": "town_handler"}
    keeper.send("main form button.main", **told, unit=unit)
    assert "请密钥管理员登记签名密钥" in keeper.sign()
    wang = keeper.page.url.removeprefix(keeper.address)
    key_keeper.go("/people?state=no_key")
    assert "王小明" in key_keeper.look()
    key_keeper.go(wang)
    key_keeper.act("enrol_key")
    return wang, key_keeper.page.inner_text("#starting")


def enrol(newcomer: Somebody) -> bytes:
    """The secret that the telephone has from now on."""
    newcomer.go("/account")
    newcomer.look()
    newcomer.page.click("a.button.main")
    newcomer.look()
    secret = totp.secret_of("".join(newcomer.page.inner_text("#secret").split()))
    assert secret is not None
    newcomer.send("main form button.main", code=code(secret), password_again=OWN)
    assert newcomer.page.locator(".codes li").count() == 8
    assert "只显示这一次" in newcomer.look()
    return secret
