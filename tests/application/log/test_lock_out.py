"""Nobody locks the city out: somebody who grants roles and somebody who gives keys always remains, with a key that signs."""

from __future__ import annotations

from threading import Barrier, Thread
from uuid import UUID

import pytest

from application.campaign.genesis import adopt_in_training, adoption
from application.core.permissions import held
from application.officials.keys import EnrolKey, ResetPassword
from application.officials.officials import GrantRole, GrantSubstitute, RetireOfficial, RevokeKey, WithdrawRole
from domain import roles, rules
from domain.errors import NotAllowed, RuleBroken
from tests.application.core.test_ledger import verified
from tests.cities import CITY, STARTING


@pytest.fixture
def keeper(city):
    return city.actor("role_admin", CITY)


@pytest.fixture
def key_keeper(city):
    return city.actor("key_admin", CITY)


def retire(matters, actor, of):
    return matters.do(RetireOfficial, actor, official=UUID(of.id), reason="退休")


def withdraw(matters, actor, of, role):
    return matters.do(WithdrawRole, actor, official=UUID(of.id), role=role, unit=CITY, reason="调离")


def revoke(matters, actor, of):
    return matters.do(RevokeKey, actor, official=UUID(of.id), reason="遗失")


@pytest.mark.parametrize("role", ["role_admin", "key_admin"])
@pytest.mark.parametrize("act", ["retire", "withdraw", "revoke"])
def test_the_last_one_stays_until_there_is_another(city, matters, keeper, key_keeper, role, act):
    last, words = {"role_admin": keeper, "key_admin": key_keeper}[role], roles.ROLES[role]
    acts = {
        "retire": lambda: retire(matters, keeper, last),
        "withdraw": lambda: withdraw(matters, keeper, last, role),
        "revoke": lambda: revoke(matters, key_keeper, last),
    }
    before = len(city.topics())

    with pytest.raises(RuleBroken, match=f"没有持有密钥的{words}人员；请先把这个角色授予另一人"):
        acts[act]()
    assert len(city.topics()) == before

    city.actor(role, CITY, 2)
    acts[act]()
    assert verified(city.ledger) == len(city.topics())


def test_whoever_has_no_key_or_only_stands_in_does_not_count(city, matters, keeper, key_keeper):
    keyless, stand_in = city.actor("role_admin", CITY, 2), city.actor("city_desk", CITY)
    revoke(matters, key_keeper, keyless)
    term = {"substitute_for": UUID(keeper.id), "role": "role_admin", "unit": CITY, "until": matters.in_days(5)}
    matters.do(GrantSubstitute, city.administrator, official=UUID(stand_in.id), **term)

    with pytest.raises(RuleBroken, match="角色管理人员"):
        retire(matters, keeper, keeper)


def test_another_role_of_the_last_one_is_withdrawn_as_ever(city, matters, keeper):
    city.ledger.handle(
        GrantRole(id=UUID(int=1), actor=city.administrator, official=UUID(keeper.id), role="auditor", unit=CITY)
    )
    withdraw(matters, city.administrator, keeper, "auditor")
    assert held(city.ledger.authority(), keeper.id, city.ledger.today) == {("role_admin", CITY)}


def test_the_last_ones_password_is_reset(city, matters, keeper, key_keeper):
    reset = {"official": UUID(keeper.id), "password": STARTING, "reason": "遗忘"}
    matters.do(ResetPassword, key_keeper, **reset)
    assert city.topics()[-3:] == ["credential.reset", "key.revoked", "key.enrolled"]


@pytest.mark.parametrize(("office", "act", "topic"), [
    ("role_admin", retire, "official.retired"),
    ("key_admin", revoke, "key.revoked"),
])  # fmt: skip
def test_two_who_go_at_once_do_not_both_go(city, matters, keeper, key_keeper, office, act, topic):
    """Each is refused for the other by the log itself, whatever both saw before."""
    both, refused = (city.actor(office, CITY), city.actor(office, CITY, 2)), []
    started = Barrier(len(both))

    def go(actor):
        started.wait()
        try:
            act(matters, actor, actor)
        except RuleBroken as refusal:
            refused.append(str(refusal))

    threads = [Thread(target=go, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(refused), city.topics().count(topic)) == (1, 1)
    assert verified(city.ledger) == len(city.topics())


# The founder's role


def founding(city):
    return {(role, unit) for role, unit in city.ledger.authority().roles[city.administrator.id]}


def test_the_founders_role_goes_when_both_offices_are_held(city, matters, keeper, key_keeper):
    withdraw(matters, keeper, city.administrator, "administrator")

    assert founding(city) == set()
    with pytest.raises(NotAllowed, match="未授予该角色"):
        matters.do(GrantRole, city.administrator, official=UUID(keeper.id), role="auditor", unit=CITY)
    assert verified(city.ledger) == len(city.topics())


@pytest.mark.parametrize(("office", "missing"), [("role_admin", "密钥管理"), ("key_admin", "角色管理")])
def test_and_not_before(city, matters, office, missing):
    city.actor(office, CITY)
    for act in (lambda: withdraw(matters, city.administrator, city.administrator, "administrator"),
                lambda: retire(matters, city.administrator, city.administrator)):  # fmt: skip
        with pytest.raises(RuleBroken, match=f"没有持有密钥的{missing}人员"):
            act()
    assert founding(city) == {("administrator", CITY)}


def test_nor_while_nobody_else_may_adopt_rules(city, matters, keeper, key_keeper, monkeypatch):
    only = {**rules.TYPES, "rules.adopted": {**rules.TYPES["rules.adopted"], "roles": ["administrator"]}}
    monkeypatch.setattr(rules, "TYPES", only)
    monkeypatch.setattr(rules, "VERSION", rules.VERSION + 1)
    city.ledger.handle(adoption(city.ledger, city.administrator))

    with pytest.raises(RuleBroken, match="请先采用新版权限规则"):
        withdraw(matters, keeper, city.administrator, "administrator")


def test_without_the_founder_the_leader_adopts_the_rules(city, matters, keeper, key_keeper, monkeypatch):
    decider = city.actor("city_decider", CITY)
    withdraw(matters, keeper, city.administrator, "administrator")
    monkeypatch.setattr(rules, "VERSION", rules.VERSION + 1)

    receipt = adopt_in_training(city.ledger)

    [event] = city.ledger.read(after=receipt.position - 1, limit=1)
    assert (event.topic, event.actor, event.role) == ("rules.adopted", decider.id, "city_decider")


def test_a_founder_without_a_key_gets_a_new_one(city, matters, keeper, key_keeper):
    revoke(matters, key_keeper, city.administrator)
    matters.do(EnrolKey, key_keeper, official=UUID(city.administrator.id), password=STARTING)
    with pytest.raises(RuleBroken, match="没有这个角色"):
        withdraw(matters, keeper, key_keeper, "administrator")
