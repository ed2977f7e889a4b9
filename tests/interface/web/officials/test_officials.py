"""人员与权限: administrators see who may do what, grant, substitute and withdraw; whoever is not one sees none of it."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.core.permissions import held
from domain.officials.official import Official
from tests.cities import OTHER_TOWN, TOWN
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.test_frame import Marks
from tests.interface.web.tips.test_tips import CITY, hidden


@pytest.fixture
def keeper(signed_in):
    return signed_in("role_admin", CITY)


@pytest.fixture
def handler(city):
    return city.actor("town_handler")


def do(browser, official, name, *, own=None, **typed):
    """One act of an account's page, with its 核对 and the password."""
    page = f"/people/{official}"
    own = own or form(browser, official, name)
    sent = {"checked": "1", "password_again": PASSWORD, **own, **{f"{name}-{k}": v for k, v in typed.items()}}
    return browser.post(f"{page}/{name}", page="/desk", **sent)


def form(browser, official, name):
    page = browser.get(f"/people/{official}").text
    return {f"{name}-{field}": hidden(page, f"{name}-{field}") for field in ("token", "seen")}


def roles(city, actor):
    return held(city.ledger.authority(), actor.id, city.ledger.today)


def version(city, actor):
    return str(city.ledger.fetch(Official, UUID(actor.id)).version)


def test_the_list_says_who_may_do_what_since_when(keeper, city, handler):
    page = keeper.get("/people").text

    authority = city.ledger.authority()
    position = authority.keys[authority.keys_in_force[handler.id]].from_index + 1
    assert all(words in page for words in ("测试town_handler1", "琴川 · 镇（街道）经办", f"第 {position} 条"))
    assert "测试town_handler1" not in keeper.get(f"/people?unit={OTHER_TOWN}").text
    assert "测试town_handler1" in keeper.get("/people?text=handler&state=active").text
    assert "测试town_handler1" in keeper.get(f"/people?text=town_handler-{TOWN}").text  # its account
    assert "没有符合条件的人员" in keeper.get("/people?state=retired").text


def test_the_list_tells_the_last_sign_in(keeper, city):
    row = keeper.get("/people").text.rpartition("测试role_admin1</a>")[2].partition("</tr>")[0]

    assert 'data-label="最近登录" class="num">20' in row


