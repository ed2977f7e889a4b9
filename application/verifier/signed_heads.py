"""Signed checkpoints as a verifier meets them: whose lines stand under them, and which keys followed one another. Pure."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.note import LATEST_TIME, TIMED, Line, NotANote, Note, Vkey, WrongSignature
from application.verifier.formats.policy import NONE, Policy
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.signature_pool import MOST_WORKERS

WAVE, PART = 1_024, 32  # checkpoints that are in memory at once, and that one thread takes
NOBODY = Policy((), (), (), "none")


class VerificationFailed(Exception):
    """Ends the search: nothing more can be said after this `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Head:
    """`signed` are the log's lines, `cosigned` those of witnesses; every one of them is verified."""

    raw: bytes
    checkpoint: Checkpoint
    signed: tuple[tuple[Vkey, Line], ...]
    cosigned: tuple[tuple[Vkey, Line], ...]

    @classmethod
    def read(cls, raw: bytes, vkeys: Iterable[Vkey], policy: Policy = NOBODY) -> Head:
        """Lines of unknown keys are passed over, so `signed` may be empty. Raises VerificationFailed."""
        since = dict.fromkeys(vkeys, -1)
        return cls.read_of(raw, since, policy)

    @classmethod
    def read_of(cls, raw: bytes, since: Mapping[Vkey, int], policy: Policy) -> Head:
        """With the lines of those keys that were the log's by its size. Raises VerificationFailed."""
        try:
            note = Note.parse(raw)
            checkpoint = Checkpoint.parse(note.text)
            by_then = [vkey for vkey, index in since.items() if index < checkpoint.size]
            signed = note.verified([vkey for vkey in by_then if vkey.name == checkpoint.origin])
            # Whoever signs in the log's own name has seen nothing that the log doesn't say itself.
            others = [witness.vkey for witness in policy.witnesses if witness.vkey.name != checkpoint.origin]
            cosigned = note.verified(others)
        except (NotANote, NotACheckpoint, WrongSignature) as error:
            raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", f"检查点已损坏或被改动（{error}）")) from None
        return cls(raw, checkpoint, tuple(signed), tuple(cosigned))

    def joined(self, other: Head) -> Head:
        """With the lines of another copy of the same checkpoint."""
        return replace(self, signed=self.signed + other.signed, cosigned=self.cosigned + other.cosigned)

    @property
    def time(self) -> int | None:
        """The newest time in the log's own lines, if one tells."""
        return self.time_until(LATEST_TIME)

    def time_until(self, until: int) -> int | None:
        """The newest time in the log's own lines that is not after this one."""
        times = (line.time for vkey, line in self.signed if vkey.kind in TIMED)
        return max((time for time in times if time <= until), default=None)

    def witnesses(self, until: int) -> tuple[tuple[str, int], ...]:
        """Who cosigned it, each with the newest time that is not after this one."""
        times = sorted((vkey.name, line.time) for vkey, line in self.cosigned if line.time <= until)
        return tuple(dict(times).items())

    def witnessed(self, policy: Policy, since: int = 0, until: int = LATEST_TIME) -> bool:
        """Whether the policy is content with the cosignatures made between these times."""
        return policy.satisfied(vkey for vkey, line in self.cosigned if since <= line.time <= until)

    def unknown_lines(self, policy: Policy) -> Iterator[str]:
        """What a verdict must say of names under the checkpoint that nobody verified; nothing where no witness was asked for."""
        known = {self.checkpoint.origin, *(vkey.name for vkey, _ in self.cosigned)}
        names = {line.name for line in Note.parse(self.raw).lines} - known
        if policy.quorum != NONE and names:
            shown = ", ".join(
                "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name[:80])
                for name in sorted(names)
            )
            yield f"检查点上有策略以外的签名行，未核对：{shown[:400]}"


def opened(raw: bytes, vkeys: Iterable[Vkey]) -> tuple[Checkpoint, int | None]:
    """A signed checkpoint and the time in its signatures, if one tells. Raises VerificationFailed."""
    head = Head.read(raw, vkeys)
    if not head.signed:
        raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
    return head.checkpoint, head.time


class KeySuccession:
    """Keys of the log that took over from those the reader holds, each from an index on (docs/format.md §4, log key rotation)."""

    def __init__(self, origin: str, vkeys: Iterable[Vkey]) -> None:
        self.origin = origin
        self.since = {vkey: -1 for vkey in vkeys if vkey.name == origin}

    def follow(self, rotations: Sequence[tuple[int, dict[str, Any]]]) -> Fault | None:
        """Take in what the log says of its keys; the first rotation that the old key did not sign for is a fault."""
        for index, data in rotations:
            try:
                old, new = Vkey.parse(data["old"]), Vkey.parse(data["new"])
                old.verify_raw(str(new).encode(), b64decode(data["proof"], validate=True))
            except (KeyError, TypeError, AttributeError, ValueError):
                return Fault("EVENT_KEY", "日志密钥的更换没有旧密钥的有效签名", index)
            if {old.name, new.name} != {self.origin}:
                return Fault("EVENT_KEY", "更换的不是本日志的密钥", index)
            if old in self.since:
                self.since.setdefault(new, index)
        return None

    def unnamed(self, log_keys: Iterable[str], rotations: Sequence[tuple[int, dict[str, Any]]]) -> Fault | None:
        """Each key that the reader holds must be one that the first entry names, or that took over from one of them."""
        named = named_by(log_keys, rotations)
        for vkey in self.since:
            if str(vkey) not in named:
                return Fault("GENESIS", f"首条没有写明所给的日志公钥 {vkey.label}，此后也没有更换为它", 0)
        return None

    def signed(self, raw: bytes, policy: Policy) -> Head:
        """The checkpoint with the lines of those keys that were the log's by then. Raises VerificationFailed."""
        return Head.read_of(raw, self.since, policy)

    def all_signed(self, raws: Iterable[bytes], policy: Policy) -> Iterator[Head | Fault]:
        """Of each of many, in their order. Threads: a signature is verified without Python's lock, and is most of it."""
        left = iter(raws)
        with ThreadPoolExecutor(MOST_WORKERS) as pool:
            while wave := list(islice(left, WAVE)):
                parts = [wave[at : at + PART] for at in range(0, len(wave), PART)]
                for judged in pool.map(lambda part: [self._judged(raw, policy) for raw in part], parts):
                    yield from judged

    def _judged(self, raw: bytes, policy: Policy) -> Head | Fault:
        try:
            return self.signed(raw, policy)
        except VerificationFailed as found:
            fault = found.fault
            return fault


def foreign_lines(raw: bytes, origin: str, named: Iterable[str]) -> str | None:
    """What must be said of lines that bear the log's name and are not signed with any key that the log itself names: whoever
    holds only one of its keys would not see it.
    """
    note, good = Note.parse(raw), 0
    keys = [vkey for text in named if (vkey := key_named(text)) is not None and vkey.name == origin]
    own = [line for line in note.lines if line.name == origin]
    for line in own:
        with suppress(WrongSignature):
            good += bool(Note(note.text, (line,)).verified(keys))
    return f"检查点上以日志名义的签名有 {len(own) - good} 行不是日志的密钥所签" if good < len(own) else None


def key_named(text: str) -> Vkey | None:
    """The key that a text of the log names; None for what is no key."""
    try:
        return Vkey.parse(text)
    except NotANote:
        return None


def named_by(log_keys: Iterable[str], rotations: Sequence[tuple[int, dict[str, Any]]]) -> set[str]:
    """The log's own keys, as it names them: in its first entry, and those that took over from one of them."""
    named = set(log_keys)
    for _, data in rotations:
        named |= {data["new"]} if data["old"] in named else set()
    return named
