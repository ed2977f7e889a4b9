"""What somebody holds against a log, and what of it was left unchecked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import application.verifier.verdict_text as words
from application.verifier.clock_comparison import ahead, latest
from application.verifier.formats.note import Vkey
from application.verifier.formats.policy import Policy
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.time_bounds import clock_face
from application.verifier.signed_heads import Head


@dataclass(frozen=True)
class VerifyOptions:
    """What is held against the log: `old` are signed checkpoints seen before (raw); ages in seconds.

    `max_age` asks how old the log's own signature may be, and with a policy the cosignatures too. `now`: the clock of whoever
    asks (POSIX seconds); no time later than that counts; 0 for no clock. To whoever is `patient` it is no fault that witnesses
    have not signed the newest checkpoint yet.
    """

    vkeys: Sequence[Vkey]
    genesis: str | None = None
    old: Sequence[bytes] = ()
    signatures: bool = True
    max_age: int | None = None
    now: int = 0
    policy: Policy | None = None
    patient: bool = False

    @property
    def since(self) -> int:
        return 0 if self.max_age is None else self.now - self.max_age

    @property
    def until(self) -> int:
        return latest(self.now)


def unchecked(ask: VerifyOptions, asks_witnesses: bool) -> Iterator[str]:
    if not asks_witnesses:
        yield words.NO_WITNESS
    if not ask.signatures:
        yield words.NO_SIGNATURES
        yield words.NO_KEYS
    elif ask.genesis is None:
        yield words.NO_GENESIS
    if not ask.old:
        yield words.NO_OLD
    if ask.policy is not None and ask.policy.unread:
        yield f"策略中有本程序不认识的密钥种类，不作数：{'、'.join(ask.policy.unread)}"


def aged(head: Head, ask: VerifyOptions) -> Fault | None:
    """Why the log's own signature is not as new as asked for."""
    time = head.time_until(ask.until)
    if time is None and head.time is not None:
        return Fault("CLOCK", ahead(head.time, ask.now))
    if time is None:
        return Fault("CHECKPOINT_AGE", "日志的签名不带时间，无从知道新旧：请同时给出日志的 ML-DSA-44 公钥")
    if time >= ask.since:
        return None
    return Fault(
        "CHECKPOINT_AGE",
        f"检查点签署于 {clock_face(time)}，距本机时钟 {clock_face(ask.now)} 已超过所给时限：请核对本机时钟，或取一份新的",
    )
