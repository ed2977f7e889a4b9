"""The suite on another day: `python -m tests.on_day 2027-03-10[T00:30] [pytest's arguments]`, hours of Shanghai (noon by default).

libfaketime moves the wall clock of the whole process tree, PostgreSQL included, by one offset, so that all of them agree;
monotonic clocks stay what they are, and Python takes the times of files for that much later. The browser keeps the machine's day: Chromium spins or hangs
under libfaketime, and no script of ours asks for a date (tests/interface/kit/test_vendor.py).
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from application.platform.clock import SHANGHAI

NOON = "T12:00"
PYTHON = Path(__file__).parent / "moved_clock"
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def offset(day: str, now: float) -> float:
    """Seconds from `now` (POSIX) to that moment in Shanghai. Raises ValueError for what is no day."""
    moment = datetime.fromisoformat(day if "T" in day else day + NOON)
    return moment.replace(tzinfo=SHANGHAI).timestamp() - now


def moved(seconds: float) -> str:
    """FAKETIME for a process that is to live so many seconds from this one's now, which may be moved already."""
    return f"{float(os.environ.get('FAKETIME', '0')) + seconds:+.0f}"


def environment(seconds: float) -> dict[str, str]:
    """What a process and all its children need to live so many seconds from this one's now."""
    library = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": moved(seconds), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    files = {"NO_FAKE_STAT": "1", "FAKE_UTIME": "1", "FILES_MOVED": moved(seconds)}
    return library | files | {"PYTHONPATH": str(PYTHON)}


def same_day() -> dict[str, str]:
    """Of this process's environment, what one that gets no more of it needs to live on the same day."""
    kept = {*environment(0), "FAKETIME_SHARED"}  # without the last it makes a semaphore that another user can't open
    return {name: value for name, value in os.environ.items() if name in kept}


def real_environment() -> dict[str, str]:
    """Of this process, for one that is to live on the machine's own day."""
    return {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


def main(day: str, *arguments: str) -> None:
    if LIBRARY is None:
        sys.exit("couldn't move the clock: install Debian's package libfaketime")
    try:
        seconds = offset(day, datetime.now(SHANGHAI).timestamp())
    except ValueError:
        sys.exit(f"couldn't run on {day!r}: write a day like 2027-03-10, or with its hour 2027-03-10T00:30")
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], os.environ | environment(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
