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

from application.platform.failures import OperatorError

MODES = ("training", "production")
# What instance.json may say; a member that is misspelled would weaken the instance without a word.
MEMBERS = {
    "origin": lambda value: bool(value),
    "mode": lambda value: value in MODES,
    "demo": lambda value: value == "due",
    "second_factor": lambda value: value == "required",
    "backups": lambda value: Path(value).is_absolute(),
    "commission": lambda value: len(value) == 64 and set(value) <= set("0123456789abcdef"),
}
NEEDED = ("origin", "mode")
ASIDE = "unfinished-"
PASSWORD = "postgres.password"  # noqa: S105 (the name of the file)
# What only an instance has; and of these, what `init` never makes: whoever finds one of them finds somebody's work.
OF_AN_INSTANCE = ("keys", "vault", "trail", "publisher", "cluster", "cluster.path")
OF_WORK = (
    *("publisher/head", "publisher/witnessed", "trail/checkpoint", "trail/checkpoints", "trail/tile", "vault/epochs/*"),
    *("keys/web.secret", "keys/mirrors.json", "keys/log.*.*", "demo.json", "policy"),
)


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def instance(self) -> Path:
        """{origin, mode}: written last by `init`, so a home that has it is complete."""
        return self.path / "instance.json"

    @property
    def unfinished(self) -> Path:
        """Written by `init` before anything else and removed last: while it lies there, nothing here is opened or served."""
        return self.path / "init.unfinished"

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
    def backups(self) -> Path:
        """Where `serve` keeps its backups: HOME/backups, or the folder that instance.json names."""
        named = self.read().get("backups") if self.instance.exists() else None
        return Path(named or self.path / "backups")

    @property
    def unproved(self) -> Path:
        """{backup, why}: there from a restore's beginning until it is proved; while it is, nothing opens this home."""
        return self.path / "restoring.json"

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
        """Whether `init` came to its end here. Raises OperatorError if we may not look."""
        with writing(self.path):
            return self.instance.exists() and not self.unfinished.exists()

    def holdings(self) -> list[str]:
        """The names of what lies here that only an instance has; empty in a folder that never was one. Raises OperatorError."""
        with writing(self.path):
            return [name for name in OF_AN_INSTANCE if _holds_something(self.path / name)]

    def work(self) -> list[str]:
        """What lies here that comes to be only after `init`, when somebody works with the instance. Raises OperatorError."""
        with writing(self.path):
            found = (path for pattern in OF_WORK for path in self.path.glob(pattern))
            return sorted(path.relative_to(self.path).as_posix() for path in found)

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

    def _refuse_unproved(self) -> None:
        if self.unproved.exists():
            try:
                why = json.loads(self.unproved.read_text())["why"]
            except (OSError, ValueError, KeyError, TypeError):
                why = "it did not come to its end"
            raise OperatorError(
                f"couldn't open {self.path}: it was restored and not proved: {why}; `xiaohao restore --prove` tries again, "
                "or move the folder away and restore into a new one"
            )

    def read(self) -> dict[str, Any]:
        """The members of instance.json. Raises OperatorError if there is no instance here, one that a restore has not proved, or if
        it says what none can say.
        """
        if self.unfinished.exists():
            raise OperatorError(self._cut_off())
        self._refuse_unproved()
        try:
            members = json.loads(self.instance.read_text("utf-8"))
        except FileNotFoundError:
            raise OperatorError(self._nothing_here()) from None
        except OSError as error:
            raise OperatorError(f"couldn't read {self.instance}: {error.strerror or error}; {self.DESCRIBE}") from None
        except ValueError:
            members = None
        if (wrong := _wrong(members)) is not None:
            raise OperatorError(f"couldn't read {self.instance}: {wrong}; {self.DESCRIBE}")
        return members

    DESCRIBE = "put it right, or move it away and let `xiaohao describe` write it again from the log"

    def _nothing_here(self) -> str:
        if held := self.holdings():
            return (
                f"couldn't open {self.path}: its instance.json is missing, while {', '.join(held)} are there; bring the file "
                "back, or let `xiaohao describe` write it again from the log"
            )
        return f"couldn't open {self.path}: there is no instance here; make one with `xiaohao init --home {self.path}`"

    def _cut_off(self) -> str:
        if work := self.work():
            return (
                f"couldn't open {self.path}: {self.unfinished.name} says that `init` never came to its end, but {work[0]} was "
                f"made later; see that keys and database belong together, then remove {self.unfinished}"
            )
        return (
            f"couldn't open {self.path}: `xiaohao init` was cut off there, or is still at work; if it is not, run it again: "
            "it begins anew and moves aside what was left"
        )


def _wrong(members: Any) -> str | None:
    """What instance.json can't say."""
    if not isinstance(members, dict):
        return "it is empty or damaged"
    for name, value in members.items():
        if name not in MEMBERS:
            return f"it has a member {name!a:.40} that no instance has"
        if not isinstance(value, str) or not MEMBERS[name](value):
            return f"its {name} can't be {value!a:.80}"
    missing = [name for name in NEEDED if name not in members]
    return f"it does not say {' and '.join(missing)}" if missing else None


def _holds_something(path: Path) -> bool:
    """A file, or a folder with a file somewhere in it; the password of a database says nothing without that database."""
    return path.is_file() or any(not inside.is_dir() and inside.name != PASSWORD for inside in path.rglob("*"))


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
    errno.EISDIR: "a folder lies there in the place of a file: move it away",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EROFS: "mount it for writing",
    errno.EACCES: "give yourself the right to write there, or run as its owner",
    errno.EPERM: "give yourself the right to write there, or run as its owner",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the file system says into a sentence: OperatorError."""
    try:
        yield
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "choose another --home")
        raise OperatorError(f"couldn't write {error.filename or path}: {error.strerror or error}; {advice}") from None
