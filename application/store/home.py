"""The home folder of an instance: keys, trail, publisher's head, vault epochs, and the embedded database. 实例目录"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    def policy(self) -> Path:
        """The witnesses that are asked for their cosignatures (C2SP tlog-policy); written by hand, absent without any."""
        return self.path / "policy"

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
    def server(self) -> Path:
        """{dsn, pid} of the running server: how commands attach to it."""
        return self.run / "server.json"

    def forget_server(self) -> None:
        """It ends, or has ended; on a disk that can't be written the file stays and leads nowhere."""
        with suppress(OSError):
            self.server.unlink(missing_ok=True)

    @property
    def is_instance(self) -> bool:
        """Raises CouldNot if we may not look."""
        with writing(self.path):
            return self.instance.exists()

    @property
    def demands_second_factor(self) -> bool:
        """Whether instance.json says `"second_factor": "required"`: then nobody signs in or acts without one."""
        return self.instance.exists() and self.read().get("second_factor") == "required"

    def create(self) -> None:
        """The folders, each 0700; for root the home itself may be passed through, since PostgreSQL never runs as root."""
        with writing(self.path):
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
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
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def settle(folder: Path) -> None:
    """What was renamed in this folder stays so, whatever happens to the machine."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One at a time, over threads and processes; `lock` is a file for nothing else."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EROFS: "mount it for writing",
    errno.EACCES: "give yourself the right to write there, or run as its owner",
    errno.EPERM: "give yourself the right to write there, or run as its owner",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the file system says into a sentence: CouldNot."""
    try:
        yield
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "choose another --home")
        raise CouldNot(f"couldn't write {error.filename or path}: {error.strerror or error}; {advice}") from None
