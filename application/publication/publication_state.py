"""已记录 → 已发布 → 已见证: how far an entry of the log has come, and the proof that whoever may see it can take away."""

from __future__ import annotations

from typing import NamedTuple

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.cosigning import policy_of
from application.publication.published_log import Published
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.note import NotANote, Note, WrongSignature
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Malformed, Missing, Tiles, directory

RECORDED, PUBLISHED, WITNESSED = "recorded", "published", "witnessed"


class Cosigned(NamedTuple):
    """By whom, and when in POSIX seconds."""

    name: str
    time: int


class PublicationState(NamedTuple):
    """`witnesses` have cosigned the tree of `witnessed_size`, the newest that any has; empty if that does not reach here."""

    state: str
    published_size: int
    witnessed_size: int
    witnesses: tuple[Cosigned, ...] = ()


class Proved(NamedTuple):
    """The `.tlog-proof` and the `.entry` of a position, in the tree of `size`."""

    proof: bytes
    entry: bytes
    size: int


def standing(home: Home, position: int) -> PublicationState:
    """Of the entry at this position. What the files say is taken from them: a verdict is `verify`'s."""
    newest, witnessed = _note(home, "checkpoint"), _witnessed(home)
    published = Checkpoint.parse(newest.text).size if newest else 0
    size, witnesses = witnessed or (0, ())
    if position <= size:
        return PublicationState(WITNESSED, published, size, witnesses)
    return PublicationState(PUBLISHED if position <= published else RECORDED, published, size)


def proved(home: Home, position: int) -> Proved:
    """The strongest there is: under the newest witnessed checkpoint that reaches here, else the newest. Raises OperatorError."""
    witnessed = _witnessed(home)
    name = f"checkpoints/{witnessed[0]}" if witnessed and position <= witnessed[0] else "checkpoint"
    note = _note(home, name)
    if note is None:
        raise OperatorError(f"couldn't prove position {position}: nothing is published in {home.trail}")
    size = Checkpoint.parse(note.text).size
    if position > size:
        raise OperatorError(f"couldn't prove position {position}: only {size} entries are published; publish first")
    tiles = Tiles(directory(home.trail), size)
    try:
        return Proved(prove(position - 1, note, tiles).to_bytes(), tiles.entry(position - 1), size)
    except (Missing, Malformed) as error:
        raise OperatorError(f"couldn't prove position {position}: the published log is damaged: {error}") from None


def _witnessed(home: Home) -> tuple[int, tuple[Cosigned, ...]] | None:
    """The newest size that a witness of the policy has cosigned, and who did; None before the first."""
    size = Published(home, "", ()).witnessed()
    note = _note(home, f"checkpoints/{size}") if size else None
    witnesses = _cosigned(home, note) if note else ()
    return (size, witnesses) if witnesses else None


def _cosigned(home: Home, note: Note) -> tuple[Cosigned, ...]:
    """Each witness once, with its first time."""
    try:
        policy = policy_of(home)
    except OperatorError:
        return ()  # the job that asks the witnesses says so
    found: dict[str, int] = {}
    for vkey in [each.vkey for each in policy.witnesses] if policy else []:
        for line in filter(vkey.matches, note.lines):
            try:
                vkey.verify(note.text, line)
            except WrongSignature:
                continue
            found[vkey.name] = min(line.time, found.get(vkey.name, line.time))
    return tuple(Cosigned(name, time) for name, time in found.items())


def _note(home: Home, name: str) -> Note | None:
    """Raises OperatorError if it is damaged."""
    path = home.trail / name
    try:
        note = Note.parse(path.read_bytes())
        Checkpoint.parse(note.text)
        return note
    except FileNotFoundError:
        return None
    except (NotANote, NotACheckpoint) as error:
        raise OperatorError(f"couldn't read {path}: the published log is damaged: {error}") from None
