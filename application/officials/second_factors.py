"""A second factor for weighty acts: enrolled by its owner, removed by them or by an administrator of roles. 动态验证码"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.vault import totp
from application.vault.second_factors import others_ended
from domain.errors import RuleBroken
from domain.officials.official import Official


@dataclass(frozen=True, kw_only=True)
class EnrolSecondFactor(Command):
    """启用动态验证码: by the person; `code` shows that their device has the secret, `recovery` are the recovery codes.

    `session` is the one in which they do it: all others of theirs end.
    """

    secret: bytes = field(repr=False)
    code: str = field(repr=False)
    recovery: tuple[str, ...] = field(repr=False)
    session: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class RenewRecoveryCodes(Command):
    """更换恢复码: by the person; `recovery` are the new ones."""

    recovery: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RemoveSecondFactor(Command):
    """停用动态验证码: every session of theirs ends but `session`, the one in which they do it themselves."""

    official: UUID
    reason: str
    seen: int | None = None
    session: bytes = field(default=b"", repr=False)


def enrol_second_factor(command: EnrolSecondFactor, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, UUID(command.actor.id))
    official.enrol_second_factor(actor=command.actor)
    step = totp.matching(command.secret, command.code, ledger.clock.now())
    if step is None:
        raise RuleBroken("验证码不正确：请确认手机时间准确，等新的验证码出现后再输入")
    row = ledger.vault.second_factors.new(official.id, command.secret, step=step, recovery=command.recovery)
    return ledger.commit(official, command=command, beside=(row, others_ended(official.id, command.session)))


def renew_recovery_codes(command: RenewRecoveryCodes, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, UUID(command.actor.id))
    official.renew_recovery(actor=command.actor)
    row = ledger.vault.second_factors.renewed(official.id, command.recovery)
    return ledger.commit(official, command=command, beside=(row,))


def remove_second_factor(command: RemoveSecondFactor, ledger: Ledger) -> Receipt:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    official.remove_second_factor(reason=command.reason, actor=command.actor)
    gone = ledger.vault.second_factors.gone(official.id)
    return ledger.commit(official, command=command, beside=(gone, others_ended(official.id, command.session)))


HANDLERS: Handlers = {
    EnrolSecondFactor: enrol_second_factor,
    RenewRecoveryCodes: renew_recovery_codes,
    RemoveSecondFactor: remove_second_factor,
}
