"""Epoch keys: files outside the database and its backups; without them what the vault holds of tips is noise (§10.3)."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from psycopg2.extensions import ISQLQuote

from application.platform.home import settle
from application.vault.crypto import KEY, Box, new_key_file

NAMES = r"[1-9][0-9]*\.key"
SETTLED = 1_000_000_000  # nanoseconds: clocks of file systems are coarser than one thinks


class Epochs:
    """HOME/vault/epochs/<number>.key; the newest one wraps, every one that is left unwraps.

    `known` tells the highest number that the vault knows: a key that was lost is never followed by one of the same number.
    """

    def __init__(self, folder: Path, known: Callable[[], int] = lambda: 0) -> None:
        self.folder, self._known, self._least = folder, known, -1
        self._boxes: dict[int, Box] = {}
        self._listed = (0, 0)  # when the folder was last changed, and the newest one then

    @property
    def newest(self) -> int:
        """The first one is made when it is first needed. Another process may have ended some: what is there counts.

        The folder is listed again once it has changed, or if it was changed too lately for its clock to tell.
        """
        changed = self._changed()
        if not changed or changed != self._listed[0]:
            numbers = self._usable()
            for ended in self._boxes.keys() - set(numbers):
                self._boxes.pop(ended, None)
            self._listed = (changed if time.time_ns() - changed > SETTLED else -1, numbers[-1])
        return self._listed[1]

    def _changed(self) -> int:
        try:
            return self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    @property
    def began(self) -> datetime | None:
        """When the newest key was made, by its file's own date; None before the first."""
        if not (numbers := self.numbers()):
            return None
        return datetime.fromtimestamp((self.folder / f"{numbers[-1]}.key").stat().st_mtime, UTC)

    @property
    def must_end(self) -> bool:
        """Something was destroyed whose key may still lie there."""
        return self._due.exists()

    def demand_end(self) -> None:
        """Said before something is destroyed, so that a crash between the two forgets nothing; `ended` takes it back."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._due.touch(mode=0o600)
        settle(self.folder.parent)

    def ended(self) -> None:
        self._due.unlink(missing_ok=True)

    @property
    def _due(self) -> Path:
        """Beside the folder, in which there is nothing but keys."""
        return self.folder.with_name("epochs.due")

    def numbers(self) -> list[int]:
        """Those whose key is still there."""
        if not self.folder.exists():
            return []
        return sorted(int(name[:-4]) for name in os.listdir(self.folder) if re.fullmatch(NAMES, name))

    def _usable(self) -> list[int]:
        """With one that may wrap: not older than what the vault has seen."""
        if self._least < 0:
            self._least = self._known()
        if (numbers := self.numbers()) and numbers[-1] >= self._least:
            return numbers
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            numbers = self.numbers()
            if not numbers or numbers[-1] < self._least:
                numbers.append(self.begin(self._least + 1))
        return numbers

    def box(self, number: int) -> Box:
        """Raises FileNotFoundError when the epoch was destroyed."""
        if number not in self._boxes:
            self._boxes[number] = Box((self.folder / f"{number}.key").read_bytes())
        return self._boxes[number]

    def begin(self, number: int) -> int:
        """A new key, whole or not at all: it is written beside first; what a crash left of another one is no key yet.

        FileExistsError rather than a second key of the same number; whoever calls holds the folder's lock.
        """
        path = self.folder / f"{number}.key"
        if path.exists():
            raise FileExistsError(path)
        for half in self.folder.glob("*.new"):
            half.unlink()
        beside = self.folder / f"{number}.new"
        new_key_file(beside)
        beside.rename(path)
        self._flush()
        return number

    def destroy(self, number: int) -> None:
        """Overwrite, then unlink. A key that was only overwritten before a crash is destroyed again."""
        path = self.folder / f"{number}.key"
        with path.open("r+b") as file:
            file.write(os.urandom(max(KEY, path.stat().st_size)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        self._flush()
        self._boxes.pop(number, None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process rolls at a time; another one waits."""
        _ = self.newest  # there is a folder, and a key in it
        with self._alone():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._open() as folder:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield

    def _flush(self) -> None:
        with self._open() as folder:
            os.fsync(folder)

    @contextmanager
    def _open(self) -> Iterator[int]:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            yield folder
        finally:
            os.close(folder)


class Wrapped:
    """A key in the newest epoch's box, as the two columns (epoch, wrapped_key) of a row.

    It is wrapped at the moment the statement is sent: between queueing a row and writing it an epoch may end.
    """

    def __init__(self, epochs: Epochs, key: bytes, nonce: bytes, place: bytes) -> None:
        self._epochs, self._key, self._nonce, self._place = epochs, key, nonce, place

    def __conform__(self, protocol: object) -> Wrapped | None:
        return self if protocol is ISQLQuote else None

    def getquoted(self) -> bytes:
        epoch = self._epochs.newest
        return (
            f"{epoch}, '\\x{self._epochs.box(epoch).seal(self._key, self._place, self._nonce).hex()}'::bytea".encode()
        )
