"""核验: reads a published log from a folder, offline, and says whether anything was altered. Pure.

Needs the log's verification key and nothing else of ours: no database, no configuration. Every byte of entries and tiles
is read once. What is not checked is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import application.trail.words as words
from application.trail.brackets import Brackets, Seen
from application.trail.checkpoint import Checkpoint
from application.trail.directory import compared
from application.trail.examine import Examiner, Fault
from application.trail.heads import NOBODY, Found, Head, Heirs, opened
from application.trail.merkle import NotProved, leaf_hash, verify_inclusion
from application.trail.note import Vkey
from application.trail.policy import NONE, Policy
from application.trail.proof import NotAProof, Proof
from application.trail.survey import SIZE, Survey, names_of_log, notes, survey
from application.trail.tiles import CHECKPOINTS, Fetch
from application.trail.verdict import ONE, Verdict
from application.trail.walk import Walk, nothing_thrown_away

__all__ = ["Ask", "Found", "Verdict", "opened", "verify", "verify_one"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ask:
    """What is held against the log: `old` are signed checkpoints seen before (raw); ages in seconds.

    With a policy `max_age` asks how old cosignatures may be, without one how old the log's own signature. To whoever is
    `patient` it is no fault that witnesses have not signed the newest checkpoint yet.
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


def verify(fetch: Fetch, ask: Ask, progress: Progress = lambda done, of: None) -> Verdict:
    """The verdict on the log that `fetch` reads. Never raises for what the log holds."""
    search = Search(fetch, ask, progress)
    try:
        with nothing_thrown_away():
            search.run()
    except Found as found:
        search.faults.append(found.args[0])
    return search.verdict()


