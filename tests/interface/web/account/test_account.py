"""我的账户: the second factor from enrolment to removal; what others changed about an account is told until it is known."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from application.officials.officials import GrantRole, RevokeKey
from application.officials.second_factors import EnrolSecondFactor, RemoveSecondFactor
from application.platform.database import Database
from application.platform.home import write_whole
from application.vault import totp
from interface.identity.sessions import Sessions
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.conftest import PASSWORD, at_once
from tests.interface.web.officials.test_officials import do as do_to
from tests.interface.web.problems.test_problems import act
from tests.interface.web.test_frame import Marks
from tests.interface.web.tips.test_tips import CITY, hidden

SECRET = b"12345678901234567890"
ENROL = "/account/second-factor"


def now(clock, secret=SECRET):
    return totp.code(secret, totp.step_at(clock.at))


def later(clock):
    """The code after the one that was given."""
    clock.advance(seconds=30)
    return now(clock)


def enrol(city, actor, clock):
    codes = tuple(f"CODE-{n}" for n in range(8))
    command = EnrolSecondFactor(id=uuid4(), actor=actor, secret=SECRET, code=now(clock), recovery=codes)
    city.ledger.handle(command)
    return codes


def fill_in(browser, clock, **typed):
    """The enrolment's form as a browser would send it."""
    page = browser.get(ENROL).text
    secret = hidden(page, "secret")
    told = {"token": hidden(page, "token"), "secret": secret, "password_again": PASSWORD}
    return told | {"code": now(clock, totp.secret_of(secret))} | typed


# 启用


def test_the_page_shows_a_qr_code_and_the_secret_in_words(signed_in):
    page = signed_in("town_handler").get(ENROL).text

    words = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1]
    assert ("".join(words.split()), 'src="data:image/svg+xml' in page) == (hidden(page, "secret"), True)
    assert (Marks(page).headings, Marks(page).fields - Marks(page).labels, Marks(page).blocked) == (1, set(), [])


def test_enrolled_with_one_code_the_recovery_codes_are_shown_once(signed_in, clock, city):
    browser = signed_in("town_handler")
    form = fill_in(browser, clock)

    shown = browser.post(ENROL, page="/desk", **form)
    again = browser.post(ENROL, page="/desk", **form)

    codes = re.findall(r'<li class="mono">([A-Z2-7-]{19})</li>', shown.text)
    assert (shown.status_code, len(set(codes)), "日志第" in shown.text) == (200, 8, True)
    assert (again.status_code, again.location, codes[0] in again.text) == (303, "/account", False)
    assert city.topics().count("second_factor.enrolled") == 1
    page = browser.get("/account").text
    assert all(words in page for words in ("已启用", "还有 8 个恢复码", "恢复码已经显示过一次"))
    assert not any(code in page for code in codes)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"code": "000000"}, "验证码不正确"),
        ({"code": ""}, "请填写验证器上显示的六位数字"),
        ({"password_again": "wrong"}, "口令不正确"),
        ({"password_again": ""}, "请填写登录口令"),
    ],
    ids=["wrong code", "no code", "wrong password", "no password"],
)
def test_what_is_wrong_enrols_nothing_and_the_secret_stays(signed_in, clock, city, typed, words):
    browser = signed_in("town_handler")
    form = fill_in(browser, clock, **typed)

    answer = browser.post(ENROL, page="/desk", **form)

    assert (answer.status_code, words in answer.text, hidden(answer.text, "secret")) == (422, True, form["secret"])
    assert "second_factor.enrolled" not in city.topics()


def test_a_secret_that_was_tampered_with_is_refused(signed_in, clock, city):
    browser = signed_in("town_handler")

    answer = browser.post(ENROL, page="/desk", **fill_in(browser, clock, secret="AAAA"))

    assert (answer.status_code, "second_factor.enrolled" in city.topics()) == (422, False)


def test_the_commission_looks_after_its_own_accounts_too(signed_in, clock, city):
    browser = signed_in("discipline", "320581-discipline")

    assert browser.post(ENROL, page="/desk", **fill_in(browser, clock)).status_code == 200
    assert city.topics()[-1] == "second_factor.enrolled"


# 重要事项


@pytest.fixture
def problem(matters, services):
    problem = matters.verified_problem()
    services.projections.catch_up()
    return problem