@pytest.mark.parametrize("role", ["town_handler", "city_decider", "discipline", "auditor"])
def test_nobody_else_sees_these_pages(signed_in, handler, role):
    browser = signed_in(role, {"town_handler": OTHER_TOWN, "discipline": "320581-discipline"}.get(role, CITY), 2)

    answers = [browser.get(address) for address in ("/people", f"/people/{handler.id}")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not any("测试town_handler1" in answer.text or 'href="/people"' in answer.text for answer in answers)


def test_whoever_is_not_signed_in_is_asked_to(browser, handler):
    assert browser.get(f"/people/{handler.id}").location == f"/sign-in?next=/people/{handler.id}"


def test_a_role_is_granted_after_it_was_looked_at_and_gives_a_receipt(keeper, city, handler, database):
    with database.cursor() as cursor:
        cursor.execute("UPDATE web.session SET password_at = now() - interval '6 minutes'")
    own = form(keeper, handler.id, "grant")
    typed = {"grant-role": "town_verifier", "grant-unit": TOWN}

    asked = keeper.post(f"/people/{handler.id}/grant", page="/desk", **own, **typed)
    assert all(words in asked.text for words in ("核对：授予角色", "测试town_handler1", "登录口令", "镇（街道）核查"))
    assert roles(city, handler) == {("town_handler", TOWN)}
    done = do(keeper, handler.id, "grant", own=own, role="town_verifier", unit=TOWN)

    assert (done.status_code, roles(city, handler)) == (303, {("town_handler", TOWN), ("town_verifier", TOWN)})
    page = keeper.get(f"/people/{handler.id}").text
    receipt = page.partition("查看回执")[0].rpartition('href="')[2].partition('"')[0]
    assert "角色已授予" in keeper.get(receipt).text


@pytest.mark.parametrize(
    ("role", "name", "typed", "states"),
    [
        ("role_admin", "retire", {"reason": "退休"}, "在用 → <strong>已停用</strong>"),
        (
            "role_admin",
            "withdraw",
            {"which": f"town_handler@{TOWN}", "reason": "调离"},
            "在用 → <strong>没有角色</strong>",
        ),
        ("role_admin", "grant", {"role": "town_verifier", "unit": TOWN}, "在用（不变）"),
        ("key_admin", "revoke_key", {"reason": "遗失"}, "在用 → <strong>没有密钥</strong>"),
        ("key_admin", "rotate_key", {}, "在用（不变）"),
    ],
)
def test_what_will_be_signed_says_the_state_before_and_the_state_after(signed_in, handler, role, name, typed, states):
    browser = signed_in(role, CITY)
    own = form(browser, handler.id, name) | {f"{name}-{field}": words for field, words in typed.items()}

    assert states in browser.post(f"/people/{handler.id}/{name}", page="/desk", **own).text


def test_a_form_sent_twice_is_one_act(keeper, city, handler):
    own = form(keeper, handler.id, "grant")
    first = do(keeper, handler.id, "grant", own=own, role="town_verifier", unit=TOWN)
    granted = city.topics().count("role.granted")

    second = do(keeper, handler.id, "grant", own=own, role="town_verifier", unit=TOWN)

    assert (second.status_code, second.location, city.topics().count("role.granted")) == (303, first.location, granted)


def test_a_stale_page_is_told_and_shows_what_is_new(keeper, city, handler):
    stale = form(keeper, handler.id, "grant")
    do(keeper, handler.id, "grant", role="town_verifier", unit=TOWN)

    answer = do(keeper, handler.id, "grant", own=stale, role="town_closer", unit=TOWN)

    assert (answer.status_code, "此事项已有更新" in answer.text, "镇（街道）核查" in answer.text) == (409, True, True)
    assert ("town_closer", TOWN) not in roles(city, handler)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"role": "town_verifier", "unit": "999999"}, "单位不在可选范围内"),
        ({"role": "administrator", "unit": CITY}, "角色不在可选范围内"),
        ({"role": "town_verifier", "unit": CITY}, "镇（街道）的角色只能授予镇（街道）"),
        ({"role": "city_desk", "unit": TOWN}, "市专班的角色只能授予市专班"),
        ({"role": "town_handler", "unit": TOWN}, "此人已有这个角色"),
        ({"role": "", "unit": ""}, "请选择角色"),
    ],
    ids=["no such unit", "administrator", "town role", "city role", "held", "empty"],
)
def test_a_role_that_cannot_be_granted_is_refused_on_the_form(keeper, city, handler, typed, words):
    answer = do(keeper, handler.id, "grant", **typed)

    assert (answer.status_code, words in answer.text) == (422, True)
    assert roles(city, handler) == {("town_handler", TOWN)}


@pytest.mark.parametrize(("has", "wanted"), [("key_admin", "role_admin"), ("role_admin", "key_admin")])
def test_the_administrators_of_roles_and_of_keys_are_never_one_person(keeper, city, has, wanted):
    other = city.actor(has, CITY, 2)

    answer = do(keeper, other.id, "grant", role=wanted, unit=CITY)

    assert (answer.status_code, "角色管理和密钥管理不得由同一人担任" in answer.text) == (422, True)
    assert (wanted, CITY) not in roles(city, other)


def test_nobody_grants_a_role_to_themselves(keeper, city):
    me = city.actor("role_admin", CITY)

    answer = do(keeper, me.id, "grant", role="city_decider", unit=CITY)

    assert (answer.status_code, "不能给本人授予角色" in answer.text) == (422, True)


