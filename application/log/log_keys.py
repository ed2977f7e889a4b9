"""The log's own keys: Ed25519 and ML-DSA-44 under one name, files in HOME/keys; every checkpoint carries both. 日志密钥

A key that takes over waits as `log.KIND.next` until the log says so; the one before stands beside it as `log.KIND.ID` and
signs too, until it is retired.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from application.platform.failures import OperatorError
from application.platform.home import settle
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import ED25519, ML_DSA_44, NotANote, Note, NoteKey, Vkey

FILES = {ED25519: "log.ed25519", ML_DSA_44: "log.mldsa44"}
SEED = 32
ID = "[0-9a-f]" * 8


class LogKeys:
    """`folder` is where the files are; without one the keys are these for ever."""

    def __init__(self, keys: list[NoteKey], folder: Path | None = None) -> None:
        self.keys, self.folder = keys, folder

    @classmethod
    def create(cls, folder: Path, origin: str) -> LogKeys:
        """Two new keys, named after the log; FileExistsError rather than a second pair."""
        return cls([_made(folder / name, origin, kind) for kind, name in FILES.items()], folder)

    @classmethod
    def load(cls, folder: Path) -> LogKeys:
        """Raises OperatorError."""
        return cls(_read(folder), folder)

    def reread(self) -> None:
        """Another process may have changed the keys. Raises OperatorError."""
        if self.folder is not None:
            self.keys = _read(self.folder)

    @property
    def vkeys(self) -> list[Vkey]:
        return [key.vkey for key in self.keys]

    def sign(self, checkpoint: Checkpoint, time: int) -> Note:
        """The signed note; `time` in POSIX seconds."""
        return Note(checkpoint.text, tuple(key.sign(checkpoint.text, time) for key in self.keys))


class KeyFiles:
    """How a key of the log gives way to the next; every step may be done again after a crash."""

    def __init__(self, folder: Path, kind: int) -> None:
        self.kind, self.path = kind, folder / FILES[kind]
        self.waiting = folder / f"{FILES[kind]}.next"

    @property
    def current(self) -> NoteKey:
        return _one(self.path)

    def successor(self) -> NoteKey:
        """The key that is to take over: made now, or by an attempt that did not come to its end."""
        return _one(self.waiting) if self.waiting.exists() else _made(self.waiting, self.current.name, self.kind)

    def take_over(self) -> None:
        """The waiting key signs from now on, and the one before beside it."""
        before = self.path.with_name(f"{self.path.name}.{self.current.vkey.key_id.hex()}")
        with suppress(FileExistsError):
            os.link(self.path, before)
        self.waiting.replace(self.path)
        settle(self.path.parent)


def retire(folder: Path, key_id: str) -> None:
    """Destroys a key that gave way, so that it signs nothing more. Raises OperatorError for any other."""
    found = [folder / f"{name}.{key_id}" for name in FILES.values() if (folder / f"{name}.{key_id}").exists()]
    if key_id in {_one(folder / name).vkey.key_id.hex() for name in FILES.values()}:
        raise OperatorError(f"couldn't retire the log's key {key_id}: it is in force; rotate it first")
    if not found:
        raise OperatorError(f"couldn't retire the log's key {key_id}: no key of this id signs beside its successor")
    found[0].unlink()
    settle(folder)


def _read(folder: Path) -> list[NoteKey]:
    """Those in force, then those that still sign beside them; each once."""
    beside = sorted(path for name in FILES.values() for path in folder.glob(f"{name}.{ID}"))
    return list(dict.fromkeys(_one(path) for path in [*(folder / name for name in FILES.values()), *beside]))


def _one(path: Path) -> NoteKey:
    try:
        return NoteKey.from_text(path.read_text())
    except (OSError, NotANote) as error:
        raise OperatorError(f"couldn't read the log's keys in {path.parent}: {error}") from None


def _made(path: Path, origin: str, kind: int) -> NoteKey:
    key = NoteKey(origin, kind, os.urandom(SEED))
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.to_text())
        file.flush()
        os.fsync(file.fileno())
    return key
