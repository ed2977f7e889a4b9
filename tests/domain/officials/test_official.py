"""工作人员: what is done about an account while it is in office, and what also afterwards; what only its owner does.

The expected is written out here by hand: the table (domain/officials/actions.py) is what is tested.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.errors import NotAllowed, Refusal, RuleBroken
from domain.officials.actions import ACTIONS, STATES
from domain.officials.events import (
    CredentialReset,
    CredentialSet,
    KeyEnrolled,
    KeyRevoked,
    KeyRotated,
    OfficialEnrolled,
    OfficialRetired,
    RoleGranted,
    RoleWithdrawn,
    SecondFactorEnrolled,
    SecondFactorRecoveryRenewed,
    SecondFactorRemoved,
)
from domain.officials.official import Official
from tests.support.given import ID, TOWN, actor, given, happened

OWNER, ADMIN = actor(str(ID), "town_handler"), actor("admin", "role_admin")
KEY, HELD = {"keyid": "ed25519:1", "alg": "ed25519", "pub": "AA=="}, ("town_handler", TOWN)
ENROLLED = happened(OfficialEnrolled, "admin", person=str(UUID(int=3)))
FACTOR = happened(SecondFactorEnrolled, str(ID), official=str(ID), kind="totp")
IN = {"active": [ENROLLED], "retired": [ENROLLED, happened(OfficialRetired, "admin", reason="调离")]}
OTHER: Official = given(
    happened(OfficialEnrolled, "admin", person=str(UUID(int=4))),
    happened(RoleGranted, "admin", role="town_closer", unit=TOWN),
).matter


def substitute(official, who):
    term = {"until": date(2026, 4, 1), "reason": "休假", "today": date(2026, 3, 2)}
    official.substitute(of=OTHER, role="town_closer", unit=TOWN, actor=who, **term)


def withdraw(official, who):
    official.withdraw_role(role=HELD[0], unit=HELD[1], held={HELD}, reason="调离", actor=who)


DO = {
    "retire": (OfficialRetired, lambda o, who: o.retire(reason="调离", actor=who)),
    "grant": (RoleGranted, lambda o, who: o.grant_role(role=HELD[0], unit=HELD[1], actor=who)),
    "substitute": (RoleGranted, substitute),
    "withdraw": (RoleWithdrawn, withdraw),
    "enrol_key": (KeyEnrolled, lambda o, who: o.enrol_key(key=KEY, in_force=None, actor=who)),
    "rotate_key": (KeyRotated, lambda o, who: o.rotate_key(key=KEY, in_force="ed25519:0", actor=who)),
    "revoke_key": (KeyRevoked, lambda o, who: o.revoke_key(in_force="ed25519:0", reason="遗失", actor=who)),
    "set_credential": (CredentialSet, lambda o, who: o.set_credential(actor=who)),
    "reset": (CredentialReset, lambda o, who: o.reset_credential(reason="忘记", actor=who)),
    "enrol_factor": (SecondFactorEnrolled, lambda o, who: o.enrol_second_factor(actor=who)),
    "renew_recovery": (SecondFactorRecoveryRenewed, lambda o, who: o.renew_recovery(actor=who)),
    "remove_factor": (SecondFactorRemoved, lambda o, who: o.remove_second_factor(reason="换机", actor=who)),
}
WITH_FACTOR = ("renew_recovery", "remove_factor")  # there has to be one
AFTERWARDS = ("withdraw", "revoke_key", "remove_factor")  # also of an account that is retired
OWNERS = {
    "set_credential": ("口令只能由本人设置", RuleBroken),
    "enrol_factor": ("动态验证码只能由本人启用", RuleBroken),
    "renew_recovery": ("恢复码只能由本人更换", RuleBroken),
    "remove_factor": ("动态验证码只能由本人或角色管理员停用", NotAllowed),
}


def do(state, act, who):
    history = [ENROLLED, *([FACTOR] if act in WITH_FACTOR else []), *IN[state][1:]]
    return given(*history).when(lambda official: DO[act][1](official, who))


def test_every_state_and_every_act_is_tried():
    assert (IN.keys(), DO.keys()) == (STATES.keys(), ACTIONS.keys() - {"enrol"})


@pytest.mark.parametrize("act", DO)
def test_an_act_on_an_account_in_office(act):
    do("active", act, OWNER if act in OWNERS else ADMIN).then("retired" if act == "retire" else "active", DO[act][0])


@pytest.mark.parametrize("act", DO)
def test_afterwards_things_are_only_taken_away(act):
    outcome = do("retired", act, OWNER if act in OWNERS else ADMIN)
    if act in AFTERWARDS:
        outcome.then("retired", DO[act][0])
    else:
        outcome.refused("此人已停用，不能再办理", RuleBroken)


@pytest.mark.parametrize("act", OWNERS)
@pytest.mark.parametrize("role", ["town_handler", "key_admin", "administrator"])
def test_what_only_its_owner_does(act, role):
    sentence, kind = OWNERS[act]
    do("active", act, actor("somebody", role)).refused(sentence, kind)


def test_who_administers_roles_takes_a_second_factor_away_and_sets_none():
    do("active", "remove_factor", ADMIN).then("active", SecondFactorRemoved)
    do("active", "enrol_factor", ADMIN).refused("只能由本人启用", Refusal)


@pytest.mark.parametrize("act", ["grant", "substitute"])
def test_nobody_gives_a_role_to_themselves(act):
    do("active", act, actor(str(ID), "role_admin")).refused("不能给本人授予角色", RuleBroken)
    do("active", act, actor("second account", "role_admin", accounts=(str(ID),))).refused("不能给本人授予角色")