def test_a_substitute_acts_for_somebody_until_a_day(keeper, city, handler, matters, signed_in):
    stand_in = city.actor("town_verifier", OTHER_TOWN)
    told = {"of": f"{handler.id}@town_handler@{TOWN}", "until": "2026-03-04", "reason": "年休假"}

    done = do(keeper, stand_in.id, "substitute", **told)

    assert (done.status_code, roles(city, stand_in)) == (
        303,
        {("town_verifier", OTHER_TOWN), ("town_handler", TOWN)},
    )
    [event] = [e for e in city.ledger.read(after=0, limit=1_000) if "until" in e.data]
    assert (event.data["substitute_for"], event.data["until"], event.data["reason"]) == (
        handler.id, "2026-03-04", "年休假",
    )  # fmt: skip
    page = keeper.get(f"/people/{stand_in.id}").text
    assert all(words in page for words in ("代理 测试town_handler1，至 2026-03-04", "年休假"))
    assert "代理人" in keeper.get(f"/people/{handler.id}").text
    assert "代理至 2026-03-04" in keeper.get("/people").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"until": "2026-03-01"}, "代理截止日期不能早于今天"),
        ({"until": "2026-02-30"}, "不是有效日期"),
        ({"until": ""}, "请填写代理至"),
        ({"reason": ""}, "请填写代理理由"),
        ({"reason": "电话 13812345678"}, "不得出现手机号码"),
        ({"of": "nobody@town_handler@320581003"}, "不在可选范围内"),
    ],
    ids=["past", "no such day", "no day", "no reason", "phone", "nobody"],
)
def test_a_substitute_that_cannot_be_is_refused_and_what_was_typed_is_kept(keeper, city, handler, typed, words):
    stand_in = city.actor("town_verifier", OTHER_TOWN)
    told = {"of": f"{handler.id}@town_handler@{TOWN}", "until": "2026-03-04", "reason": "年休假"} | typed

    answer = do(keeper, stand_in.id, "substitute", **told)

    assert (answer.status_code, words in answer.text) == (422, True)
    assert told["reason"] in answer.text
    assert roles(city, stand_in) == {("town_verifier", OTHER_TOWN)}


def test_nobody_is_offered_their_own_role_as_a_substitute(keeper, handler):
    page = keeper.get(f"/people/{handler.id}").text

    assert f'value="{handler.id}@town_handler' not in page


def test_a_role_is_withdrawn_with_its_reason(keeper, city, handler):
    refused = do(keeper, handler.id, "withdraw", which=f"town_handler@{TOWN}", reason="")
    done = do(keeper, handler.id, "withdraw", which=f"town_handler@{TOWN}", reason="调离")

    assert (refused.status_code, done.status_code, roles(city, handler)) == (422, 303, set())
    assert ("没有角色" in keeper.get("/people").text, "调离" in keeper.get(f"/people/{handler.id}").text) == (
        True,
        True,
    )


def test_a_retired_account_is_offered_nothing_and_is_signed_out(keeper, city, handler, signed_in):
    theirs = signed_in("town_handler")

    assert do(keeper, handler.id, "retire", reason="退休").status_code == 303

    page = keeper.get(f"/people/{handler.id}").text
    assert ("已停用" in page, "grant-token" in page, theirs.get("/desk").status_code) == (True, False, 303)
    assert do(keeper, handler.id, "grant", own={"grant-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11",
        "grant-seen": version(city, handler)}, role="town_closer", unit=TOWN).status_code == 422  # fmt: skip


def test_the_keeper_of_keys_grants_no_role(signed_in, city, handler):
    browser = signed_in("key_admin", CITY)

    answer = do(browser, handler.id, "grant", own={"grant-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11",
        "grant-seen": "3"}, role="town_closer", unit=TOWN)  # fmt: skip

    assert ("grant-token" in browser.get(f"/people/{handler.id}").text, answer.status_code) == (False, 403)
    assert roles(city, handler) == {("town_handler", TOWN)}


@pytest.mark.parametrize("role", ["role_admin", "key_admin"])
def test_an_administrators_menu_has_no_list_that_is_always_empty(signed_in, role):
    page = signed_in(role, CITY).get("/desk").text

    lists = ("/tips", "/problems", "/deductions", "/figures", "/estates", "/disclosures", "/leads")
    assert [one for one in lists if f'href="{one}' in page] == []
    assert 'href="/people"' in page


def test_the_founder_sees_people_too(browser, city, login_of, database):
    login = login_of(city.administrator)
    with database.cursor() as cursor:
        cursor.execute("UPDATE vault.credential SET one_time = false")
    browser.sign_in(login)

    assert "授予角色" in browser.get(f"/people/{city.actor('town_handler').id}").text


def test_an_account_that_is_none_is_not_found(keeper):
    assert keeper.get("/people/0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11").status_code == 404


def test_the_pages_keep_the_house_rules(keeper, handler):
    for address in ("/people", "/people/keys", f"/people/{handler.id}"):
        marks = Marks(keeper.get(address).text)
        assert (marks.headings, marks.fields - marks.labels, marks.blocked) == (1, set(), [])


