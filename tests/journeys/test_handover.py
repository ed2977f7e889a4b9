"""Somebody leaves office: the account ends, what was open under the name goes to a successor, and the log proves it. 交接全程"""

from __future__ import annotations

import re

import pytest

from interface.demo.people import PASSWORD
from tests.journeys.conftest import Somebody, made, served
from tests.journeys.test_people import OWN, enrolled
from tests.journeys.test_trail import good

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def home():
    """Of its own: nobody comes back from retirement."""
    with made(40) as home:
        yield home


@pytest.fixture(scope="module")
def address(home):
    with served(home) as address:
        yield address


def test_whoever_leaves_is_relieved_and_the_log_proves_it(somebody, home):
    keeper, desk = somebody("role_admin"), somebody("city_desk")
    desk.go("/hand-over")
    unit = desk.page.locator("main tbody a").first.get_attribute("href").split("/")[2]
    old = somebody(f"town_handler-{unit[-3:]}")
    _wang, word = enrolled(keeper, somebody("key_admin"), unit)
    name, number = retired(keeper, f"town_handler-{unit[-3:]}")

    old.go("/desk")
    assert old.page.url.endswith("/sign-in?next=/desk")
    assert "您的账号还没有角色，或已停用" in old.sign_in(f"town_handler-{unit[-3:]}", PASSWORD).look()

    successor = somebody("wang", word)
    successor.send("main form button.main", old=word, new=OWN, again=OWN)
    problem = taken_over(successor.sign_in("wang", OWN), name, number)
    successor.go(f"/problems/{problem}")
    assert f"责任人：{name} → 王小明" in successor.look()

    overseer = somebody("discipline")
    overseer.go("/oversight/sign-in")
    overseer.send("main form button.main", login="discipline", secret=PASSWORD)
    overseer.go(f"/oversight/matters/{problem}")
    assert "责任人：王小明" in overseer.look()
    good("publish", "--once", "--home", str(home.path))
    good("fsck", "--home", str(home.path))
    good("verify", str(home.trail), "--vkey", f"@{home.trail / 'log.vkey'}")
    refused = re.compile("the server responded with a status of (403|422)")
    assert [one for who in (keeper, old, successor, overseer) for one in who.wrong if not refused.search(one)] == []


def retired(keeper: Somebody, login: str) -> tuple[str, int]:
    """The name, and for how many open problems it stood."""
    keeper.go(f"/people?text={login}")
    keeper.page.locator("main tbody a").first.click()
    name = keeper.page.inner_text("h1")
    number = int(re.search(r"责任人 (\d+) 件", keeper.look())[1])
    assert "已停用" in keeper.act("retire", reason="退休")
    return name, number


def taken_over(successor: Somebody, name: str, number: int) -> str:
    """From the notice on the desk to the signature, all of it; the first of the problems."""
    assert "离岗人员名下有未办结问题" in successor.look()
    successor.page.click("text=离岗人员名下有未办结问题")
    assert "已离岗" in successor.look()
    successor.page.click(f"main td >> text={name}")
    ticked = successor.page.locator('main [name="problems"]:checked')
    assert ticked.count() == number
    problem = ticked.first.get_attribute("value")
    successor.look()
    for select in successor.page.locator("main select").all():  # whoever handles none needs no other handler
        select.select_option(label="王小明")
    successor.send("main form button.main", reason="退休")
    assert "已记录" in successor.sign()
    successor.go("/hand-over")
    assert re.search(rf"王小明\t\S+\t{number}\t\d+\t在岗", successor.look())
    return problem
