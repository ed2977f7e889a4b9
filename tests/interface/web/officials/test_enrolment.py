"""登记与密钥: two administrators make a new official; a starting password is shown once; a forgotten one is reset, not read."""

from __future__ import annotations

import re

import pytest

from application.core.permissions import held
from tests.cities import TOWN
from tests.interface.web.conftest import PASSWORD, Browser
from tests.interface.web.officials.test_officials import do, form, version
from tests.interface.web.test_frame import Marks
from tests.interface.web.tips.test_tips import CITY, hidden

NEW = "/people/new"
WANG = {
    "name": "王小明",
    "staff_number": "QC-031",
    "phone": "13812345678",
    "login": "wang.xm",
    "role": "town_handler",
    "unit": TOWN,
}


@pytest.fixture
def keeper(signed_in):
    return signed_in("role_admin", CITY)


@pytest.fixture
def key_keeper(signed_in):
    return signed_in("key_admin", CITY)


@pytest.fixture
def founder(browser, city, login_of, database):
    login = login_of(city.administrator)
    with database.cursor() as cursor:
        cursor.execute("UPDATE vault.credential SET one_time = false")
    browser.sign_in(login)
    return browser


def enrol(browser, *, token=None, **typed):
    token = token or hidden(browser.get(NEW).text, "token")
    sent = {"checked": "1", "password_again": PASSWORD, "token": token, **WANG, **typed}
    return browser.post(NEW, page="/desk", **sent)


def official(city, login="wang.xm"):
    return city.ledger.vault.people.credential(login).official


def starting(page):
    found = re.search(r'id="starting">([^<]+)<', page)
    return found and found[1]


def first_sign_in(app, word, new="battery horse correct", login="wang.xm"):
    """What a newcomer does with the word that was handed over; the browser, signed in."""
    browser = Browser(app.test_client())
    assert browser.sign_in(login, word).location == "/password"
    typed = {"old": word, "new": new, "again": new, "token": hidden(browser.get("/password").text, "token")}
    browser.post("/password", page="/password", **typed)
    assert browser.sign_in(login, new).location == "/desk"
    return browser


def topics_since(city, before):
    return city.topics()[before:]


def test_two_administrators_make_a_new_official(app, keeper, key_keeper, city):
    before = len(city.topics())

    done = enrol(keeper)

    id = official(city)
    assert (done.status_code, done.location) == (303, f"/people/{id}")
    assert topics_since(city, before) == ["person.named", "official.enrolled", "role.granted"]
    page = keeper.get(done.location).text
    assert ("没有密钥" in page, "请密钥管理员登记签名密钥" in page, starting(page)) == (True, True, None)
    assert Browser(app.test_client()).sign_in("wang.xm", "!").status_code == 422
    shown = do(key_keeper, id, "enrol_key")
    assert (shown.status_code, city.topics()[-1], bool(starting(shown.text))) == (200, "key.enrolled", True)
    newcomer = first_sign_in(app, starting(shown.text))
    assert "王小明" in newcomer.get("/account").text
    assert "您的账户有变动" not in newcomer.get("/desk").text  # what was there at the first sign-in is no change
    assert held(city.ledger.authority(), str(id), city.ledger.today) == {("town_handler", TOWN)}


def test_no_name_number_or_telephone_is_in_the_log(keeper, city):
    enrol(keeper)

    entries = str([event.data for event in city.ledger.read(after=0, limit=1_000)])
    assert not any(words in entries for words in ("王小明", "QC-031", "13812345678", "wang.xm"))


def test_what_will_be_signed_is_looked_at_first(keeper, city, database):
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    token, before = hidden(keeper.get(NEW).text, "token"), len(city.topics())

    asked = keeper.post(NEW, page="/desk", token=token, **WANG)

    assert all(words in asked.text for words in ("核对：登记工作人员", "王小明", "登录口令", "琴川"))
    assert len(city.topics()) == before
    assert enrol(keeper, token=token).status_code == 303


def test_what_is_wrong_is_told_in_the_order_of_the_page(keeper):
    told = enrol(keeper, name="", login="", role="", unit="").text.partition('role="alert"')[2].partition("</ul>")[0]

    fields = [f'href="#{name}"' for name in ("name", "login", "role", "unit")]
    assert sorted(fields, key=told.index) == fields


def test_the_founder_gives_the_key_too_and_the_password_is_shown_once(app, founder, city):
    token = hidden(founder.get(NEW).text, "token")
    told = {"role": "role_admin", "unit": CITY}

    shown, again = enrol(founder, token=token, **told), enrol(founder, token=token, **told)

    word = starting(shown.text)
    assert (shown.status_code, again.status_code, word in (page := founder.get(again.location).text)) == (
        200,
        303,
        False,
    )
    assert "起始口令已经显示过一次" in page
    assert city.topics()[-3:] == ["official.enrolled", "key.enrolled", "role.granted"]
    assert first_sign_in(app, word).get("/people").status_code == 200


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"staff_number": " "}, "请填写工号"),
        ({"login": ""}, "请填写账号"),
        ({"login": "role_admin-320581-1"}, "此账号已被使用"),
        ({"staff_number": "role_admin-320581-1"}, "此工号已登记在另一姓名下"),
        ({"unit": "999999"}, "单位不在可选范围内"),
        ({"role": "administrator"}, "角色不在可选范围内"),
        ({"name": "王" * 41}, "不得超过 40 字"),
    ],
    ids=["no name", "no number", "no login", "login used", "number used", "unit", "role", "long"],
)
def test_who_cannot_be_enrolled_is_refused_and_what_was_typed_is_kept(keeper, city, typed, words):
    before = len(city.topics())

    answer = enrol(keeper, **typed)

    assert (answer.status_code, words in answer.text, len(city.topics())) == (422, True, before)
    assert all(value in answer.text for value in (WANG | typed).values() if value in ("王小明", "13812345678"))