@pytest.fixture
def closer(problem, signed_in, city, clock):
    """A third person, who gave the password just now and has a second factor."""
    codes = enrol(city, city.actor("town_closer"), clock)
    browser = signed_in("town_closer")
    browser.codes = codes
    return browser


def sign(browser, problem, **typed):
    looked_at = act(browser, problem, "close", note="资料齐全")
    carried = {name: hidden(looked_at.text, name) for name in ("close-token", "close-seen", "close-note")}
    return browser.post(f"/problems/{problem}/close", page="/desk", checked="1", **carried, **typed)


def closed(city):
    return "problem.closed" in city.topics()


def test_a_weighty_act_asks_for_the_code_and_for_five_minutes_not_again(closer, problem, city, clock, database):
    page = act(closer, problem, "close", note="资料齐全").text
    assert ("动态验证码" in page, "登录口令" in page) == (True, False)

    assert (sign(closer, problem, code_again=later(clock)).status_code, closed(city)) == (303, True)
    with database.cursor() as cursor:
        cursor.execute("SELECT code_at > now() - interval '1 minute' FROM web.session")
        assert cursor.fetchone() == (True,)


def test_without_the_code_nothing_is_signed(closer, problem, city):
    answer = sign(closer, problem)

    assert (answer.status_code, "请填写动态验证码" in answer.text, closed(city)) == (422, True, False)


def test_a_code_that_was_given_before_is_refused(closer, problem, city, clock):
    answer = sign(closer, problem, code_again=now(clock))  # the one that confirmed the enrolment

    assert (answer.status_code, "已用过" in answer.text, closed(city)) == (422, True, False)


