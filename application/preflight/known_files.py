"""The names of all files that a home may hold; another one is no harm, but somebody may have left it by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from application.platform.home import ASIDE, Home

KNOWN = re.compile(
    r"""
    instance\.json | init\.unfinished | restoring\.json | cluster\.path | policy | demo\.json
    | keys/(master\.key | backup\.pub | web\.secret | postgres\.password | mirrors\.(json|lock))
    | keys/log\.(ed25519|mldsa44)(\.next | \.[0-9a-f]{8})?
    | publisher/(head | witnessed | lock)
    | vault/commission\.pub | vault/epochs\.due | vault/epochs/[1-9][0-9]*\.(key | lost | new)
    | .*\.[0-9]+\.tmp
    """,
    re.VERBOSE,
)
# Those and what is published or says who runs, but for tiles, which whoever reads them takes for missing.
FILES = re.compile(
    KNOWN.pattern
    + r" | run/(lock | users | server\.json) | trail/(checkpoint | log\.vkey | keys\.json | checkpoints/[0-9]+)",
    re.VERBOSE,
)
# PostgreSQL's own; the publisher's, which `fsck` reads; and backups, beside which people may keep others.
NOT_LOOKED_INTO = ("backups", "cluster", "cluster.new", "run", "trail")


def no_files(home: Home) -> Iterator[Path]:
    """What lies under the name of one of our files, or of one that is published, and is none: most likely an empty folder that
    some tool left.
    """
    places = [home.path, home.keys, home.publisher, home.epochs.parent, home.epochs, home.run, home.trail]
    for place in (*places, home.trail / "checkpoints"):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if FILES.fullmatch(path.relative_to(home.path).as_posix()) and path.exists() and not path.is_file():
                yield path


def unknown(home: Home) -> Iterator[Path]:
    """Files that no program of ours makes, and what an `init` left that was cut off."""
    for top in sorted(home.path.iterdir()):
        if top.name in NOT_LOOKED_INTO:
            continue
        if top.name.startswith(ASIDE):
            yield top
            continue
        for path in [top] if top.is_file() else sorted(each for each in top.rglob("*") if not each.is_dir()):
            if not KNOWN.fullmatch(path.relative_to(home.path).as_posix()):
                yield path
