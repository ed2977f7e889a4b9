"""检查点与见证: the heads that were signed, and who has cosigned each, as they lie in the published folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from heapq import nlargest
from pathlib import Path
from typing import NamedTuple

from application.platform.home import Home
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.note import Line, NotANote, Note, Vkey, WrongSignature
from application.verifier.formats.policy import NotAPolicy, Policy
from application.verifier.signed_heads import NOBODY


class Cosigned(NamedTuple):
    """One witness's name under a checkpoint. `known`: its key stands in HOME/policy and the signature is right."""

    name: str
    at: datetime
    known: bool


class Head(NamedTuple):
    """A signed checkpoint; `at` is when it was written here first."""

    size: int
    root: str
    at: datetime
    witnesses: list[Cosigned]


def policy(home: Home) -> Policy:
    """HOME/policy, nobody without one. Raises NotAPolicy."""
    try:
        return Policy.parse(home.policy.read_bytes())
    except FileNotFoundError:
        return NOBODY
    except OSError as error:
        raise NotAPolicy(str(error)) from None


def vkeys(home: Home) -> list[Vkey]:
    """The log's keys as they are published: the commission compares them with its paper."""
    try:
        return [Vkey.parse(line) for line in (home.trail / "log.vkey").read_text().splitlines() if line]
    except (OSError, NotANote):
        return []


def witnesses(home: Home) -> list[str]:
    """Whom the policy names: each once, however many keys it has."""
    return sorted({each.vkey.name for each in _known(home).witnesses})


def newest(home: Home) -> Head | None:
    """The published checkpoint with what was cosigned for its size."""
    return _read(home, home.trail / "checkpoint", _known(home))


def latest(home: Home, size: int, *, upto: int | None = None) -> list[Head]:
    """The heads that were signed last, the largest first; a busy year leaves a hundred thousand of them."""
    folder = home.trail / "checkpoints"
    try:
        sizes = (int(name) for name in os.listdir(folder) if name.isdecimal())
    except FileNotFoundError:
        return []
    known, largest = _known(home), nlargest(size, (each for each in sizes if upto is None or each <= upto))
    heads = (_read(home, folder / str(each), known) for each in largest)
    return [head for head in heads if head is not None]


def with_cosignatures(home: Home, note: Note) -> Note:
    """The checkpoint with every witness's line that checkpoints/<size> has gained besides."""
    origin, size, *_root = note.text.split("\n")
    try:
        kept = Note.parse((home.trail / "checkpoints" / size).read_bytes())
    except (OSError, NotANote):
        return note
    lines = [line for line in kept.lines if line.name != origin] if kept.text == note.text else []
    return Note(note.text, tuple({str(line): line for line in (*note.lines, *lines)}.values()))


def _known(home: Home) -> Policy:
    """A file that is no policy makes nobody known; the verdict says so."""
    try:
        return policy(home)
    except NotAPolicy:
        return NOBODY


def _read(home: Home, path: Path, known: Policy) -> Head | None:
    try:
        note, at = Note.parse(path.read_bytes()), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        checkpoint = Checkpoint.parse(note.text)
    except (OSError, NotANote, NotACheckpoint):
        return None
    times: dict[tuple[str, bool], int] = {}
    for line in with_cosignatures(home, note).lines:
        if line.name != checkpoint.origin:
            name = line.name, any(_has_signed(each.vkey, note.text, line) for each in known.witnesses)
            times[name] = max(line.time, times.get(name, 0))
    found = [Cosigned(name, _moment(time), is_known) for (name, is_known), time in times.items()]
    found.sort(key=lambda one: one.at, reverse=True)
    return Head(checkpoint.size, checkpoint.root.hex(), at, found)


def _has_signed(vkey: Vkey, text: str, line: Line) -> bool:
    try:
        return bool(Note(text, (line,)).verified([vkey]))
    except WrongSignature:
        return False


def _moment(seconds: int) -> datetime:
    """Unknown lines may say anything, so a time beyond all calendars is the last one."""
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC)
