"""The log's own keys: Ed25519 and ML-DSA-44 under one name, files in HOME/keys; every checkpoint carries both. 日志密钥"""

from __future__ import annotations

import os
from pathlib import Path

from application.failures import CouldNot
from application.trail.checkpoint import Checkpoint
from application.trail.note import ED25519, ML_DSA_44, NotANote, Note, NoteKey, Vkey

FILES = {ED25519: "log.ed25519", ML_DSA_44: "log.mldsa44"}
SEED = 32


class LogKeys:
    def __init__(self, keys: list[NoteKey]) -> None:
        self.keys = keys

    @classmethod
    def create(cls, folder: Path, origin: str) -> LogKeys:
        """Two new keys, named after the log; FileExistsError rather than a second pair."""
        keys = [NoteKey(origin, kind, os.urandom(SEED)) for kind in FILES]
        for key in keys:
            with open(os.open(folder / FILES[key.kind], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(key.to_text())
                file.flush()
                os.fsync(file.fileno())
        return cls(keys)

    @classmethod
    def load(cls, folder: Path) -> LogKeys:
        """Raises CouldNot."""
        try:
            return cls([NoteKey.from_text((folder / name).read_text()) for name in FILES.values()])
        except (OSError, NotANote) as error:
            raise CouldNot(f"couldn't read the log's keys in {folder}: {error}") from None

    @property
    def vkeys(self) -> list[Vkey]:
        return [key.vkey for key in self.keys]

    def sign(self, checkpoint: Checkpoint, time: int) -> Note:
        """The signed note; `time` in POSIX seconds."""
        return Note(checkpoint.text, tuple(key.sign(checkpoint.text, time) for key in self.keys))
