"""An account of a person: its roles, its key, its password. 工作人员"""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from domain.actions import Matter
from domain.base import DomainEvent
from domain.errors import NotAllowed, RuleBroken
from domain.officials.actions import ACTIONS
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
from domain.roles import ROLES
from domain.text import official as text
from domain.text import optional
from domain.values import Actor


class Official(Matter):
    TOPIC, ACTIONS = "official", ACTIONS
    Event, Created = DomainEvent, OfficialEnrolled

    @classmethod
    def enrol(cls, *, id: UUID, person: UUID, actor: Actor) -> Self:
        return cls._create(OfficialEnrolled, id=id, person=str(person), actor=actor.id)

    def grant_role(self, *, role: str, unit: str, actor: Actor) -> None:
        self._must_be_open_to("grant")
        if role not in ROLES or role == "administrator":
            raise RuleBroken("没有这个角色，请从列表中选择")
        if (role, unit) in self.roles:
            raise RuleBroken("此人已有这个角色")
        self._not_by_oneself(actor)
        self.trigger_event(RoleGranted, role=role, unit=unit, actor=actor.id)

    def substitute(
        self, *, of: Official, role: str, unit: str, until: date, reason: str | None, today: date, actor: Actor
    ) -> None:
        """The role of another person, up to and with a day."""
        self._must_be_open_to("substitute")
        if of.person == self.person:
            raise RuleBroken("代理人不能是本人，请另选一人")
        if (role, unit) not in of.roles or role == "administrator":
            raise RuleBroken("被代理人没有这个角色，请重新选择")
        if (role, unit) in self.roles:
            raise RuleBroken("此人已有这个角色；代理到期后续期的，请先收回")
        if until < today:
            raise RuleBroken("代理截止日期不能早于今天")
        self._not_by_oneself(actor)
        term = {"substitute_for": str(of.id), "until": until.isoformat(), "reason": optional("理由", reason)}
        self.trigger_event(RoleGranted, role=role, unit=unit, **term, actor=actor.id)

    def _not_by_oneself(self, actor: Actor) -> None:
        """Whoever founds the log has nobody else yet."""
        if actor.role == "role_admin" and actor.is_same_person_as(str(self.id)):
            raise RuleBroken("不能给本人授予角色，请由另一位角色管理员办理")

    def withdraw_role(self, *, role: str, unit: str, held: set[tuple[str, str]], reason: str, actor: Actor) -> None:
        """`held` by the whole log: the founder's role stands in another stream, where the log was opened."""
        self._must_be_open_to("withdraw")
        if (role, unit) not in held:
            raise RuleBroken("此人没有这个角色，无需收回")
        self.trigger_event(RoleWithdrawn, role=role, unit=unit, reason=text("理由", reason), actor=actor.id)

    # `in_force` is the id of the key in force: the founder's stands in another stream, where the log was opened.

    def enrol_key(self, *, key: dict[str, str], in_force: str | None, actor: Actor) -> None:
        self._must_be_open_to("enrol_key")
        if in_force is not None:
            raise RuleBroken("此人已有签名密钥，请先吊销")
        self.trigger_event(KeyEnrolled, **key, actor=actor.id)

    def rotate_key(self, *, key: dict[str, str], in_force: str | None, actor: Actor) -> None:
        self._must_be_open_to("rotate_key")
        if in_force is None:
            raise RuleBroken("此人没有签名密钥，请先登记")
        self.trigger_event(KeyRotated, old=in_force, **key, actor=actor.id)

    def revoke_key(self, *, in_force: str | None, reason: str, actor: Actor) -> None:
        self._must_be_open_to("revoke_key")
        if in_force is None:
            raise RuleBroken("此人没有签名密钥，无需吊销")
        self.trigger_event(KeyRevoked, keyid=in_force, reason=text("理由", reason), actor=actor.id)

    def set_credential(self, *, actor: Actor) -> None:
        self._must_be_open_to("set_credential")
        if not self._may("set_credential", actor):
            raise RuleBroken("口令只能由本人设置")
        self.trigger_event(CredentialSet, actor=actor.id)

    def reset_credential(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("reset")
        self.trigger_event(CredentialReset, reason=text("理由", reason), actor=actor.id)

    def enrol_second_factor(self, *, actor: Actor) -> None:
        self._must_be_open_to("enrol_factor")
        if not self._may("enrol_factor", actor):
            raise RuleBroken("动态验证码只能由本人启用")
        if self.second_factor:
            raise RuleBroken("已启用动态验证码；更换手机的，请先停用再重新启用")
        self.trigger_event(SecondFactorEnrolled, official=str(self.id), kind="totp", actor=actor.id)

    def remove_second_factor(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("remove_factor")
        if not self._may("remove_factor", actor):
            raise NotAllowed("动态验证码只能由本人或角色管理员停用")
        if not self.second_factor:
            raise RuleBroken("没有启用动态验证码，无需停用")
        why = text("理由", reason)
        self.trigger_event(SecondFactorRemoved, official=str(self.id), reason=why, actor=actor.id)

    def renew_recovery(self, *, actor: Actor) -> None:
        self._must_be_open_to("renew_recovery")
        if not self._may("renew_recovery", actor):
            raise RuleBroken("恢复码只能由本人更换")
        if not self.second_factor:
            raise RuleBroken("没有启用动态验证码，没有恢复码可换")
        self.trigger_event(SecondFactorRecoveryRenewed, official=str(self.id), actor=actor.id)

    def retire(self, *, reason: str, actor: Actor) -> None:
        self._must_be_open_to("retire")
        self.trigger_event(OfficialRetired, reason=text("理由", reason), actor=actor.id)

    def _must_be_open_to(self, act: str) -> None:
        if not self.ACTIONS[act].starts_in(self.state):
            raise RuleBroken("此人已停用，不能再办理")

    def _may(self, act: str, actor: Actor) -> bool:
        """Whether the account is the actor's own, or their role does this for others."""
        return actor.id == str(self.id) or self.ACTIONS[act].is_done_for_others_by(actor.role)

    def evolve(self, fact: DomainEvent) -> None:
        self._follow(fact)
        match fact:
            case OfficialEnrolled():
                self.person = UUID(fact.person)
                self.roles: set[tuple[str, str]] = set()
                self.second_factor = False
            case RoleGranted():
                self.roles.add((fact.role, fact.unit))
            case RoleWithdrawn():
                self.roles.discard((fact.role, fact.unit))
            case SecondFactorEnrolled() | SecondFactorRemoved():
                self.second_factor = isinstance(fact, SecondFactorEnrolled)
            case OfficialRetired() | SecondFactorRecoveryRenewed() | CredentialSet() | CredentialReset():
                pass
            case KeyEnrolled() | KeyRotated() | KeyRevoked():
                pass
            case _:
                super().evolve(fact)
