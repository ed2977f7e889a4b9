"""What an administrator does about an account: one form for each act, its command, and who is offered it. 人员事项"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _

from application.core.permissions import may
from application.officials import keys
from application.officials import officials as commands
from application.officials.second_factors import RemoveSecondFactor
from domain.actions import Action
from domain.officials.actions import ACTIONS
from domain.roles import ROLES
from interface.kit.fields import Choice, Day, Radio, Text
from interface.kit.forms import ActForm
from interface.kit.labels import choices


class AccountForm(ActForm):
    """What is done about an account."""

    def offer(self, official: str) -> None:
        """Set what may be chosen; most forms have nothing to choose from."""


class GrantForm(AccountForm):
    action = ACTIONS["grant"]
    role = Choice(_("角色"))
    unit = Choice(_("单位"))

    def offer(self, official: str) -> None:
        self.role.choices = [one for one in choices("role") if one[0] != "administrator"]
        self.unit.choices = list(g.people.units().items())


class SubstituteForm(AccountForm):
    action = ACTIONS["substitute"]
    of = Choice(_("被代理人和角色"), description=_("代理人以被代理人的角色办理，以自己的名义签名"))
    until = Day(_("代理至"), description=_("含当日，到期自动停止"))
    reason = Text(_("代理理由"), limit=200)

    def offer(self, official: str) -> None:
        person = g.people.person(official)
        others = [one for one in g.people.officials_enrolled if g.people.person(one) != person]
        names = g.people.names(others)
        own = [(one, grant) for one in others for grant in g.people.grants(UUID(one)) if grant.substitute_for is None]
        self.of.choices = [
            (f"{one}@{grant.value}", f"{grant.words} · {names[one]}")
            for one, grant in sorted(own, key=lambda pair: (pair[1].unit, list(ROLES).index(pair[1].role)))
            if grant.role != "administrator"
        ]


class WithdrawForm(AccountForm):
    action, grave = ACTIONS["withdraw"], True
    which = Radio(_("要收回的角色"))
    reason = Text(_("收回理由"), limit=200)

    def offer(self, official: str) -> None:
        self.which.choices = [(grant.value, grant.words) for grant in g.people.held(official)]


class EnrolKeyForm(AccountForm):
    action = ACTIONS["enrol_key"]


class RotateKeyForm(EnrolKeyForm):
    action = ACTIONS["rotate_key"]


class ResetForm(AccountForm):
    action, grave = ACTIONS["reset"], True
    reason = Text(_("重置理由"), description=_("原密钥随即吊销，登记新的密钥；请先核实是本人"), limit=200)


class RevokeKeyForm(AccountForm):
    action, grave = ACTIONS["revoke_key"], True
    reason = Text(_("吊销理由"), description=_("遗失、被盗或离岗的，从此条起不能再以此人的名义签名"), limit=200)


class RemoveFactorForm(AccountForm):
    action, grave = ACTIONS["remove_factor"], True
    reason = Text(_("停用理由"), description=_("手机和恢复码都遗失时使用；请先核实是本人"), limit=200)


class RetireForm(AccountForm):
    action, grave = ACTIONS["retire"], True
    reason = Text(_("停用理由"), description=_("停用后不能恢复；此人再任职时另行登记"), limit=200)


class Act(NamedTuple):
    """`when` says of an account whether there is anything to do it to; `starts`: it ends with a starting password for its owner."""

    form: type[Any]
    command: type[Any]
    members: Callable[[Any], dict[str, Any]]
    when: Callable[[str], bool] = lambda official: True
    starts: bool = False

    @property
    def action(self) -> Action:
        return self.form.action


def _substitute(form: SubstituteForm) -> dict[str, Any]:
    of, role, unit = form.of.data.split("@")
    return {
        "substitute_for": UUID(of), "role": role, "unit": unit, "until": form.until.data, "reason": form.reason.data,
    }  # fmt: skip


def _withdraw(form: WithdrawForm) -> dict[str, Any]:
    role, _at, unit = form.which.data.partition("@")
    return {"role": role, "unit": unit, "reason": form.reason.data}


def _nothing(form: ActForm) -> dict[str, Any]:
    return {}


def _reason(form: Any) -> dict[str, Any]:
    return {"reason": form.reason.data}


def _has_key(official: str) -> bool:
    return g.people.key_in_force(official) is not None


ACTS = {
    "grant": Act(GrantForm, commands.GrantRole, lambda form: {"role": form.role.data, "unit": form.unit.data}),
    "substitute": Act(SubstituteForm, commands.GrantSubstitute, _substitute),
    "withdraw": Act(WithdrawForm, commands.WithdrawRole, _withdraw, lambda one: bool(g.people.held(one))),
    "enrol_key": Act(EnrolKeyForm, keys.EnrolKey, _nothing, lambda one: not _has_key(one), starts=True),
    "reset": Act(
        ResetForm, keys.ResetPassword, _reason, lambda one: one not in g.actor.accounts and _has_key(one), starts=True
    ),
    "rotate_key": Act(RotateKeyForm, keys.RotateKey, _nothing, _has_key, starts=True),
    "revoke_key": Act(RevokeKeyForm, commands.RevokeKey, _reason, _has_key),
    "remove_factor": Act(RemoveFactorForm, RemoveSecondFactor, _reason, lambda one: g.people.has_second_factor(one)),
    "retire": Act(RetireForm, commands.RetireOfficial, _reason),
}


def form_of(name: str, official: str, **start: Any) -> AccountForm:
    """The form of an act about this account, with what it may choose from."""
    form = ACTS[name].form(prefix=f"{name}-", **start)
    form.offer(official)
    return form


def offered(official: str, seen: int) -> list[tuple[str, ActForm]]:
    """The acts that the signed-in role may do about this account now."""
    if g.people.is_retired(official):
        return []
    start: dict[str, Any] = {"formdata": None, "data": {"seen": seen}}
    return [
        (name, form_of(name, official, **start))
        for name, act in ACTS.items()
        if may(g.actor, act.action.event) and act.action.is_done_for_others_by(g.actor.role) and act.when(official)
    ]


def command_of(name: str, form: ActForm, official: UUID, **more: Any) -> Any:
    act = ACTS[name]
    who = {"id": form.command, "actor": g.actor, "official": official, "seen": form.version}
    return act.command(**who, **act.members(form), **more)