@pytest.mark.parametrize(
    ("seconds", "done"), [(90, False), (30, True), (-90, False)], ids=["ahead", "a step", "behind"]
)
def test_the_telephones_clock_may_be_one_step_off(closer, problem, city, clock, seconds, done):
    clock.advance(seconds=120)
    typed = totp.code(SECRET, totp.step_at(clock.at) + seconds // 30)

    assert (sign(closer, problem, code_again=typed).status_code == 303, closed(city)) == (done, done)


def test_a_recovery_code_does_in_its_place_and_once(closer, problem, city):
    assert sign(closer, problem, code_again=closer.codes[0].lower()).status_code == 303

    assert (closed(city), "还有 7 个恢复码" in closer.get("/account").text) == (True, True)


@pytest.mark.parametrize("typed", [{"code_again": "000000"}, {"password_again": "wrong"}], ids=["codes", "passwords"])
def test_wrong_codes_make_the_next_try_wait_like_wrong_passwords(closer, problem, city, clock, database, typed):
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    for _ in range(3):
        sign(closer, problem, **({"code_again": later(clock), "password_again": PASSWORD} | typed))
    at_once(database)

    early = sign(closer, problem, code_again=later(clock), password_again=PASSWORD)
    with database.cursor() as cursor:
        cursor.execute("UPDATE sign_in.attempt SET last_at = last_at - interval '15 minutes'")
    late = sign(closer, problem, code_again=later(clock), password_again=PASSWORD)

    assert (early.status_code, "秒后再试" in early.text, late.status_code) == (422, True, 303)


def test_a_code_beside_a_wrong_password_is_not_spent(closer, problem, city, clock, database):
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    typed = later(clock)
    refused = sign(closer, problem, code_again=typed, password_again="wrong")

    assert (refused.status_code, "口令不正确" in refused.text) == (422, True)
    assert sign(closer, problem, code_again=typed, password_again=PASSWORD).status_code == 303


def test_whoever_has_none_goes_on_as_before(signed_in, problem, city):
    browser = signed_in("town_closer")

    assert (
        "动态验证码" in act(browser, problem, "close", note="资料齐全").text,
        sign(browser, problem).status_code,
    ) == (
        False,
        303,
    )


DEMAND = b'{"origin": "x", "mode": "training", "second_factor": "required"}'


def test_e13_where_the_instance_demands_it_nobody_does_anything_before_enrolling(signed_in, problem, services, clock):
    browser = signed_in("town_closer")
    page = browser.get(f"/problems/{problem}").text
    write_whole(services.home.instance, DEMAND)
    form = {f"close-{name}": hidden(page, f"close-{name}") for name in ("token", "seen")} | {"close-note": "资料齐全"}

    answer = browser.post(f"/problems/{problem}/close", page="/account", **form)

    assert (answer.status_code, "启用动态验证码后才能办理" in answer.text, "资料齐全" in answer.text) == (
        403,
        True,
        True,
    )
    assert "才能办理重要事项" in browser.get("/account").text
    assert [browser.get(page).location for page in ("/desk", f"/problems/{problem}")] == [ENROL, ENROL]
    browser.post(ENROL, page=ENROL, **fill_in(browser, clock))
    assert browser.get("/desk").status_code == 200


@pytest.fixture
def demanded(services, city, clock):
    """The instance demands a code at sign-in too, of an official who has a telephone; the account's name."""
    write_whole(services.home.instance, DEMAND)
    actor = city.actor("town_closer")
    enrol(city, actor, clock)
    return city.ledger.vault.people.credential_of(UUID(actor.id)).login


def test_e13_where_it_is_demanded_the_password_alone_opens_nothing(browser, demanded, database):
    answer = browser.sign_in(demanded)

    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    assert [browser.get(page).status_code for page in ("/desk", "/account", "/password")] == [303, 303, 303]
    assert browser.client.post("/act-as", data={"csrf_token": token_of(browser), "grant": "x@y"}).status_code == 403
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sign_in.record WHERE result = 'signed_in'")
        assert cursor.fetchone() == (0,)


def token_of(browser) -> str:
    return hidden(browser.get("/sign-in/code").text, "csrf_token")


def give(browser, typed: str):
    return browser.post("/sign-in/code", page="/sign-in/code", code=typed)


def test_e13_with_a_code_that_was_never_given_the_sign_in_is_one(browser, demanded, clock):
    browser.sign_in(demanded)

    wrong, used = give(browser, "000000"), give(browser, now(clock))
    right = give(browser, later(clock))

    assert (wrong.status_code, used.status_code, right.status_code, right.location) == (422, 422, 303, "/desk")
    assert browser.get("/desk").status_code == 200


def test_e13_wrong_codes_at_sign_in_make_the_next_try_wait(browser, demanded, clock, database):
    browser.sign_in(demanded)

    statuses = [give(browser, "000000").status_code for _ in range(3)]
    at_once(database)

    assert (statuses, give(browser, later(clock)).status_code) == ([422] * 3, 429)


def test_e13_the_right_password_again_forgives_no_wrong_code(browser, demanded, clock, database):
    for _ in range(3):
        browser.sign_in(demanded)
        give(browser, "000000")
    at_once(database)
    browser.sign_in(demanded)

    assert give(browser, later(clock)).status_code == 429


def test_e13_a_sign_in_that_waits_for_its_code_ends_after_ten_minutes(browser, demanded, database):
    browser.sign_in(demanded)
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET started_at = started_at - interval '11 minutes'")

    assert browser.get("/sign-in/code").location == "/sign-in"


def test_e13_a_new_second_factor_ends_every_other_session(signed_in, city, clock):
    here, elsewhere = signed_in("town_closer"), signed_in("town_closer")

    here.post(ENROL, page=ENROL, **fill_in(here, clock))

    assert (here.get("/desk").status_code, elsewhere.get("/desk").status_code) == (200, 303)


def test_e13_whose_factor_an_administrator_removes_is_signed_out(closer, city):
    official = UUID(city.actor("town_closer").id)
    command = {"actor": city.actor("role_admin", "320581"), "official": official, "reason": "手机遗失"}
    city.ledger.handle(RemoveSecondFactor(id=uuid4(), **command))

    assert closer.get("/desk").status_code == 303


def test_e13_sessions_are_listed_and_one_can_be_ended(signed_in, city):
    here, elsewhere, other = signed_in("town_closer"), signed_in("town_closer"), signed_in("city_desk", "320581")
    page = here.get("/account").text
    assert ("本次登录" in page, page.count("结束登录</button>")) == (True, 1)

    here.post("/account/sessions", page="/account", session=hidden(page, "session"))

    assert [one.get("/desk").status_code for one in (here, elsewhere, other)] == [200, 303, 200]


def test_e13_all_others_are_ended_at_once_and_nobody_elses(signed_in, database):
    here, first, second = (signed_in("town_closer") for _ in range(3))
    other = signed_in("city_desk", "320581")
    with database.cursor() as cursor:
        cursor.execute("SELECT encode(token, 'hex') FROM web.session JOIN vault.credential USING (official)")
        everybodys = [row[0] for row in cursor.fetchall()]
    for id in everybodys:
        other.post("/account/sessions", page="/account", session=id)  # none of them is theirs

    here.post("/account/sessions", page="/account", session="others")

    assert [one.get("/desk").status_code for one in (here, first, second, other)] == [200, 303, 303, 200]


@pytest.fixture
def at_oversight(city, dsn):
    """Somebody of the commission is signed in at the other door; how often, as the database has it."""
    actor, owner = city.actor("discipline", CITY), Database(dsn, role=None, size=1)
    Sessions(owner, schema="oversight").open(UUID(actor.id), actor.role, actor.unit, device="Firefox · Linux")

    def count() -> int:
        with owner.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM oversight.session")
            return cursor.fetchone()[0]

    yield count
    owner.close()


def test_e13_a_session_at_the_other_door_is_listed_and_ended_too(signed_in, at_oversight):
    here = signed_in("discipline", CITY)
    page = here.get("/account").text
    assert ("Firefox · Linux" in page, "监督端" in page, at_oversight()) == (True, True, 1)

    here.post("/account/sessions", page="/account", session="others")

    assert at_oversight() == 0


def test_e13_a_new_second_factor_ends_the_sessions_at_the_other_door(city, clock, at_oversight):
    enrol(city, city.actor("discipline", CITY), clock)

    assert at_oversight() == 0


def test_e13_the_owner_and_an_administrator_see_who_tried(app, signed_in, city, login_of):
    closer = city.actor("town_closer")
    stranger = type(signed_in("city_desk", "320581"))(app.test_client())
    stranger.sign_in(login_of(closer), "wrong password")

    own = signed_in("town_closer").get("/account").text
    seen = signed_in("role_admin", "320581").get(f"/people/{closer.id}").text

    for page in (own, seen):
        assert ("登录成功" in page, "口令不正确" in page, "127.0.0.1" in page) == (True, True, False)


def test_a_new_password_needs_the_code_too(closer, city, clock):
    word = "battery horse correct"
    page = closer.get("/password").text
    typed = {"token": hidden(page, "token"), "old": PASSWORD, "new": word, "again": word}

    refused = closer.post("/password", page="/desk", code_again="000000", **typed)
    done = closer.post("/password", page="/desk", code_again=later(clock), **typed)

    assert (refused.status_code, "动态验证码不正确" in refused.text, done.location) == (422, True, "/sign-in")


# 停用


def test_its_owner_removes_it_with_a_code(closer, city, clock):
    token = hidden(closer.get("/account/second-factor/remove").text, "token")
    told = {"token": token, "reason": "更换手机"}

    asked = closer.post("/account/second-factor/remove", page="/desk", **told)
    assert ("核对：停用动态验证码" in asked.text, "second_factor.removed" in city.topics()) == (True, False)
    done = closer.post("/account/second-factor/remove", page="/desk", checked="1", code_again=later(clock), **told)

    assert (done.status_code, city.topics()[-1]) == (303, "second_factor.removed")
    assert "未启用" in closer.get("/account").text


def test_an_administrator_of_roles_removes_it_where_telephone_and_codes_are_lost(closer, signed_in, city):
    official = city.actor("town_closer").id
    keeper = signed_in("role_admin", CITY)

    assert do_to(keeper, official, "remove_factor", reason="手机遗失").status_code == 303

    assert city.topics()[-1] == "second_factor.removed"
    closer.sign_in(city.ledger.vault.people.credential_of(UUID(official)).login)
    page = closer.get("/desk").text
    assert all(words in page for words in ("动态验证码已停用", "测试role_admin1", "手机遗失"))


def test_an_administrator_of_keys_is_not_offered_it(closer, signed_in, city):
    page = signed_in("key_admin", CITY).get(f"/people/{city.actor('town_closer').id}").text

    assert "停用动态验证码" not in page


# 账户与变动


def test_the_account_shows_roles_substitutes_and_the_key(signed_in, city):
    me, browser = city.actor("town_handler"), signed_in("town_handler")
    stand_in = city.actor("town_verifier", OTHER_TOWN)
    keeper = signed_in("role_admin", CITY)
    do_to(keeper, stand_in.id, "substitute", of=f"{me.id}@town_handler@{TOWN}", until="2026-03-04", reason="年休假")

    page = browser.get("/account").text

    assert all(words in page for words in ("琴川 · 镇（街道）经办", "测试town_verifier1", "至 2026-03-04", "条起有效"))
    assert (Marks(page).headings, Marks(page).blocked) == (1, [])


def test_what_somebody_else_changed_is_told_on_every_page_until_it_is_known(signed_in, city, services):
    browser, me = signed_in("town_handler"), city.actor("town_handler")
    assert "您的账户有变动" not in browser.get("/desk").text
    told = {"official": UUID(me.id), "role": "town_verifier", "unit": TOWN}
    receipt = city.ledger.handle(GrantRole(id=uuid4(), actor=city.actor("role_admin", CITY), **told))
    services.projections.catch_up()

    page = browser.get("/tips").text
    assert all(
        words in page for words in ("您的账户有变动", "测试role_admin1", f"第 {receipt.position} 条", "角色已授予")
    )
    assert browser.get(f"/receipts/{receipt.position}").status_code == 200
    city.ledger.handle(RevokeKey(id=uuid4(), actor=city.actor("key_admin", CITY), official=UUID(me.id), reason="失窃"))
    browser.post("/account/noted", page="/desk", position=str(receipt.position))

    page = browser.get("/desk").text
    assert ("角色已授予" in page, "签名密钥已吊销" in page) == (False, True)  # what was not shown yet is not known
    browser.post("/account/noted", page="/desk", position="999999999")
    assert "您的账户有变动" not in browser.get("/desk").text


def test_knowing_ahead_is_not_possible(signed_in, city):
    browser, me = signed_in("town_handler"), city.actor("town_handler")
    browser.post("/account/noted", page="/desk", position="999999999")
    told = {"official": UUID(me.id), "role": "town_verifier", "unit": TOWN}
    city.ledger.handle(GrantRole(id=uuid4(), actor=city.actor("role_admin", CITY), **told))

    assert "您的账户有变动" in browser.get("/desk").text


def test_what_one_does_oneself_is_no_news(signed_in, city, clock):
    browser = signed_in("town_closer")
    enrol(city, city.actor("town_closer"), clock)
    remove = {"official": UUID(city.actor("town_closer").id), "reason": "更换手机"}
    city.ledger.handle(RemoveSecondFactor(id=uuid4(), actor=city.actor("town_closer"), **remove))

    assert "您的账户有变动" not in browser.get("/desk").text


def test_news_of_one_account_are_shown_to_nobody_else(signed_in, city):
    browser = signed_in("town_closer")
    told = {"official": UUID(city.actor("town_handler").id), "role": "town_verifier", "unit": TOWN}
    receipt = city.ledger.handle(GrantRole(id=uuid4(), actor=city.actor("role_admin", CITY), **told))

    assert "您的账户有变动" not in browser.get("/desk").text
    other = signed_in("town_handler", OTHER_TOWN)
    assert other.get(f"/receipts/{receipt.position}").status_code == 404


def test_nobody_but_its_owner_sees_an_account(browser):
    assert browser.get("/account").location == "/sign-in?next=/account"


# 更换恢复码

RENEW = "/account/second-factor/recovery"


def test_recovery_codes_are_renewed_with_a_code_and_shown_once(closer, city, clock):
    page = closer.get(RENEW).text
    token = hidden(page, "token")
    assert (Marks(page).headings, Marks(page).blocked, RENEW in closer.get("/account").text) == (1, [], True)

    refused = closer.post(RENEW, page="/desk", token=token, checked="1", code_again="000000")
    assert (refused.status_code, "second_factor.recovery_renewed" in city.topics()) == (422, False)
    given = later(clock)
    shown = closer.post(RENEW, page="/desk", token=token, checked="1", code_again=given)
    again = closer.post(RENEW, page="/desk", token=token, checked="1")

    codes = re.findall(r'<li class="mono">([^<]+)</li>', shown.text)
    assert (shown.status_code, len(set(codes)), again.status_code, codes[0] in again.text) == (200, 8, 303, False)
    account = closer.get("/account").text
    assert all(words in account for words in ("已启用", "还有 8 个恢复码", "恢复码已更换", "已经显示过一次"))
    known = city.ledger.vault.second_factors.knows
    me = UUID(city.actor("town_closer").id)
    assert [known(me, one, clock.at) for one in (closer.codes[0], codes[0])] == [False, True]


def test_whoever_has_no_second_factor_is_told_so(signed_in, city):
    browser = signed_in("town_handler")
    answer = browser.post(RENEW, page="/desk", token=str(uuid4()), checked="1", password_again=PASSWORD)

    assert (answer.status_code, "没有恢复码可换" in answer.text) == (422, True)
