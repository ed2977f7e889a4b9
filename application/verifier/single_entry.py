"""单条核验: one entry with its .tlog-proof, and whatever was promised about it, without the log. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import application.verifier.verdict_text as words
from application.verifier.clock_comparison import ahead
from application.verifier.formats.entry import NotAnEntry, loads, parse
from application.verifier.formats.merkle import NotProved, leaf_hash, verify_inclusion
from application.verifier.formats.note import Vkey
from application.verifier.formats.policy import NONE, Policy
from application.verifier.formats.proof import NotAProof, Proof
from application.verifier.held_against import VerifyOptions, aged
from application.verifier.promise_check import Given
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.log_facts import Opened
from application.verifier.signed_heads import NOBODY, Head, VerificationFailed
from application.verifier.verdict import ONE, Verdict


def verify_one(
    raw: bytes,
    entry: bytes,
    vkeys: Sequence[Vkey],
    policy: Policy | None = None,
    *,
    max_age: int | None = None,
    now: int = 0,
    promises: Sequence[Given] = (),
) -> Verdict:
    """That the entry stands in the log whose keys these are; that each promise is about this very entry. Ages as in `Ask`."""
    ask = VerifyOptions(vkeys, max_age=max_age, now=now, policy=policy)
    try:
        proof = Proof.parse(raw)
        head = Head.read(proof.checkpoint.to_bytes(), vkeys, policy or NOBODY)
        if not head.signed:
            return Verdict(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"), asked=ONE)
        checkpoint = head.checkpoint
        verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    except VerificationFailed as found:
        return Verdict(found.fault, asked=ONE)
    except (NotAProof, NotProved) as error:
        return Verdict(Fault("PROOF", f"证明文件已损坏，或与条目、检查点不符（{error}）"), asked=ONE)
    faults = [*_times(head, ask), *_bound(entry, proof.index, checkpoint.origin, promises)]
    return _verdict(faults, proof, head, entry, ask, bool(promises))


def _verdict(
    faults: list[Fault], proof: Proof, head: Head, entry: bytes, ask: VerifyOptions, has_promises: bool
) -> Verdict:
    has_quorum = ask.policy is not None and ask.policy.quorum != NONE
    left = [] if has_quorum else [words.NO_WITNESS]
    left += [words.NO_RIGHTS, *[words.NO_PROMISER] * has_promises, *[words.EXTRA] * (proof.extra is not None)]
    proved = (words.ONE_PROVED, *[words.BOUND] * has_promises, *[words.WITNESSED] * has_quorum)
    return Verdict(
        faults[0] if faults else None,
        head.checkpoint,
        "弱" if faults or not has_quorum else "中",
        tuple(left),
        tuple(faults[1:]),
        proved,
        head.raw,
        entries=1,
        asked=ONE,
        opened=Opened.read(entry) if not proof.index else None,
        signed_at=head.time,
        witnesses=head.witnesses(ask.until),
    )


def _times(head: Head, ask: VerifyOptions) -> Iterator[Fault]:
    wrong: list[Fault] = []
    if not head.witnessed(ask.policy or NOBODY, ask.since, ask.until):
        wrong.append(Fault("WITNESS_QUORUM", "证明所附的检查点见证不足，或见证已过期"))
    if ask.max_age is not None and (fault := aged(head, ask)) is not None:
        wrong.append(fault)
    newest = max([head.time or 0, *(line.time for _, line in head.cosigned)])
    if wrong and ask.now and newest > ask.until:
        yield Fault("CLOCK", ahead(newest, ask.now))
    yield from (each for each in wrong if each.code != "CLOCK")


def _bound(entry: bytes, index: int, origin: str, promises: Sequence[Given]) -> Iterator[Fault]:
    """Why a promise is not about this entry: another log, other commitments, another day."""
    data = _registered(entry) if promises else None
    for source, promise in promises:
        if data is None:
            yield Fault("PROMISE", "该条目不是线索登记，承诺与它无关", index)
            return
        if promise.log != origin:
            yield Fault("PROMISE", f"{source} 是另一本日志的承诺：{promise.log}")
        elif (promise.commits, promise.received_on) != (data.get("commits"), data.get("received_on")):
            yield Fault("PROMISE", f"{source} 承诺的不是这一条：内容指纹或收件日期不同")


def _registered(entry: bytes) -> dict[str, Any] | None:
    """What a tip's registration says; None for any other entry."""
    try:
        payload = loads(parse(entry).body)
        return payload["data"] if payload["type"] == "tip.registered" and isinstance(payload["data"], dict) else None
    except (NotAnEntry, KeyError, TypeError):
        return None
