"""For Python processes whose wall clock libfaketime moves (tests/on_day.py): what libfaketime 0.9.10 leaves out.

Sleep without clock_nanosleep. Python sleeps until an absolute monotonic time; libfaketime answers EINVAL to that while monotonic
clocks are real. And they must be real: it lets sem_clockwait pass, so a lock's time-out by a moved one would never end.

Times of files. The kernel stamps a new file with the machine's day, so they are read as that much later; libfaketime
(FAKE_UTIME) writes them as that much earlier. It could do both, but not for the calls that Python makes, and with a lock that
a killed process leaves shut for all others.
"""

import os
import select
import time
from collections.abc import Callable
from typing import Any

MOVED = int(os.environ.get("FILES_MOVED", "0"))  # seconds
TIMES = ("st_atime", "st_mtime", "st_ctime")


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


def _later(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
    def stat(*arguments: Any, **named: Any) -> os.stat_result:
        _, (whole, members) = look(*arguments, **named).__reduce__()
        late = {name: members[name] + MOVED for name in TIMES}
        late |= {f"{name}_ns": members[f"{name}_ns"] + MOVED * 10**9 for name in TIMES}
        return os.stat_result((*whole[:7], *(moment + MOVED for moment in whole[7:10])), members | late)

    return stat


time.sleep = sleep
if MOVED:
    for name in ("stat", "lstat", "fstat"):
        real = getattr(os, name)
        moved = _later(real)
        for able in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            able |= {moved} if real in able else set()
        setattr(os, name, moved)
