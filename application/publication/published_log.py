"""What was published and signed, and which of its files are still needed: the publisher's memory and its broom. 已发布"""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from application.platform.failures import OperatorError
from application.platform.home import Home, settle
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.merkle import EMPTY_ROOT, HASH
from application.verifier.formats.note import TIMED, Line, NotANote, Note, Vkey, WrongSignature
from application.verifier.formats.tiles import ENTRIES, WIDTH, path_of


class Published:
    def __init__(self, home: Home, origin: str, vkeys: Sequence[Vkey]) -> None:
        self.trail, self.origin, self.vkeys = home.trail, origin, vkeys
        self.head_file, self.witnessed_file = home.publisher / "head", home.publisher / "witnessed"

    def head(self) -> Checkpoint:
        """What was signed last, as the publisher's own store has it. Raises OperatorError where that is no head of this log."""
        if not self.head_file.exists():
            return Checkpoint(self.origin, 0, EMPTY_ROOT)
        try:
            found = json.loads(self.head_file.read_bytes())
            size, root = found["size"], b64decode(found["root"], validate=True)
            if found["origin"] != self.origin or type(size) is not int or size < 0 or len(root) != HASH:
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            raise OperatorError(
                f"couldn't use {self.head_file}: it is damaged; move it away, and it is made again from the signed folder"
            ) from None
        return Checkpoint(self.origin, size, root)

    def largest(self) -> Checkpoint:
        """The largest tree that was ever signed, by the store or by the folder. Raises OperatorError if they contradict."""
        largest = self.head()
        for name in ["checkpoint", *(f"checkpoints/{size}" for size in self.sizes()[-1:])]:
            found = self._signed(name)
            if found is not None and found.size == largest.size and found.root != largest.root:
                raise OperatorError(
                    f"couldn't use {self.trail / name} and {self.head_file}: they are of different trees; one is damaged, or of "
                    "another copy of this home; see which one the witnesses know, and move the other away"
                )
            if found is not None and found.size > largest.size:
                largest = found
        return largest

    def _signed(self, name: str) -> Checkpoint | None:
        path = self.trail / name
        if path.exists() and not path.is_file():  # to read from a pipe would take for ever
            raise OperatorError(
                f"couldn't use {path}: it is no file; move it away, and the next publication makes it again"
            )
        try:
            note = Note.parse(path.read_bytes())
            found = Checkpoint.parse(note.text)
            ours = bool(note.verified(self.vkeys)) and found.origin == self.origin
        except FileNotFoundError:
            return None
        except (OSError, NotANote, NotACheckpoint) as error:
            raise OperatorError(
                f"couldn't use {path}: it is damaged ({error}); move it away, and the next publication makes it again"
            ) from None
        except WrongSignature:
            ours = False
        if not ours:
            raise OperatorError(
                f"couldn't use {path}: it is not signed by the keys of this home, or damaged; put the right keys back, or, if "
                "they are right, move the file away: the next publication makes it again"
            )
        return found

    def sizes(self) -> list[int]:
        """Every size that has a checkpoint, ascending."""
        return sorted(int(path.name) for path in (self.trail / "checkpoints").glob("*") if path.name.isdecimal())

    def witnessed(self) -> int:
        """The largest size that a witness has cosigned; 0 before the first."""
        return self._remembered().get("size", 0)

    def heard(self) -> dict[str, int]:
        """When each witness's key has signed last, by its label, in POSIX seconds."""
        return self._remembered().get("heard", {})

    def remembering(self, size: int, lines: Sequence[Line]) -> bytes:
        """The content of `witnessed_file` once these lines of witnesses stand under the checkpoint of that size."""
        heard = self.heard()
        heard |= {line.label: max(line.time, heard.get(line.label, 0)) for line in lines}
        return json.dumps({"size": max(size, self.witnessed()), "heard": heard}).encode()

    def _remembered(self) -> dict[str, Any]:
        """What the file says; nothing before the first. Raises OperatorError where it says nothing."""
        if not self.witnessed_file.exists():
            return {}
        try:
            return {"heard": {}} | json.loads(self.witnessed_file.read_text())
        except (OSError, ValueError, TypeError):
            raise OperatorError(
                f"couldn't read {self.witnessed_file}: it is damaged; move it away, the next cosignature makes it again"
            ) from None

    def signed_at(self, note: Note) -> int:
        """POSIX seconds."""
        lines = [line for vkey in self.vkeys if vkey.kind in TIMED for line in note.lines if vkey.matches(line)]
        return max((line.time for line in lines), default=0)

    def settle(self, before: int, size: int) -> None:
        """The folders of the tiles written between two sizes, and those above them, fixed on the disk."""
        folders = set()
        for level, first, stop in rows(before, size):
            for number in range(first, stop + 1):
                path = self.trail / f"{path_of(level, number)}.p"
                folders |= {path, *path.parents[: len(path.parts) - len(self.trail.parts)]}
        for folder in sorted(folders):
            if folder.is_dir():
                settle(folder)

    def sweep_full(self, before: int, size: int) -> None:
        """Partial tiles go when their full tile stands and a checkpoint names it (C2SP tlog-tiles)."""
        for level, first, stop in rows(before, size):
            for number in range(first, stop):
                shutil.rmtree(self.trail / f"{path_of(level, number)}.p", ignore_errors=True)

    def sweep(self, size: int) -> None:
        """Whatever a publisher left that ended in the middle; partial tiles that no checkpoint names are among it."""
        for folder in (self.trail, self.head_file.parent):
            for left in folder.rglob("*.tmp"):
                left.unlink(missing_ok=True)
        named = [one for one in self.sizes() if one <= size]
        for row in [row for row in (self.trail / "tile").glob("*") if row.name == ENTRIES or row.name.isdecimal()]:
            level = 0 if row.name == ENTRIES else int(row.name)
            unfinished = (size >> 8 * level) // WIDTH
            needed = {str((one >> 8 * level) % WIDTH) for one in named if (one >> 8 * level) // WIDTH == unfinished}
            for folder in row.rglob("[0-9][0-9][0-9].p"):
                if _number(folder, row) != unfinished:
                    shutil.rmtree(folder)
                    continue
                for partial in folder.iterdir():
                    if partial.name not in needed:
                        partial.unlink()


def rows(before: int, size: int) -> Iterator[tuple[int | str, int, int]]:
    """(level, number of the tile that was unfinished, number of the one that is) for each row of tiles, the bundles' first."""
    yield ENTRIES, before // WIDTH, size // WIDTH
    level = 0
    while size:
        before, size = before // WIDTH, size // WIDTH
        yield level, before, size
        level += 1


def _number(folder: Path, row: Path) -> int:
    """Which tile these are partial ones of, from its path: x001/067.p is 1067."""
    return int("".join(part.lstrip("x").removesuffix(".p") for part in folder.relative_to(row).parts))