# 密钥


@pytest.fixture
def key_keeper(signed_in):
    return signed_in("key_admin", CITY)


def row_of(page, name):
    return page.rpartition(f">{name}</a>")[2].partition("</tr>")[0]


def test_keys_are_listed_by_the_entries_that_they_may_sign(key_keeper, city, handler):
    revoked = do(key_keeper, handler.id, "revoke_key", reason="手机失窃")
    [position] = [e.position for e in city.ledger.read(after=0, limit=1000) if e.topic == "key.revoked"]
    first = next(key.from_index for key in city.ledger.authority().keys.values() if key.owner == handler.id) + 1

    now = key_keeper.get("/people/keys").text
    before = key_keeper.get(f"/people/keys?at={position - 1}").text

    assert (revoked.status_code, city.topics()[-1]) == (303, "key.revoked")
    assert (f"第 {first} 条至第 {position} 条" in row_of(now, "测试town_handler1"), "已吊销" in now) == (True, True)
    assert (f"自第 {first} 条起" in row_of(before, "测试town_handler1"), "已吊销" in before) == (True, False)
    assert "没有密钥" in key_keeper.get(f"/people/{handler.id}").text


@pytest.mark.parametrize("at", ["x", "-1", "١٢", "十二"])
def test_what_is_no_position_is_refused_with_a_sentence(key_keeper, at):
    answer = key_keeper.get("/people/keys", query_string={"at": at})

    assert (answer.status_code, "请填写日志条目的序号" in answer.text) == (422, True)


def test_c5_a_position_is_taken_in_full_width_as_phones_write_it(key_keeper):
    assert key_keeper.get("/people/keys", query_string={"at": "１２"}).status_code == 200


def test_the_keeper_of_roles_revokes_no_key(keeper, city, handler):
    own = {"revoke_key-token": "0b7b8f0e-4f6e-4d0c-9d3a-3f6b8d1f7a11", "revoke_key-seen": "3"}

    answer = do(keeper, handler.id, "revoke_key", own=own, reason="手机失窃")

    assert ("revoke_key-token" in keeper.get(f"/people/{handler.id}").text, answer.status_code) == (False, 403)
    assert "key.revoked" not in city.topics()


def test_a_revocation_says_why(key_keeper, city, handler):
    answer = do(key_keeper, handler.id, "revoke_key", reason=" ")

    assert (answer.status_code, "请填写吊销理由" in answer.text, "key.revoked" in city.topics()) == (422, True, False)


def test_administrators_open_the_receipts_of_each_other(key_keeper, city, handler, services):
    services.projections.catch_up()
    [granted] = [e.position for e in city.ledger.read(after=0, limit=1000) if e.stream == handler.id][-1:]

    assert key_keeper.get(f"/receipts/{granted}").status_code == 200


def test_the_desk_counts_who_has_no_key_or_no_role_and_opens_those(key_keeper, city, handler):
    do(key_keeper, handler.id, "revoke_key", reason="手机失窃")

    desk = key_keeper.get("/desk").text

    assert 'href="/people?state=no_key"' in desk
    count = desk.partition('href="/people?state=no_key"')[2].partition("<b>")[2].partition("</b>")[0]
    assert (count, "测试town_handler1" in key_keeper.get("/people?state=no_key").text) == ("1", True)


# 导出


def test_people_and_keys_go_out_as_files_with_the_pages_filter_and_each_is_recorded(keeper, handler, database):
    people = keeper.get(f"/people/officials.csv?unit={TOWN}").text
    keys = keeper.get("/people/keys.csv").text
    sheet = keeper.get("/people/officials.xlsx")

    assert ("测试town_handler1" in people, "测试role_admin1" in people, "琴川 · 镇（街道）经办" in people) == (
        True,
        False,
        True,
    )
    assert ("测试role_admin1" in keys, "本系统" in keys, sheet.status_code) == (True, True, 200)
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.access WHERE what LIKE 'export/official_listings.%'")
        assert cursor.fetchone() == (3,)


@pytest.mark.parametrize("address", ["/people/officials.csv", "/people/keys.csv"])
def test_nobody_else_takes_them_away(signed_in, address):
    assert signed_in("town_handler").get(address).status_code == 403
