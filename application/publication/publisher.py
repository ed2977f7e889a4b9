"""Writes the log as a folder of files that anybody can check (C2SP tlog-tiles; docs/format.md §6.2). 发布

Cost goes with what is new. Files are written whole, read again and never overwritten with other bytes; before anything is
signed the publisher's own small store (HOME/publisher/head) takes the new head, and refuses one that does not extend it.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home, alone, settle, write_whole, writing
from application.publication.published_log import Published
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.merkle import EMPTY_ROOT, Edge, leaf_hash
from application.verifier.formats.note import Line, NotANote, Note
from application.verifier.formats.tiles import (
    ENTRIES,
    WIDTH,
    Growing,
    Malformed,
    Missing,
    Tiles,
    directory,
    join,
    path_of,
    paths,
)
from application.verifier.rules.time_bounds import GRACE, told

RENEWED = 3_600  # seconds after which a checkpoint that has not changed is signed anew


class Source(Protocol):
    """The log, as the publisher reads it; `first` and `stop` are leaf indices."""

    def head(self) -> Edge: ...

    def entries(self, first: int, stop: int) -> Iterable[bytes]: ...

    def keys(self) -> dict[str, dict[str, Any]]: ...


class Publisher:
    """`write(path, bytes)` puts a file in its place whole; tests make it fail."""

    def __init__(
        self,
        home: Home,
        keys: LogKeys,
        source: Source,
        *,
        write: Callable[[Path, bytes], None] = write_whole,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.home, self.keys, self.source, self.clock = home, keys, source, clock
        self._write = write
        self.origin = keys.keys[0].name
        self.published = Published(home, self.origin, keys.vkeys)
        self._checked = self._clean = False

    def publish(self) -> Checkpoint:
        """Publish what is new; safe to call at any time, from any process. Raises OperatorError."""
        with self._alone(), writing(self.home.trail):
            self.keys.reread()
            self.published.vkeys = self.keys.vkeys
            if not self._checked:
                self._check()
            if not self._clean:
                self.published.sweep(self.published.head().size)
            self._clean = False
            checkpoint = self._advanced()
            if not (self.home.trail / "keys.json").exists():  # somebody has moved a damaged one away
                self._list_keys()
            self._name_keys()
            self._clean = True
            return checkpoint

    def gain(self, text: str, lines: Sequence[Line]) -> None:
        """Witnesses' lines, verified by the caller, under a checkpoint that was published. Raises OperatorError."""
        with self._alone(), writing(self.home.trail):
            size = Checkpoint.parse(text).size
            kept, newest = self._note(f"checkpoints/{size}"), self._note("checkpoint")
            if kept is None or kept.text != text:
                raise OperatorError(
                    f"couldn't add a cosignature: no such checkpoint of {size} entries was published here"
                )
            self._check_times(kept, lines)
            self._replace(f"checkpoints/{size}", kept.gained(lines).to_bytes())
            self._write(self.published.witnessed_file, self.published.remembering(size, lines))
            if newest is not None and newest.text == text:
                self._replace("checkpoint", newest.gained(lines, newer=True).to_bytes())

    def _check_times(self, kept: Note, lines: Sequence[Line]) -> None:
        """A witness whose clock is wrong would have every verifier name honest entries (time_bounds.py). Raises OperatorError."""
        first, last = self.published.signed_at(kept) - GRACE, int(self.clock()) + GRACE
        for line in lines:
            if not first <= line.time <= last:
                raise OperatorError(
                    f"couldn't add the cosignature of {line.name}: its time, {told(line.time)}, is not between when the "
                    f"checkpoint was signed, {told(first + GRACE)}, and now, {told(last - GRACE)}; set the clock that is wrong"
                )

    def _advanced(self) -> Checkpoint:
        before, head = self.published.head(), self.source.head()
        if head.size < before.size:
            raise OperatorError(
                f"couldn't publish: the log has {head.size} entries, but {before.size} were published already; "
                "it was restored or cut, see `xiaohao fsck`"
            )
        checkpoint = Checkpoint(self.origin, head.size, head.root)
        newest = self._note("checkpoint")
        if head.size > before.size or newest is None or newest.text != checkpoint.text or not self._is_kept(head.size):
            self._grow(before, head)
            self._sign(checkpoint)
            self.published.sweep_full(before.size, checkpoint.size)
        elif self.clock() - self.published.signed_at(newest) > RENEWED:
            self._replace("checkpoint", newest.gained(self._signed(checkpoint).lines, newer=True).to_bytes())
        return checkpoint

    def _is_kept(self, size: int) -> bool:
        return (self.home.trail / f"checkpoints/{size}").exists()

    def _check(self) -> None:
        """Once in a process: that the log still leads to what was published, and that the folder holds it. Raises OperatorError."""
        self.home.trail.chmod(0o700)  # whoever copied it back may have opened it: the entries are internal
        before = self.published.largest()
        if before != self.published.head():
            self._keep_head(before)  # the store was lost, or put back from a copy; what was signed binds all the same
        if self.source.head().size >= before.size:
            growing = Growing()
            for entry in self.source.entries(0, before.size):
                growing.add(leaf_hash(entry))
            self._check_extends(growing, before)
            if not all((self.home.trail / path).exists() for path in paths(before.size)):
                self._grow(Checkpoint(self.origin, 0, EMPTY_ROOT), growing.edge)  # what the folder lost
            self._checked = True

    def _grow(self, before: Checkpoint, head: Edge) -> None:
        growing = self._resumed(before)
        first = growing.size - growing.size % WIDTH
        entries: list[bytes] = []
        for index, entry in enumerate(self.source.entries(first, head.size), first):
            entries.append(entry)
            if index >= growing.size:
                self._keep_full(growing.add(leaf_hash(entry)))
            self._check_extends(growing, before)
            if len(entries) == WIDTH:
                self._keep(path_of(ENTRIES, index // WIDTH), join(entries))
                entries.clear()
        if growing.edge != head:
            raise OperatorError("couldn't publish: the entries do not lead to the log's own head; see `xiaohao fsck`")
        for level, number, hashes in growing.partials():
            self._keep(path_of(level, number, len(hashes)), b"".join(hashes))
        if entries:
            self._keep(path_of(ENTRIES, head.size // WIDTH, len(entries)), join(entries))
        self._read_again(before.size, head)

    def _keep_full(self, tiles: list[tuple[int, int, list[bytes]]]) -> None:
        for level, number, hashes in tiles:
            self._keep(path_of(level, number), b"".join(hashes))

    @staticmethod
    def _check_extends(growing: Growing, before: Checkpoint) -> None:
        if growing.size == before.size and growing.edge.root != before.root:
            raise OperatorError("couldn't publish: the log no longer leads to the head that was published before")

    def _resumed(self, before: Checkpoint) -> Growing:
        """The tree as it was published, from its tiles; from the first entry on where they are not to be trusted."""
        try:
            growing = Growing.resumed(Tiles(directory(self.home.trail), before.size), before.size)
            if growing.edge.root == before.root:
                return growing
        except (Missing, Malformed):
            self.keys.reread()
        return Growing()

    def _read_again(self, before: int, head: Edge) -> None:
        """Nothing is signed that the files themselves, hashed again, do not lead to; then they are fixed on the disk."""
        tiles = Tiles(directory(self.home.trail), head.size)
        try:
            for number in range(before // WIDTH, -(-head.size // WIDTH)):
                if [leaf_hash(entry) for entry in tiles.entries(number)] != tiles.hashes(0, number):
                    raise Malformed(path_of(ENTRIES, number))
            if Growing.resumed(tiles, head.size).edge != head:
                raise Malformed("tile")
        except (Missing, Malformed) as wrong:
            raise OperatorError(f"couldn't publish: {wrong} was not written as it should be; check the disk") from None
        self.published.settle(before, head.size)

    def _sign(self, checkpoint: Checkpoint) -> None:
        self._keep_head(checkpoint)
        signed, name = self._signed(checkpoint), f"checkpoints/{checkpoint.size}"
        kept = self._note(name)
        if kept is None:
            self._keep(name, signed.to_bytes())
        elif kept.text != checkpoint.text:
            raise OperatorError(
                f"couldn't publish: {self.home.trail / name} is of another tree; nothing is overwritten"
            )
        self._list_keys()
        self._name_keys()
        self._replace("checkpoint", signed.to_bytes())

    def _list_keys(self) -> None:
        """Readers of this file take the spaces in it for nothing, and nobody signs it: it is computed from the log and compared."""
        self._replace("keys.json", json.dumps(self.source.keys(), indent=1, sort_keys=True).encode())

    def _name_keys(self) -> None:
        named = "".join(f"{vkey}\n" for vkey in self.keys.vkeys).encode()
        if directory(self.home.trail)("log.vkey") != named:
            self._replace("log.vkey", named)

    def _keep_head(self, checkpoint: Checkpoint) -> None:
        head = {"origin": checkpoint.origin, "size": checkpoint.size, "root": b64encode(checkpoint.root).decode()}
        self._write(self.published.head_file, json.dumps(head).encode())
        settle(self.home.publisher)

    def _signed(self, checkpoint: Checkpoint) -> Note:
        return self.keys.sign(checkpoint, int(self.clock()))

    def _note(self, name: str) -> Note | None:
        try:
            note = Note.parse((self.home.trail / name).read_bytes())
            Checkpoint.parse(note.text)
            return note
        except (FileNotFoundError, NotANote, NotACheckpoint):
            return None

    def _keep(self, name: str, content: bytes) -> None:
        """A file that is never changed again: one that stands there must hold the same bytes."""
        path = self.home.trail / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, content)
        if path.read_bytes() != content:
            raise OperatorError(f"couldn't publish: {path} holds other bytes than it must; nothing is overwritten")

    def _replace(self, name: str, content: bytes) -> None:
        path = self.home.trail / name
        self._write(path, content)
        if path.read_bytes() != content:
            raise OperatorError(f"couldn't publish: {path} was not written as it should be; check the disk")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with writing(self.home.publisher):
            self.home.publisher.mkdir(parents=True, exist_ok=True, mode=0o700)
            with alone(self.home.publisher / "lock"):
                yield
