"""见证: cosigns a log's checkpoints as long as each extends the last one, and keeps what contradicts it (C2SP tlog-witness).

Belongs to the commission, not to the service: own home, own keys, own memory. Whatever arrives may come from an attacker;
only a signature of a log that the witness knows counts for anything.
"""

from __future__ import annotations

import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import NamedTuple, NoReturn, Protocol

from application.verifier.folder_survey import names_of_log
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.merkle import (
    EMPTY_ROOT,
    HASH,
    NotProved,
    prove_consistency,
    root_of,
    verify_consistency,
)
from application.verifier.formats.note import ED25519, Line, NotANote, Note, NoteKey, Vkey, WrongSignature
from application.verifier.formats.tiles import Fetch, Malformed, Missing, Tiles
from application.verifier.messages_en import english
from application.verifier.rules.time_bounds import GRACE, clock_face
from application.verifier.signed_heads import VerificationFailed

DAY = 24 * 3_600  # seconds after which a log's own signature is old: the log is signed anew every hour
LARGEST_REQUEST = 1 << 18  # bytes: 63 hashes and a checkpoint with more lines than anybody has witnesses
MOST_HASHES = 63
OLD = re.compile(rb"old (0|[1-9]\d{0,18})", re.ASCII)
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


class Memory(Protocol):
    """What a witness remembers of each log, by its origin (application/publication/witness_store.py keeps it in files)."""

    def alone(self, origin: str) -> AbstractContextManager[None]:
        """One at a time for each log: between asking for the last checkpoint and remembering the next."""
        ...

    def last(self, origin: str) -> Note | None: ...

    def remember(self, origin: str, note: Note) -> None:
        """Returns when it would survive a crash."""
        ...

    def testify(self, origin: str, kind: str, signed: bytes) -> None:
        """Keep a whole signed checkpoint, beside the one that was cosigned last; never overwrites. `kind` begins with what is
        wrong: fork, rollback, unproved, or ahead (the witness's own clock was).
        """
        ...


class Answer(NamedTuple):
    status: int
    body: bytes
    media_type: str = TEXT


