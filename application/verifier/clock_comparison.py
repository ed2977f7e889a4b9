"""Times of witnesses, of the log and of whoever asks, held against one another: a wrong clock accuses nobody. Pure.

A cosignature bounds when events can have been recorded (`brackets`) only if its own clock is credible: not before the log itself
signed that checkpoint, and not later than now. Every other one is told with both times, and bounds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import TIMED
from application.verifier.formats.policy import Policy
from application.verifier.rules.time_bounds import GRACE, LATEST_TIME, Seen, clock_face
from application.verifier.signed_heads import Head

DAY = 24 * 3_600
UNBOUNDED = 2**63 - 1


def latest(now: int) -> int:
    """The last time that counts; `now` 0: whoever asks has no clock."""
    return min(now, LATEST_TIME) + GRACE if now else UNBOUNDED


class Cosigned(NamedTuple):
    """A witness's verified line under the checkpoint of that size."""

    name: str
    time: int
    size: int
    at_once: bool


class Clocks:
    """Gathers every head that is met; copies of one checkpoint together have its earliest signature by the log."""

    def __init__(self, policy: Policy, now: int) -> None:
        self.now, self._until = now, latest(now)
        self._asked_at_once = {witness.vkey for witness in policy.witnesses if witness.url}
        self._signed: dict[Checkpoint, set[int]] = {}
        self._cosigned: dict[Checkpoint, set[Cosigned]] = {}

    def add(self, head: Head) -> None:
        size = head.checkpoint.size
        self._signed.setdefault(head.checkpoint, set()).update(
            line.time for vkey, line in head.signed if vkey.kind in TIMED
        )
        self._cosigned.setdefault(head.checkpoint, set()).update(
            Cosigned(vkey.name, line.time, size, vkey in self._asked_at_once) for vkey, line in head.cosigned
        )

    def seen(self) -> list[Seen]:
        """What bounds recorded times.

        From below only whoever was asked when the log had just signed: a cosignature made from a copy may be days younger.
        """
        found = []
        for checkpoint, signed, line in self._lines():
            if signed and min(signed) - GRACE <= line.time <= self._until:
                is_close = any(abs(line.time - time) <= GRACE for time in signed)
                found.append(Seen(checkpoint.size, line.time, line.at_once and is_close))
        return found

    def slow(self) -> list[Cosigned]:
        """Those whose time lies before the log itself signed: one of the two clocks was wrong."""
        return [line for _, signed, line in self._lines() if _is_slow(line, signed)]

    def notes(self) -> Iterator[str]:
        """For each witness its newest line that bounds nothing, with both times."""
        slow = {line.name: (line, signed) for _, signed, line in self._lines() if _is_slow(line, signed)}
        for name, (line, signed) in sorted(slow.items()):
            yield (
                f"见证人 {name} 对第 {line.size} 条处检查点的签署时间 {clock_face(line.time)} 早于日志自己的签署时间 "
                f"{clock_face(min(signed))}，两边必有一台时钟不准：此时间未采用，不说明任何人有错"
            )
        if self.now and (ahead := self.ahead()):
            yield (
                f"有签署时间（{clock_face(ahead)}）晚于本机时钟（{clock_face(self.now)}），一律不计；请先核对本机时钟"
            )
        if any(not signed for _, signed, _ in self._lines()):
            yield "所给的日志公钥签署时不带时间，见证时间无从核对，未用于核对记录时间；请同时给出日志的 ML-DSA-44 公钥"

    def ahead(self) -> int:
        """The latest time that has not come yet, of the log or of a witness; 0 if there is none."""
        times = [time for signed in self._signed.values() for time in signed]
        times += [line.time for _, _, line in self._lines()]
        return max((time for time in times if time > self._until), default=0)

    def _lines(self) -> Iterator[tuple[Checkpoint, set[int], Cosigned]]:
        for checkpoint, lines in self._cosigned.items():
            for line in sorted(lines):
                yield checkpoint, self._signed[checkpoint], line


def _is_slow(line: Cosigned, signed: set[int]) -> bool:
    return bool(signed) and line.time < min(signed) - GRACE


def ahead(time: int, now: int) -> str:
    """What to do about a time that has not come yet."""
    return (
        f"签署时间 {clock_face(time)} 晚于本机时钟 {clock_face(now)}，不能采用：请先核对本机时钟再核验；"
        "本机无误的，是签署一方的时钟快了"
    )
