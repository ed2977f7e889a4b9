"""The home folder of an instance: keys, trail, publisher's head, vault epochs, and the embedded database. 实例目录"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from application.failures import CouldNot


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def instance(self) -> Path:
        """{origin, mode}: written last by `init`, so a home that has it is complete."""
        return self.path / "instance.json"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def trail(self) -> Path:
        return self.path / "trail"

    @property
    def publisher(self) -> Path:
        return self.path / "publisher"

    @property
    def epochs(self) -> Path:
        return self.path / "vault" / "epochs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def cluster(self) -> Path:
        return self.path / "cluster"

    @property
    def is_instance(self) -> bool:
        return self.instance.exists()

    def create(self) -> None:
        """The folders, each 0700; the home itself may be passed through, since PostgreSQL never runs as root."""
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            for folder in (self.keys, self.trail, self.publisher, self.epochs.parent, self.epochs, self.run):
                folder.mkdir(exist_ok=True, mode=0o700)

    def describe(self, **members: str) -> None:
        """Write instance.json in one step: after this the instance exists."""
        with writing(self.path):
            write_whole(self.instance, json.dumps(members, ensure_ascii=False).encode())

    def read(self) -> dict[str, Any]:
        """Raises CouldNot if there is no instance here."""
        try:
            return json.loads(self.instance.read_text())
        except FileNotFoundError:
            raise CouldNot(
                f"couldn't open {self.path}: there is no instance here; make one with `xiaohao init --home {self.path}`"
            ) from None
        except (OSError, ValueError) as error:
            raise CouldNot(f"couldn't read {self.instance}: {error}") from None


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """All of it or nothing: a temporary file beside, flushed to disk, then renamed."""
    beside = path.with_name(path.name + ".tmp")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the file system says into a sentence."""
    try:
        yield
    except OSError as error:
        todo = {28: "free some space", 30: "mount it for writing", 13: "give yourself the right to write there"}
        advice = todo.get(error.errno or 0, "choose another --home")
        raise CouldNot(f"couldn't write {error.filename or path}: {error.strerror}; {advice}") from None
