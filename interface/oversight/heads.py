"""检查点与见证: the heads that were signed, and who has cosigned each, as they lie in the published folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from application.store.home import Home
from application.trail.checkpoint import Checkpoint, NotACheckpoint
from application.trail.note import TIMED, Line, NotANote, Note, Vkey, WrongSignature


class Cosigned(NamedTuple):
    """One witness's line under a checkpoint. `known`: its key stands in HOME/policy and the signature is right."""

    name: str
    at: datetime
    known: bool


class Head(NamedTuple):
    """A signed checkpoint; `at` is when it was written here first."""

    size: int
    root: str
    at: datetime
    witnesses: list[Cosigned]


def witnesses(home: Home) -> dict[str, Vkey]:
    """Name and key of each witness of the policy file (`witness <name> <vkey> [url]`), none without one."""
    try:
        lines = (home.path / "policy").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        if len(words := line.split()) >= 3 and words[0] == "witness":
            try:
                found[words[1]] = Vkey.parse(words[2])
            except NotANote:
                continue
    return found


def newest(home: Home) -> Head | None:
    """The published checkpoint with what was cosigned for its size."""
    return _read(home, home.trail / "checkpoint", witnesses(home))


def latest(home: Home, size: int) -> list[Head]:
    """The heads that were signed last, the largest first."""
    try:
        names = [path.name for path in (home.trail / "checkpoints").iterdir() if path.name.isdecimal()]
    except FileNotFoundError:
        return []
    known = witnesses(home)
    largest = sorted(map(int, names), reverse=True)[:size]
    heads = (_read(home, home.trail / "checkpoints" / str(each), known) for each in largest)
    return [head for head in heads if head is not None]


def _read(home: Home, path: Path, known: dict[str, Vkey]) -> Head | None:
    try:
        note, at = Note.parse(path.read_bytes()), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        checkpoint = Checkpoint.parse(note.text)
    except (OSError, NotANote, NotACheckpoint):
        return None
    names = {vkey.name: name for name, vkey in known.items()}
    found = [
        Cosigned(names.get(line.name, line.name), _moment(line.time), _is_right(note.text, line, known))
        for line in with_cosignatures(home, note).lines
        if line.name != checkpoint.origin
    ]
    return Head(checkpoint.size, checkpoint.root.hex(), at, sorted(found, key=lambda one: one.at, reverse=True))


def with_cosignatures(home: Home, note: Note) -> Note:
    """The checkpoint with every witness's line that checkpoints/<size> has gained besides."""
    origin, size, *_root = note.text.split("\n")
    try:
        kept = Note.parse((home.trail / "checkpoints" / size).read_bytes())
    except (OSError, NotANote):
        return note
    lines = [line for line in kept.lines if line.name != origin] if kept.text == note.text else []
    return Note(note.text, tuple({str(line): line for line in (*note.lines, *lines)}.values()))


def _is_right(text: str, line: Line, known: dict[str, Vkey]) -> bool:
    for vkey in known.values():
        if vkey.kind in TIMED and vkey.matches(line):
            try:
                vkey.verify(text, line)
            except WrongSignature:
                return False
            return True
    return False


def _moment(seconds: int) -> datetime:
    """Unknown lines may say anything, so a time beyond all calendars is the last one."""
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC)
