"""The verifier's memory: a file with the last checkpoint that was found good, signed lines and all. Pure."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from application.trail.verdict import Verdict


def remember(path: Path, verdict: Verdict) -> None:
    """Replace the file whole, and only with a checkpoint that was found good. Raises OSError."""
    if not verdict.ok or not verdict.head:
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(verdict.head)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
