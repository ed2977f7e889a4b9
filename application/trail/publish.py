"""Writes the log as a folder of files that anybody can check (C2SP tlog-tiles; trail.md §6.2). 发布

Cost goes with what is new. Files are written whole, read again and never overwritten with other bytes; before anything is
signed the publisher's own small store (HOME/publisher/head) takes the new head, and refuses one that does not extend it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from application.failures import CouldNot
from application.store.home import Home, write_whole, writing
from application.trail.checkpoint import Checkpoint
from application.trail.logkeys import LogKeys
from application.trail.merkle import EMPTY_ROOT, Edge, leaf_hash
from application.trail.note import NotANote, Note
from application.trail.tiles import ENTRIES, WIDTH, Growing, Malformed, Missing, Tiles, directory, join, path_of

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

    def publish(self) -> Checkpoint:
        """Publish what is new; safe to call at any time, from any process. Raises CouldNot."""
        with self._alone(), writing(self.home.trail):
            before, head = self._published(), self.source.head()
            if head.size < before.size:
                raise CouldNot(
                    f"couldn't publish: the log has {head.size} entries, but {before.size} were published already; "
                    "it was restored or cut, see `xiaohao fsck`"
                )
            checkpoint = Checkpoint(self.origin, head.size, head.root)
            if head.size > before.size or not self._stands(checkpoint):
                self._grow(before, head)
                self._sign(checkpoint)
                self._sweep(before.size, checkpoint.size)
            elif self._is_old():
                self._replace("checkpoint", self._signed(checkpoint))
            return checkpoint

    def _published(self) -> Checkpoint:
        path = self.home.publisher / "head"
        if not path.exists():
            return Checkpoint(self.origin, 0, EMPTY_ROOT)
        found = json.loads(path.read_text())
        return Checkpoint(found["origin"], found["size"], b64decode(found["root"]))

    def _stands(self, checkpoint: Checkpoint) -> bool:
        """Whether the folder's checkpoint is this one already: after a crash it may be older than the publisher's head."""
        try:
            return Note.parse((self.home.trail / "checkpoint").read_bytes()).text == checkpoint.text
        except (FileNotFoundError, NotANote):
            return False

    def _is_old(self) -> bool:
        return self.clock() - (self.home.trail / "checkpoint").stat().st_mtime > RENEWED

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
            raise CouldNot("couldn't publish: the entries do not lead to the log's own head; see `xiaohao fsck`")
        for level, number, hashes in growing.partials():
            self._keep(path_of(level, number, len(hashes)), b"".join(hashes))
        if entries:
            self._keep(path_of(ENTRIES, head.size // WIDTH, len(entries)), join(entries))

    def _keep_full(self, tiles: list[tuple[int, int, list[bytes]]]) -> None:
        for level, number, hashes in tiles:
            self._keep(path_of(level, number), b"".join(hashes))

    @staticmethod
    def _check_extends(growing: Growing, before: Checkpoint) -> None:
        if growing.size == before.size and growing.edge.root != before.root:
            raise CouldNot("couldn't publish: the log no longer leads to the head that was published before")

    def _resumed(self, before: Checkpoint) -> Growing:
        """The tree as it was published, from its tiles; from the first entry on where they are not to be trusted."""
        try:
            growing = Growing.resumed(Tiles(directory(self.home.trail), before.size), before.size)
            if growing.edge.root == before.root:
                return growing
        except (Missing, Malformed):
            pass
        return Growing()

    def _sign(self, checkpoint: Checkpoint) -> None:
        head = {"origin": checkpoint.origin, "size": checkpoint.size, "root": b64encode(checkpoint.root).decode()}
        self._write(self.home.publisher / "head", json.dumps(head).encode())
        signed = self._signed(checkpoint)
        if not (self.home.trail / f"checkpoints/{checkpoint.size}").exists():
            self._keep(f"checkpoints/{checkpoint.size}", signed)
        keys = json.dumps(self.source.keys(), indent=1, sort_keys=True)
        self._replace("keys.json", keys.encode())
        self._replace("log.vkey", "".join(f"{vkey}\n" for vkey in self.keys.vkeys).encode())
        self._replace("checkpoint", signed)

    def _signed(self, checkpoint: Checkpoint) -> bytes:
        return self.keys.sign(checkpoint, int(self.clock())).to_bytes()

    def _sweep(self, before: int, size: int) -> None:
        """Partial tiles go when their full tile stands and a checkpoint names it (C2SP tlog-tiles)."""
        level = 0
        while size := size // WIDTH:
            before //= WIDTH
            for row in [ENTRIES, level] if level == 0 else [level]:
                for number in range(before, size):
                    shutil.rmtree(self.home.trail / f"{path_of(row, number)}.p", ignore_errors=True)
            level += 1

    def _keep(self, name: str, content: bytes) -> None:
        """A file that is never changed again: one that stands there must hold the same bytes."""
        path = self.home.trail / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, content)
        if path.read_bytes() != content:
            raise CouldNot(f"couldn't publish: {path} holds other bytes than it must; nothing is overwritten")

    def _replace(self, name: str, content: bytes) -> None:
        self._write(self.home.trail / name, content)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with writing(self.home.publisher):
            self.home.publisher.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.home.publisher / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
