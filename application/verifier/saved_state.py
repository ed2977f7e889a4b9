"""The verifier's memory: a file with the last checkpoint that was found good, signed lines and all. Pure.

Beside it, in `<name>.before`, lies the one of an earlier day: whoever verifies the same copy twice has seen nothing more than once,
and loses nothing either.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.note import NotANote, Note
from application.verifier.verdict import Verdict


def before(path: Path) -> Path:
    return path.with_name(f"{path.name}.before")


def remember(path: Path, verdict: Verdict) -> None:
    """Replace the file whole, and only with a checkpoint that was found good. Raises OSError."""
    if not verdict.ok or not verdict.head:
        return
    if path.exists() and _size(held := path.read_bytes()) in verdict.earlier:
        _write(before(path), held)  # first: whatever is cut off here leaves both checkpoints, one of them twice
    _write(path, verdict.head)


def _size(raw: bytes) -> int | None:
    try:
        return Checkpoint.parse(Note.parse(raw).text).size
    except (NotANote, NotACheckpoint):
        return None


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
