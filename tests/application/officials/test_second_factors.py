"""The second factor: codes as RFC 6238 makes them, each taken once, within a step of the clock; recovery codes; removal."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from application.officials.officials import RetireOfficial
from application.officials.second_factors import EnrolSecondFactor, RemoveSecondFactor, RenewRecoveryCodes
from application.vault import totp
from domain.errors import NotAllowed, RuleBroken
from domain.officials.official import Official
from tests.cities import CITY

RFC = b"12345678901234567890"  # the secret of RFC 6238, appendix B, for SHA-1
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_codes_are_those_of_rfc_6238(seconds, code):
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))

    assert (totp.code(RFC, step, digits=8), totp.code(RFC, step)) == (code, code[2:])


@pytest.mark.parametrize(("seconds", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_clocks_may_be_one_step_apart(seconds, right):
    now = datetime.fromtimestamp(1111111111, UTC)
    typed = totp.code(RFC, totp.step_at(now + timedelta(seconds=seconds)))

    assert (totp.matching(RFC, typed, now) is not None) == right


@pytest.mark.parametrize("typed", ["", "5047", "0504711", "abcdef", "０５０４７２", "\ud800"])
def test_what_is_no_code_matches_nothing(typed):
    assert totp.matching(RFC, typed, datetime.fromtimestamp(1111111111, UTC)) is None


def test_full_width_digits_of_an_input_method_are_digits():
    assert totp.matching(RFC, "０５０ ４７１", datetime.fromtimestamp(1111111111, UTC)) is not None


def test_an_app_is_told_all_it_needs():
    secret = totp.new_secret()

    told = urlsplit(totp.address(secret, issuer="city.example/campaign", account="li & wang"))

    assert (told.scheme, told.netloc, told.path) == ("otpauth", "totp", "/city.example%2Fcampaign%3Ali%20%26%20wang")
    assert parse_qs(told.query) == {
        "secret": [secret], "issuer": ["city.example/campaign"], "algorithm": ["SHA1"], "digits": ["6"], "period": ["30"],
    }  # fmt: skip


@pytest.mark.parametrize("typed", ["", "AAAA", "no secret at all", "1" * 32])
def test_what_is_no_secret_is_none(typed):
    assert totp.secret_of(typed) is None
    assert totp.secret_of(b32encode(RFC).decode()) == RFC


@pytest.fixture
def handler(city):
    return city.actor("town_handler")


@pytest.fixture
def factors(city):
    return city.ledger.vault.second_factors


def code(clock, **by):
    return totp.code(RFC, totp.step_at(clock.at + timedelta(**by)))


def enrol(city, actor, clock, **members):
    id = uuid4()
    told = {"secret": RFC, "code": code(clock), "recovery": city.ledger.vault.second_factors.recovery_codes(id, RFC)}
    command = EnrolSecondFactor(id=id, actor=actor, **told | members)
    return city.ledger.handle(command), command


def test_enrolled_it_is_in_the_log_without_its_secret(city, handler, clock, database):
    receipt, command = enrol(city, handler, clock)

    [event] = city.ledger.read(after=receipt.position - 1, limit=1)
    assert (event.topic, event.stream, event.actor) == ("second_factor.enrolled", handler.id, handler.id)
    assert event.data == {"official": handler.id, "kind": "totp"}
    with database.cursor() as cursor:
        cursor.execute("SELECT sealed::text || recovery::text FROM vault.second_factor")
        [kept] = cursor.fetchone()
    assert RFC.hex() not in kept
    assert RFC.decode() not in repr(command)
    assert city.ledger.fetch(Official, UUID(handler.id)).second_factor


def test_a_code_is_taken_once(city, handler, clock, factors):
    enrol(city, handler, clock)
    official, now = UUID(handler.id), clock.at

    assert not factors.knows(official, code(clock), now)  # it confirmed the enrolment
    clock.advance(seconds=30)
    fresh = code(clock)
    taken = [factors.knows(official, fresh, clock.at), factors.spend(official, f"{fresh[:3]} {fresh[3:]}", clock.at)]

    assert taken == [True, True]
    assert [factors.knows(official, fresh, clock.at), factors.spend(official, fresh, clock.at)] == [False, False]
    assert not factors.spend(official, code(clock, seconds=-30), clock.at)  # an older one neither


def test_a_recovery_code_is_taken_once_and_there_are_eight(city, handler, clock, factors):
    _, command = enrol(city, handler, clock)
    official, codes = UUID(handler.id), command.recovery

    taken = [factors.spend(official, typed, clock.at) for typed in (codes[0], codes[0].lower().replace("-", " "))]

    assert (len(set(codes)), taken, factors.recovery_left(official)) == (8, [True, False], 7)
    assert not factors.knows(UUID(city.desk.id), codes[1], clock.at)


def test_a_wrong_code_enrols_nothing(city, handler, clock):
    with pytest.raises(RuleBroken, match="验证码不正确"):
        enrol(city, handler, clock, code=code(clock, seconds=-90))

    assert "second_factor.enrolled" not in city.topics()


def test_it_is_enrolled_once_at_a_time(city, handler, clock):
    enrol(city, handler, clock)
    clock.advance(seconds=30)

    with pytest.raises(RuleBroken, match="已启用"):
        enrol(city, handler, clock)


def test_nobody_enrols_after_leaving(city, handler, clock):
    retire = {"official": UUID(handler.id), "reason": "退休"}
    city.ledger.handle(RetireOfficial(id=uuid4(), actor=city.administrator, **retire))

    with pytest.raises(RuleBroken, match="已停用"):
        enrol(city, handler, clock)


def remove(city, actor, official, reason="手机遗失"):
    told = {"official": UUID(official.id), "reason": reason}
    return city.ledger.handle(RemoveSecondFactor(id=uuid4(), actor=actor, **told))


@pytest.mark.parametrize("who", ["owner", "role_admin"])
def test_its_owner_or_an_administrator_of_roles_removes_it_and_the_secret_is_gone(city, handler, clock, factors, who):
    enrol(city, handler, clock)

    receipt = remove(city, handler if who == "owner" else city.actor("role_admin", CITY), handler)

    [event] = city.ledger.read(after=receipt.position - 1, limit=1)
    assert (event.stream, event.data) == (handler.id, {"official": handler.id, "reason": "手机遗失"})
    clock.advance(seconds=30)
    assert not factors.knows(UUID(handler.id), code(clock), clock.at)
    enrol(city, handler, clock)  # on another telephone


@pytest.mark.parametrize("role", ["town_closer", "key_admin"])
def test_nobody_else_removes_it(city, handler, clock, role):
    enrol(city, handler, clock)

    with pytest.raises(NotAllowed, match="本人或角色管理员"):
        remove(city, city.actor(role, CITY if role == "key_admin" else "320581003"), handler)


@pytest.mark.parametrize(("reason", "words"), [("", "请填写理由"), ("13812345678", "不得出现手机号码")])
def test_a_removal_says_why(city, handler, clock, reason, words):
    enrol(city, handler, clock)

    with pytest.raises(RuleBroken, match=words):
        remove(city, handler, handler, reason)


def test_what_is_not_there_is_not_removed(city, handler):
    with pytest.raises(RuleBroken, match="没有启用"):
        remove(city, handler, handler)


def test_recovery_codes_are_renewed_and_the_earlier_ones_are_worth_nothing(city, handler, clock, factors):
    _, enrolled = enrol(city, handler, clock)
    official, codes = UUID(handler.id), ("NEW-1", "NEW-2")

    receipt = city.ledger.handle(RenewRecoveryCodes(id=uuid4(), actor=handler, recovery=codes))

    [event] = city.ledger.read(after=receipt.position - 1, limit=1)
    assert (event.topic, event.data) == ("second_factor.recovery_renewed", {"official": handler.id})
    known = [factors.knows(official, one, clock.at) for one in (enrolled.recovery[0], *codes)]
    assert (known, factors.recovery_left(official)) == ([False, True, True], 2)
    clock.advance(seconds=30)
    assert factors.knows(official, code(clock), clock.at)  # the telephone's secret stays


def test_without_a_second_factor_there_are_none_to_renew(city, handler):
    with pytest.raises(RuleBroken, match="没有恢复码可换"):
        city.ledger.handle(RenewRecoveryCodes(id=uuid4(), actor=handler, recovery=("NEW-1",)))