class Search:
    """One verification. Faults are collected; the first that names an entry stands first in the verdict."""

    def __init__(self, fetch: Fetch, ask: Ask, progress: Progress) -> None:
        self.fetch, self.ask, self.progress = fetch, ask, progress
        self.policy = ask.policy or NOBODY
        self.asks_witnesses = self.has_quorum = self.policy.quorum != NONE
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.head: Head | None = None
        self.kept: list[Checkpoint] = []
        self.seen: list[Seen] = []
        self.witnessed = 0
        self.frozen: int | None = None

    def run(self) -> None:
        """Raises Found where nothing more can be said."""
        names = names_of_log(self.fetch)
        if (raw := self.fetch("checkpoint")) is None:
            raise Found(Fault("CHECKPOINT_MISSING", "没有 checkpoint 文件"))
        heirs = Heirs(Head.read(raw, ()).checkpoint.origin, self.ask.vkeys)
        head = heirs.signed(raw, self.policy)
        if not all(each.signed for each in [head, *(self._seen(old, heirs) for old in self.ask.old)]):
            self._learn_heirs(raw, heirs)
            head = heirs.signed(raw, self.policy)
        if not head.signed:
            raise Found(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
        self.head = head = self._read_kept(head, heirs)
        older = [self._older(head.checkpoint, old, heirs) for old in self.ask.old]
        self._look_at_times(head)
        found = survey(names, head.checkpoint.size)
        self.notes += [*notes(found, self.ask.patient), *head.unknown_lines(self.policy)]
        self._walk(head.checkpoint, heirs, [*older, *self.kept], found)

    def _learn_heirs(self, raw: bytes, heirs: Heirs) -> None:
        """A checkpoint without a line of a key that the reader holds: the log itself may say which key took over from it.

        What the log says before is believed for this one question, and then asked again from the beginning.
        """
        checkpoint = Head.read(raw, ()).checkpoint
        examiner = Examiner(checkpoint.origin, checkpoint.size)
        try:
            if heirs.since and self.ask.signatures:
                for entries in Walk(self.fetch, checkpoint):
                    if examiner.batch(entries) is not None:
                        return
                if examiner.finish() is None:
                    heirs.follow(examiner.rotations)
        except Found:
            return
        finally:
            examiner.close()

    def _read_kept(self, head: Head, heirs: Heirs) -> Head:
        """Look through checkpoints/<size>; returns the newest head that was signed, with all cosignatures that lie there."""
        for name, kept in self._kept_heads(heirs):
            if name != str(kept.checkpoint.size):
                self.faults.append(Fault("CHECKPOINT_SIGNATURE", f"checkpoints/{name} 是另一条数的检查点"))
            self.kept.append(kept.checkpoint)
            self.seen += kept.seen(self.policy)
            if kept.witnessed(self.policy, self.ask.since):
                self.witnessed = max(self.witnessed, kept.checkpoint.size)
            if kept.checkpoint.size > head.checkpoint.size:
                self.notes += [words.BEHIND] * (words.BEHIND not in self.notes)
                head = kept
            elif kept.checkpoint == head.checkpoint:
                head = head.joined(kept)
        self.seen += head.seen(self.policy)
        for each in self.kept:
            self._same_or_shorter(head.checkpoint, each)
        return head

    def _kept_heads(self, heirs: Heirs) -> Iterator[tuple[str, Head]]:
        lines = (self.fetch(CHECKPOINTS) or b"").decode(errors="replace").split("\n")
        names = sorted(filter(SIZE.fullmatch, lines), key=int)
        raws = (self.fetch(f"{CHECKPOINTS}{name}") or b"" for name in names)
        for name, head in zip(names, heirs.all_signed(raws, self.policy), strict=True):
            if isinstance(head, Fault):
                self.faults.append(head._replace(sentence=f"checkpoints/{name}：{head.sentence}"))
            elif head.signed and head.checkpoint.origin == heirs.origin:
                yield name, head
            elif words.OTHER_KEYS not in self.notes:
                self.notes.append(words.OTHER_KEYS)

    def _seen(self, raw: bytes, heirs: Heirs) -> Head:
        """A checkpoint that the asker gave."""
        try:
            return heirs.signed(raw, self.policy)
        except Found as found:
            raise Found(Fault("CHECKPOINT_SIGNATURE", f"所给的此前检查点不可用：{found.args[0].sentence}")) from None

    def _older(self, now: Checkpoint, raw: bytes, heirs: Heirs) -> Checkpoint:
        seen = self._seen(raw, heirs)
        if not seen.signed:
            raise Found(Fault("CHECKPOINT_SIGNATURE", "所给的此前检查点不可用：不是由所给密钥签署"))
        self.seen += seen.seen(self.policy)
        self._same_or_shorter(now, seen.checkpoint)
        return seen.checkpoint

    def _same_or_shorter(self, now: Checkpoint, before: Checkpoint) -> None:
        if before.size > now.size:
            self.faults.append(Fault("ROLLBACK", f"此前已见到 {before.size} 条，现只有 {now.size} 条"))
        elif before.size == now.size and before.root != now.root:
            self.faults.append(Fault("FORK", f"同为 {now.size} 条，根哈希却与此前见到的不同"))

    def _look_at_times(self, head: Head) -> None:
        if head.witnessed(self.policy, self.ask.since):
            self.witnessed = head.checkpoint.size
        elif self.ask.patient:
            self.has_quorum = False
            self.notes.append(words.NOT_YET_WITNESSED)
        else:
            said, size = f"第 {head.checkpoint.size} 条处的检查点见证不足，或见证已过期", self.witnessed
            better = f"{said}；目录中见证充分的最新检查点为 {size} 条"
            self.faults.append(Fault("WITNESS_QUORUM", better if size else said))
        if self.ask.policy is None and self.ask.max_age is not None and (head.time or 0) < self.ask.since:
            self.faults.append(Fault("CHECKPOINT_AGE", "检查点过旧，或没有带时间的签名"))

    def _walk(self, checkpoint: Checkpoint, heirs: Heirs, earlier: Sequence[Checkpoint], found: Survey) -> None:
        wanted = {each.size for each in earlier if each.size < checkpoint.size}
        walk = Walk(self.fetch, checkpoint, wanted, found.spare)
        examiner = Examiner(checkpoint.origin, checkpoint.size * self.ask.signatures, Brackets(self.seen))
        fault, done = self._no_genesis(checkpoint), 0
        try:
            for entries in walk:
                if not done and (wrong := self._other_genesis(entries[0])) is not None:
                    raise Found(wrong)
                if self.ask.signatures and fault is None:
                    fault = examiner.batch(entries)
                done += len(entries)
                self.progress(done, checkpoint.size)
            fault = fault or examiner.finish()
        finally:
            examiner.close()
        for each in earlier:
            if walk.roots.get(each.size, each.root) != each.root:
                self.faults.append(Fault("CONSISTENCY", f"与此前看到的第 {each.size} 条检查点不一致"))
        fault = fault or heirs.follow(examiner.rotations)
        if self.ask.signatures and checkpoint.size:
            fault = fault or heirs.unnamed(examiner.log_keys, examiner.rotations)
        self.faults += [fault] if fault else []
        if self.ask.signatures and fault is None:
            self._conclude(examiner)

    def _conclude(self, examiner: Examiner) -> None:
        self.frozen = examiner.frozen
        if self.head is not None:
            wrong, said = compared(self.fetch, examiner, self.head, self.ask.patient)
            self.faults += wrong
            self.notes += said
        if self.seen and examiner.authority.mode == "training":
            self.notes.append(words.SIMULATED)
        elif self.seen and not any(each.at_once for each in self.seen):
            self.notes.append(words.ONE_SIDED)

    def _no_genesis(self, checkpoint: Checkpoint) -> Fault | None:
        return Fault("GENESIS", "日志为空，没有首条") if self.ask.genesis and not checkpoint.size else None

    def _other_genesis(self, first: bytes) -> Fault | None:
        if self.ask.genesis is None or leaf_hash(first).hex() == self.ask.genesis.lower():
            return None
        return Fault("GENESIS", "首条与所给创世哈希不符", 0)

    def verdict(self) -> Verdict:
        faults = sorted(self.faults, key=lambda fault: (fault.index is None, fault.index or 0))
        ask, head = self.ask, self.head
        controls = [self.has_quorum, bool(ask.old), bool(ask.genesis)]
        strength = "强" if all([*controls, ask.signatures]) else "中" if any(controls) else "弱"
        shown = [
            (words.KEPT, True), (words.RIGHTFUL, ask.signatures), (words.GROWN, bool(ask.old)),
            (words.WITNESSED, self.has_quorum),
        ]  # fmt: skip
        return Verdict(
            faults[0] if faults else None,
            head.checkpoint if head else None,
            "弱" if faults else strength,
            (*unchecked(ask, self.asks_witnesses), *self.notes),
            tuple(faults[1:]),
            tuple(text for text, holds in shown if holds),
            head.raw if head else b"",
            self.frozen,
            self.witnessed if self.asks_witnesses else 0,
        )


def unchecked(ask: Ask, asks_witnesses: bool) -> Iterator[str]:
    if not asks_witnesses:
        yield words.NO_WITNESS
    if not ask.signatures:
        yield words.NO_SIGNATURES
        yield words.NO_KEYS
    elif ask.genesis is None:
        yield words.NO_GENESIS
    if not ask.old:
        yield words.NO_OLD


def verify_one(raw: bytes, entry: bytes, vkeys: Sequence[Vkey], policy: Policy | None = None) -> Verdict:
    """One entry with its .tlog-proof: that it stands in the log whose key this is."""
    has_quorum = policy is not None and policy.quorum != NONE
    try:
        proof = Proof.parse(raw)
        head = Head.read(proof.checkpoint.to_bytes(), vkeys, policy or NOBODY)
        opened(head.raw, vkeys)
        checkpoint = head.checkpoint
        verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    except Found as found:
        return Verdict(found.args[0], asked=ONE)
    except (NotAProof, NotProved) as error:
        return Verdict(Fault("PROOF", f"证明文件已损坏，或与条目、检查点不符（{error}）"), asked=ONE)
    if not head.witnessed(policy or NOBODY):
        return Verdict(Fault("WITNESS_QUORUM", "证明所附的检查点见证不足"), checkpoint, asked=ONE)
    left = (words.NO_RIGHTS,) if has_quorum else (words.NO_WITNESS, words.NO_RIGHTS)
    proved = (words.ONE_PROVED, *[words.WITNESSED] * has_quorum)
    strength = "中" if has_quorum else "弱"
    return Verdict(None, checkpoint, strength, left, proved=proved, head=head.raw, entries=1, asked=ONE)
