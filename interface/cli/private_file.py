"""Files that a command writes: exports, proofs, packs and lists hold what not everybody on the machine may read. 输出文件"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

OWNER_ONLY = 0o600


def open_private(path: Path, *, like: Path | None = None) -> IO[bytes]:
    """A file to write, for its owner only; or for whoever may read `like`, where it is made from that file.

    A file that was there is emptied and gets the same mode, before anything is written into it. Raises OSError.
    """
    mode = OWNER_ONLY if like is None else stat.S_IMODE(like.stat().st_mode) & 0o666 | OWNER_ONLY
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    if stat.S_ISREG(os.fstat(handle).st_mode):  # not where it is a terminal or a pipe
        os.fchmod(handle, mode)
    return open(handle, "wb")


def write_private(path: Path, content: bytes, *, like: Path | None = None) -> None:
    """All of `content`, likewise. Raises OSError."""
    with open_private(path, like=like) as file:
        file.write(content)