def test_a_second_account_of_a_person_never_holds_the_excluded_role(keeper, city):
    other = city.actor("key_admin", CITY, 2)
    name = city.ledger.vault.people.person(city.person(other)).name

    done = enrol(keeper, name=name, staff_number="key_admin-320581-2", role="role_admin", unit=CITY)

    page = keeper.get(done.location).text
    assert ("角色没有授予" in page, "不得由同一人担任" in page) == (True, True)
    assert held(city.ledger.authority(), str(official(city)), city.ledger.today) == set()
    assert city.person(other) == city.ledger.vault.people.known("key_admin-320581-2")


def test_the_keeper_of_keys_enrols_nobody(key_keeper, city):
    assert key_keeper.get(NEW).status_code == 403
    assert key_keeper.post(NEW, page="/desk", **WANG).status_code == 403
    assert "登记工作人员</a>" not in key_keeper.get("/people").text


# 密钥与口令


@pytest.fixture
def handler(city):
    return city.actor("town_handler")


def test_a_forgotten_password_is_reset_by_a_new_key_and_its_owner_is_told(app, key_keeper, city, handler, signed_in):
    theirs, before = signed_in("town_handler"), len(city.topics())

    shown = do(key_keeper, handler.id, "reset", reason="本人遗忘")

    assert topics_since(city, before) == ["credential.reset", "key.revoked", "key.enrolled"]
    word, login = starting(shown.text), "town_handler-320581003-1"
    assert theirs.get("/desk").location == "/sign-in?next=/desk"
    assert theirs.sign_in(login).status_code == 422
    assert word not in key_keeper.get(f"/people/{handler.id}").text
    page = first_sign_in(app, word, login=login).get("/desk").text
    assert all(words in page for words in ("您的账户有变动", "登录口令已重置", "测试key_admin1", "本人遗忘"))


def test_a_reset_sent_twice_shows_the_password_once(key_keeper, city, handler):
    own = form(key_keeper, handler.id, "reset")
    first, second = (do(key_keeper, handler.id, "reset", own=own, reason="本人遗忘") for _ in range(2))

    assert (first.status_code, second.status_code, city.topics().count("credential.reset")) == (200, 303, 1)
    assert "起始口令已经显示过一次" in key_keeper.get(second.location).text


def test_a_reset_says_why(key_keeper, city, handler):
    answer = do(key_keeper, handler.id, "reset", reason="")

    assert (answer.status_code, "请填写重置理由" in answer.text, "credential.reset" in city.topics()) == (
        422,
        True,
        False,
    )


def test_nobody_resets_their_own_password_here(key_keeper, city):
    me = city.actor("key_admin", CITY)
    own = {"reset-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11", "reset-seen": version(city, me)}

    answer = do(key_keeper, me.id, "reset", own=own, reason="本人遗忘")

    assert "reset-token" not in key_keeper.get(f"/people/{me.id}").text
    assert (answer.status_code, "credential.reset" in city.topics()) == (422, False)


def test_a_lost_key_is_revoked_and_a_new_one_enrolled(app, key_keeper, city, handler):
    do(key_keeper, handler.id, "revoke_key", reason="手机失窃")
    shown = do(key_keeper, handler.id, "enrol_key")

    assert city.topics()[-2:] == ["key.revoked", "key.enrolled"]
    first_sign_in(app, starting(shown.text), login="town_handler-320581003-1")


def test_a_key_is_replaced(app, key_keeper, city, handler):
    shown = do(key_keeper, handler.id, "rotate_key")

    assert (shown.status_code, city.topics()[-1], bool(starting(shown.text))) == (200, "key.rotated", True)


def test_the_keeper_of_roles_resets_nothing(keeper, city, handler):
    page = keeper.get(f"/people/{handler.id}").text
    own = {"reset-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11", "reset-seen": "3"}

    answer = do(keeper, handler.id, "reset", own=own, reason="本人遗忘")

    assert ("reset-token" in page, "rotate_key-token" in page, answer.status_code) == (False, False, 403)
    assert "credential.reset" not in city.topics()


def test_the_pages_keep_the_house_rules(keeper, key_keeper, handler):
    for page in (keeper.get(NEW).text, do(key_keeper, handler.id, "rotate_key").text):
        marks = Marks(page)
        assert (marks.headings, marks.fields - marks.labels, marks.blocked) == (1, set(), [])
