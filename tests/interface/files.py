"""What a process has open, as the kernel lists it: also files that no folder names any more."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def holding(pid: int, *needles: bytes) -> list[str]:
    """The regular files that this process holds open and that contain one of the needles."""
    found = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if stat.S_ISREG(fd.stat().st_mode) and any(needle in fd.read_bytes() for needle in needles):
                found.append(os.readlink(fd))
    return found
