"""The names of all files that a home may hold; another one is no harm, but somebody may have left it by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from application.store.home import ASIDE, Home

KNOWN = re.compile(
    r"""
    instance\.json | init\.unfinished | cluster\.path | policy | demo\.json
    | keys/(master\.key | web\.secret | postgres\.password | mirrors\.(json|lock))
    | keys/log\.(ed25519|mldsa44)(\.next | \.[0-9a-f]{8})?
    | publisher/(head | witnessed | lock)
    | vault/commission\.pub | vault/epochs/[1-9][0-9]*\.(key | lost | new)
    | .*\.[0-9]+\.tmp
    """,
    re.VERBOSE,
)
NOT_LOOKED_INTO = ("cluster", "cluster.new", "run", "trail")  # PostgreSQL's own; the publisher's, which `fsck` reads


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
