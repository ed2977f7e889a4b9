"""核验: reads a published log from a folder, offline, and says whether anything was altered. Pure.

Needs the log's verification key and nothing else of ours: no database, no configuration. Every byte of entries and tiles
is read once. What is not checked is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import application.verifier.verdict_text as words
from application.verifier.clock_comparison import DAY, Clocks, ahead
from application.verifier.folder_survey import SIZE, Survey, names_of_log, notes, survey
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.policy import NONE
from application.verifier.formats.tiles import CHECKPOINTS, Fetch
from application.verifier.held_against import VerifyOptions, aged, unchecked
from application.verifier.key_directory import compared
from application.verifier.log_scan import LogScan, nothing_thrown_away
from application.verifier.rules.entry_check import EntryCheck, Fault
from application.verifier.rules.log_facts import Opened
from application.verifier.rules.time_bounds import Brackets, clock_face
from application.verifier.signed_heads import NOBODY, Head, KeySuccession, VerificationFailed, opened
from application.verifier.verdict import Verdict

__all__ = ["Verdict", "VerificationFailed", "VerifyOptions", "opened", "verify"]

Progress = Callable[[int, int], None]


def verify(fetch: Fetch, ask: VerifyOptions, progress: Progress = lambda done, of: None) -> Verdict:
    """The verdict on the log that `fetch` reads. Never raises for what the log holds."""
    search = Search(fetch, ask, progress)
    try:
        with nothing_thrown_away():
            search.run()
    except VerificationFailed as found:
        search.faults.append(found.fault)
    return search.verdict()


class Search:
    """One verification. Faults are collected; the first that names an entry stands first in the verdict."""

    def __init__(self, fetch: Fetch, ask: VerifyOptions, progress: Progress) -> None:
        self.fetch, self.ask, self.progress = fetch, ask, progress
        self.policy = ask.policy or NOBODY
        self.asks_witnesses = self.has_quorum = self.policy.quorum != NONE
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.head: Head | None = None
        self.kept: list[Checkpoint] = []
        self.clocks = Clocks(self.policy, ask.now)
        self.grown_from: list[int] = []
        self.no_earlier: list[int] = []
        self.opened: Opened | None = None
        self.notices: tuple[str, ...] = ()
        self.witnessed = 0
        self.frozen: int | None = None

    def run(self) -> None:
        """Raises VerificationFailed where nothing more can be said."""
        names = names_of_log(self.fetch)
        if (raw := self.fetch("checkpoint")) is None:
            raise VerificationFailed(Fault("CHECKPOINT_MISSING", "没有 checkpoint 文件"))
        heirs = KeySuccession(Head.read(raw, ()).checkpoint.origin, self.ask.vkeys)
        head = heirs.signed(raw, self.policy)
        if not all(each.signed for each in [head, *(self._seen(old, heirs) for old in self.ask.old)]):
            self._learn_heirs(raw, heirs)
            head = heirs.signed(raw, self.policy)
        if not head.signed:
            raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
        self.head = head = self._read_kept(head, heirs)
        older = [self._older(head, old, heirs) for old in self.ask.old]
        if self.no_earlier and not self.grown_from:
            size = self.no_earlier[0]
            self.notes.append(f"所给的此前检查点（{size} 条）既不比这一份短，也不早于它一天，不增加核验强度")
        self._look_at_times(head)
        found = survey(names, head.checkpoint.size)
        self.notes += [*notes(found, self.ask.patient), *head.unknown_lines(self.policy)]
        self._walk(head.checkpoint, heirs, [*older, *self.kept], found)

    def _learn_heirs(self, raw: bytes, heirs: KeySuccession) -> None:
        """A checkpoint without a line of a key that the reader holds: the log itself may say which key took over from it.

        What the log says before is believed for this one question, and then asked again from the beginning.
        """
        checkpoint = Head.read(raw, ()).checkpoint
        examiner = EntryCheck(checkpoint.origin, checkpoint.size)
        try:
            if heirs.since and self.ask.signatures:
                for entries in LogScan(self.fetch, checkpoint):
                    if examiner.batch(entries) is not None:
                        return
                if examiner.finish() is None:
                    heirs.follow(examiner.rotations)
        except VerificationFailed:
            return
        finally:
            examiner.close()

    def _read_kept(self, head: Head, heirs: KeySuccession) -> Head:
        """Look through checkpoints/<size>; returns the newest head that was signed, with all cosignatures that lie there."""
        for name, kept in self._kept_heads(heirs):
            if name != str(kept.checkpoint.size):
                self.faults.append(Fault("CHECKPOINT_SIGNATURE", f"checkpoints/{name} 是另一条数的检查点"))
            self.kept.append(kept.checkpoint)
            self.clocks.add(kept)
            if kept.witnessed(self.policy, self.ask.since, self.ask.until):
                self.witnessed = max(self.witnessed, kept.checkpoint.size)
            if kept.checkpoint.size > head.checkpoint.size:
                self.notes += [words.BEHIND] * (words.BEHIND not in self.notes)
                head = kept
            elif kept.checkpoint == head.checkpoint:
                head = head.joined(kept)
        self.clocks.add(head)
        for each in self.kept:
            self._same_or_shorter(head.checkpoint, each)
        return head

    def _kept_heads(self, heirs: KeySuccession) -> Iterator[tuple[str, Head]]:
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

    def _seen(self, raw: bytes, heirs: KeySuccession) -> Head:
        """A checkpoint that the asker gave."""
        try:
            return heirs.signed(raw, self.policy)
        except VerificationFailed as found:
            raise VerificationFailed(
                Fault("CHECKPOINT_SIGNATURE", f"所给的此前检查点不可用：{found.fault.sentence}")
            ) from None

    def _older(self, head: Head, raw: bytes, heirs: KeySuccession) -> Checkpoint:
        seen = self._seen(raw, heirs)
        if not seen.signed:
            raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", "所给的此前检查点不可用：不是由所给密钥签署"))
        self.clocks.add(seen)
        self._same_or_shorter(head.checkpoint, seen.checkpoint)
        if self._is_of_another_day(head, seen):
            self.grown_from.append(seen.checkpoint.size)
        else:
            self.no_earlier.append(seen.checkpoint.size)
        return seen.checkpoint

    def _is_of_another_day(self, head: Head, seen: Head) -> bool:
        """Whether it shows that something seen before was kept. The very checkpoint that is looked at shows nothing, however
        often it is looked at: a shorter one does, or one that the log signed a day before.
        """
        if seen.checkpoint.size < head.checkpoint.size:
            return seen.checkpoint.size > 0
        now, before = head.time_until(self.ask.until), seen.time
        return now is not None and before is not None and now - before >= DAY

    def _same_or_shorter(self, now: Checkpoint, before: Checkpoint) -> None:
        if before.size > now.size:
            self.faults.append(Fault("ROLLBACK", f"此前已见到 {before.size} 条，现只有 {now.size} 条"))
        elif before.size == now.size and before.root != now.root:
            self.faults.append(Fault("FORK", f"同为 {now.size} 条，根哈希却与此前见到的不同"))

    def _look_at_times(self, head: Head) -> None:
        self.notes += self.clocks.notes()
        wrong: list[Fault] = []
        if head.witnessed(self.policy, self.ask.since, self.ask.until):
            self.witnessed = head.checkpoint.size
        elif self.ask.patient:
            self.has_quorum = False
            self.notes.append(words.NOT_YET_WITNESSED)
        else:
            wrong.append(self._too_few(head))
        if self.ask.max_age is not None and (fault := aged(head, self.ask)) is not None:
            wrong.append(fault)
        if wrong and self.ask.now and (time := self.clocks.ahead()):  # the cause, before what follows from it
            wrong = [Fault("CLOCK", ahead(time, self.ask.now)), *(each for each in wrong if each.code != "CLOCK")]
        self.faults += wrong

    def _too_few(self, head: Head) -> Fault:
        said, size = f"第 {head.checkpoint.size} 条处的检查点见证不足", self.witnessed
        if head.witnessed(self.policy, 0, self.ask.until):
            now = clock_face(self.ask.now)
            said = f"第 {head.checkpoint.size} 条处的检查点见证已过期，本机时钟 {now}：请核对本机时钟，或取一份新的重新见证"
        better = f"{said}；目录中见证充分的最新检查点为 {size} 条"
        return Fault("WITNESS_QUORUM", better if size else said)

    def _walk(self, checkpoint: Checkpoint, heirs: KeySuccession, earlier: Sequence[Checkpoint], found: Survey) -> None:
        wanted = {each.size for each in earlier if each.size < checkpoint.size}
        walk = LogScan(self.fetch, checkpoint, wanted, found.spare)
        examiner = EntryCheck(checkpoint.origin, checkpoint.size * self.ask.signatures, Brackets(self.clocks.seen()))
        fault, done = self._no_genesis(checkpoint), 0
        try:
            for entries in walk:
                if not done:
                    self._begin(entries[0])
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

    def _conclude(self, examiner: EntryCheck) -> None:
        self.frozen, self.notices = examiner.frozen, tuple(examiner.rights.notices())
        if self.head is not None:
            wrong, said = compared(self.fetch, examiner, self.head, self.ask.patient)
            self.faults += wrong
            self.notes += said
        seen = self.clocks.seen()
        if self.asks_witnesses and examiner.authority.mode == "training":
            self.notes.append(words.SIMULATED)
        elif self.asks_witnesses and not seen:
            self.notes.append(words.UNBOUNDED)
        elif seen and not any(each.at_once for each in seen):
            self.notes.append(words.ONE_SIDED)

    def _no_genesis(self, checkpoint: Checkpoint) -> Fault | None:
        return Fault("GENESIS", "日志为空，没有首条") if self.ask.genesis and not checkpoint.size else None

    def _begin(self, first: bytes) -> None:
        """Raises VerificationFailed where the first entry is another than the one that is asked for."""
        self.opened = Opened.read(first)
        if self.ask.genesis is not None and leaf_hash(first).hex() != self.ask.genesis.lower():
            raise VerificationFailed(Fault("GENESIS", "首条与所给创世哈希不符", 0))

    def verdict(self) -> Verdict:
        faults = sorted(self.faults, key=lambda fault: (fault.index is None, fault.index or 0))
        ask, head = self.ask, self.head
        controls = [self.has_quorum, bool(self.grown_from), bool(ask.genesis)]
        strength = "强" if all([*controls, ask.signatures, not self.clocks.slow()]) else "中" if any(controls) else "弱"
        shown = [
            (words.KEPT, True), (words.RIGHTFUL, ask.signatures), (words.GROWN, bool(self.grown_from)),
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
            opened=self.opened,
            signed_at=head.time if head else None,
            witnesses=head.witnesses(ask.until) if head else (),
            earlier=tuple(sorted(set(self.grown_from))),
            notices=self.notices,
        )
