"""`xiaohao` in a process of its own that SIGKILL ends right before it does something to a file of this name."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from interface.cli.main import main


def killed_before(event: str, pattern: str) -> None:
    """`event` is one of Python's audit events, like os.rename; the pattern is looked for in the paths that it names."""
    wanted = re.compile(pattern)

    def look(name: str, told: tuple[Any, ...]) -> None:
        if name == event and any(isinstance(one, str | Path) and wanted.search(str(one)) for one in told):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


if __name__ == "__main__":
    killed_before(*sys.argv[1:3])
    main(sys.argv[3:])
