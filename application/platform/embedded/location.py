"""Where a home's database lies, and whether it may be made there: a database that is lost is never replaced by an empty one."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from application.platform.embedded.binaries import SHARED, reachable, user
from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole, writing

OWNER = "home"  # beside a cluster outside its home: the path of the home that it was made for
LOST = (
    "bring it back, or take what was published into a new one with `xiaohao restore` (people, texts and files come only from "
    "a backup)"
)


def cluster_folder(home: Home, *, anew: bool = False) -> Path:
    """The data directory: HOME/cluster, or the folder named in HOME/cluster.path where PostgreSQL's user can't pass through
    to it. It is there, or may be made there: in a new home, and where `anew` says so. Raises OperatorError before any change.
    """
    pointer = home.path / "cluster.path"
    folder = _where(home) if anew else refuse_lost(home)
    if pointer.exists():
        with writing(folder):
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        return folder
    return folder if _is_there(folder) or reachable(folder, user()) else _outside(home, pointer)


def refuse_lost(home: Home) -> Path:
    """Where the database is, or would be made. Raises OperatorError if one was here and is gone, or if we may not look."""
    with writing(home.path):
        folder = _where(home)
        lost = not _is_there(folder) and _is_lost(home)
    if lost:
        raise OperatorError(f"couldn't open {home.path}: {_lost(home, folder)}; {LOST}")
    return folder


def _where(home: Home) -> Path:
    pointer = home.path / "cluster.path"
    return _named(pointer) if pointer.exists() else home.cluster


def version(home: Home) -> int | None:
    """The version of PostgreSQL that made this home's cluster, the only one that reads it; None before it is made.

    Raises OperatorError where that can't be told.
    """
    return version_of(_where(home))


def version_of(cluster: Path) -> int | None:
    """None where there is no cluster. Raises OperatorError for one whose PG_VERSION is missing or damaged."""
    if not _is_there(cluster):
        return None
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (OSError, ValueError):
        raise OperatorError(f"couldn't use the database {cluster}: {_what_version(cluster)}") from None


def _what_version(cluster: Path) -> str:
    """Every database in the cluster has a copy of the file."""
    for copy in sorted(cluster.glob("base/*/PG_VERSION")):
        with suppress(OSError, ValueError):
            return f"its PG_VERSION is missing or damaged; write the line {int(copy.read_text())} into it"
    return "its PG_VERSION is missing or damaged, and nothing else in it tells the version; bring the folder back whole"


def _named(pointer: Path) -> Path:
    """Raises OperatorError unless the file holds the path of a folder."""
    try:
        text = pointer.read_text("utf-8").strip()
    except (OSError, ValueError):
        text = ""
    if not text.startswith("/") or "\0" in text:
        raise OperatorError(
            f"couldn't use {pointer}: it is empty or damaged; write the path of the database into it "
            f"({_candidates(pointer.parent) or f'a folder like {SHARED}/…/cluster'})"
        )
    return Path(text)


def _is_there(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _is_lost(home: Home) -> bool:
    """Whether a database has been here: any home that `init` finished, or that somebody worked with."""
    return not home.unfinished.exists() and (home.instance.exists() or bool(home.holdings()))


def _lost(home: Home, folder: Path) -> str:
    if folder != home.cluster:
        return f"there is no database in {folder}, which its cluster.path names{_where_else(home)}"
    return f"its database is missing: there is none in {folder}, nor a file cluster.path that names another folder{_where_else(home)}"


def _where_else(home: Home) -> str:
    return f" (it may be {found}, whose path belongs into that file)" if (found := _candidates(home.path)) else ""


def _candidates(home: Path) -> str:
    """Databases outside their homes that were made for this one."""
    found = []
    for owner in SHARED.glob(f"*/{OWNER}"):
        with suppress(OSError, ValueError):
            if owner.read_text("utf-8") == str(home):
                found.append(str(owner.with_name("cluster")))
    return " or ".join(sorted(found))


def is_own(home: Home, folder: Path) -> bool:
    """Whether the cluster was made for this home, and not for one that this is a copy of."""
    if folder == home.cluster:
        return True
    try:
        return folder.with_name(OWNER).read_text("utf-8") == str(home.path)
    except (OSError, ValueError):
        return False


def _outside(home: Home, pointer: Path) -> Path:
    folder = SHARED / secrets.token_hex(8) / "cluster"
    with writing(folder):
        folder.parent.mkdir(parents=True, mode=0o711)
        SHARED.chmod(0o755)
        write_whole(folder.with_name(OWNER), str(home.path).encode())
        write_whole(pointer, str(folder).encode())
    return folder