class Refused(Exception):
    """Not cosigned: the status of the answer, and why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Signed(NamedTuple):
    """A checkpoint with the verified lines of its log, and the bytes it came in."""

    head: Checkpoint
    note: Note
    raw: bytes


class Witness:
    def __init__(
        self, keys: Sequence[NoteKey], logs: Iterable[Vkey], memory: Memory, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.keys, self.logs, self.memory, self.clock = keys, list(logs), memory, clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answers one request of the C2SP protocol; never raises for what it holds."""
        try:
            old, proof, raw = _request(body)
            seen = self._opened(raw)
            with self.memory.alone(seen.head.origin):
                last = self._last(seen.head.origin)
                self._watch(seen, last)
                if old > seen.head.size:
                    raise Refused(400, f"old size {old} is larger than the checkpoint's {seen.head.size}")
                if old != last.size:
                    return Answer(409, f"{last.size}\n".encode(), SIZE)
                self._check(seen, last, proof, "unproved")
                lines = self._cosigned(seen)
        except Refused as refused:
            return Answer(refused.status, f"{refused}\n".encode())
        return Answer(200, "".join(map(str, lines)).encode())

    def cosign(self, fetch: Fetch, *, old_copy: bool = False) -> Note:
        """The checkpoint of a published folder with our lines, if its tiles prove that it extends our last. Raises Refused.

        `old_copy`: whoever asks knows that the folder is older than a day, and that this clock is right.
        """
        _refuse_what_is_no_log(fetch)
        seen = self._opened(fetch("checkpoint") or b"")
        origin, size = seen.head.origin, seen.head.size
        with self.memory.alone(origin):
            last = self._last(origin)
            if size < last.size:
                self._testify("rollback", seen, 409, f"it has {size} entries, but {last.size} were cosigned before")
            self._check(seen, last, _proof(fetch, seen.head, last.size), "fork")
            return seen.note.gained(self._cosigned(seen, old_copy=old_copy))

    def newest(self, origin_hash: str) -> bytes | None:
        """The last cosigned checkpoint of the log whose origin has this SHA-256."""
        for origin in {vkey.name for vkey in self.logs}:
            if sha256(origin.encode()).hexdigest() == origin_hash and (note := self.memory.last(origin)) is not None:
                return note.to_bytes()
        return None

    def _opened(self, raw: bytes) -> Signed:
        try:
            note = Note.parse(raw)
            head = Checkpoint.parse(note.text)
        except (NotANote, NotACheckpoint) as error:
            raise Refused(400, f"not a signed checkpoint: {error}") from None
        trusted = [vkey for vkey in self.logs if vkey.name == head.origin]
        if not trusted:
            raise Refused(404, f"no log is known here as {head.origin}")
        try:
            signed = note.verified(trusted)
        except WrongSignature as error:
            raise Refused(403, str(error)) from None
        if not signed:
            raise Refused(403, "no signature of a key that is trusted for this log")
        return Signed(head, Note(note.text, tuple(line for _, line in signed)), raw)

    def _last(self, origin: str) -> Checkpoint:
        note = self.memory.last(origin)
        return Checkpoint.parse(note.text) if note is not None else Checkpoint(origin, 0, EMPTY_ROOT)

    def _watch(self, seen: Signed, last: Checkpoint) -> None:
        """A smaller tree may be an old checkpoint that somebody sent again; one that the log signed later is a rollback."""
        held = self.memory.last(last.origin)
        if held is not None and seen.head.size < last.size and self._time(seen.note) > self._time(held):
            self.memory.testify(last.origin, f"rollback-{seen.head.size}", seen.raw)

    def _time(self, note: Note) -> int:
        """When the log says that it signed; 0 if none of its keys tells."""
        lines = [line for vkey in self.logs if vkey.kind != ED25519 for line in note.lines if vkey.matches(line)]
        return max((line.time for line in lines), default=0)

    def _check(self, seen: Signed, last: Checkpoint, proof: Sequence[bytes], kind: str) -> None:
        """`kind` of evidence where the proof fails: a stranger's proof may be nonsense, one from the log's own tiles is not."""
        head = seen.head
        if not head.size and head.root != EMPTY_ROOT:
            self._testify("fork", seen, 422, "a log of 0 entries has only one root, and this is another")
        if head.size == last.size and head.root != last.root:
            self._testify("fork", seen, 422, f"another root was cosigned for {head.size} entries")
        try:
            verify_consistency(last.size, head.size, proof, last.root, head.root)
        except NotProved as error:
            self._testify(kind, seen, 422, f"it is not proved to extend the {last.size} cosigned before: {error}")

    def _testify(self, kind: str, seen: Signed, status: int, sentence: str) -> NoReturn:
        self.memory.testify(seen.head.origin, f"{kind}-{seen.head.size}", seen.raw)
        raise Refused(status, sentence)

    def _cosigned(self, seen: Signed, *, old_copy: bool = False) -> list[Line]:
        """Our lines, remembered before anybody sees them. Raises Refused where this clock and the log's don't agree."""
        now = int(self.clock())
        self._hold_clock(now, self._time(seen.note), old_copy)
        time = self._not_before_the_last(seen.head.origin, now)
        lines = [key.sign(seen.note.text, time) for key in self.keys]
        self.memory.remember(seen.head.origin, seen.note.gained(lines))
        return lines

    def _hold_clock(self, now: int, signed: int, old_copy: bool) -> None:
        """A cosignature from a wrong clock would bound times wrongly, or count for nothing; so none is made. Raises Refused.

        A log that tells no time has nothing to hold the clock against.
        """
        clocks = f"this computer's clock says {clock_face(now)}, the log signed the checkpoint at {clock_face(signed)}"
        if signed > now + GRACE:
            raise Refused(
                503,
                f"{clocks}, which is later; set this clock and try again; if it is right, the log's own is wrong: tell its keeper",
            )
        if signed and signed < now - DAY and not old_copy:
            raise Refused(
                503,
                f"{clocks}, more than a day before; set this clock if it is wrong; if it is right, take a new copy of the log "
                "(`witness cosign --old-copy` where there is none)",
            )

    def _not_before_the_last(self, origin: str, now: int) -> int:
        """Times never run backwards, but where the last one has not come yet: then this clock ran ahead, and that is kept."""
        held = self.memory.last(origin)
        ours = [line for line in held.lines if any(key.vkey.matches(line) for key in self.keys)] if held else []
        last = max((line.time for line in ours), default=0)
        if held is not None and last > now + GRACE:
            self.memory.testify(origin, f"ahead-{last}", held.to_bytes())
            return now
        return max(now, last)


def _request(body: bytes) -> tuple[int, list[bytes], bytes]:
    """(old size, proof, signed checkpoint). Raises Refused."""
    if len(body) > LARGEST_REQUEST:
        raise Refused(413, f"a request has at most {LARGEST_REQUEST} bytes")
    first, blank, raw = body.partition(b"\n\n")
    size, *hashes = first.split(b"\n")
    match = OLD.fullmatch(size)
    if match is None or not blank or len(hashes) > MOST_HASHES:
        raise Refused(400, f"not `old <size>`, up to {MOST_HASHES} hashes, an empty line and a signed checkpoint")
    try:
        proof = [b64decode(each, validate=True) for each in hashes]
    except ValueError:
        proof = [b""]
    if any(len(each) != HASH for each in proof):
        raise Refused(400, "a hash of the proof is not 32 bytes in base64")
    return int(match[1]), proof, raw


def _refuse_what_is_no_log(fetch: Fetch) -> None:
    """A folder that somebody else may take for something else is cosigned for nobody. Raises Refused."""
    try:
        names_of_log(fetch)
    except VerificationFailed as found:
        raise Refused(422, english(found.fault.sentence)) from None


def _proof(fetch: Fetch, head: Checkpoint, old: int) -> list[bytes]:
    tiles = Tiles(fetch, head.size)
    try:
        if root_of(head.size, tiles.subtree) != head.root:
            raise Refused(422, "the folder's tiles do not lead to its checkpoint; it is damaged, take a new copy")
        return prove_consistency(old, head.size, tiles.subtree)
    except (Missing, Malformed) as wrong:
        raise Refused(422, f"the folder is damaged: {wrong} is missing or malformed; take a new copy") from None
