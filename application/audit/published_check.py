"""The published folder held against the log's own tree while that grows again from the first entry. 已发布文件核对"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from application.verifier.folder_survey import Survey, names_of_log, said, survey
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import Note, Vkey, WrongSignature
from application.verifier.formats.tiles import (
    ENTRIES,
    WIDTH,
    Fetch,
    Growing,
    Malformed,
    Missing,
    Tiles,
    directory,
    path_of,
)
from application.verifier.messages_en import english
from application.verifier.signed_heads import VerificationFailed, opened
from application.verifier.tile_copies import Copies

AGAIN = "; put aside what is there, then `xiaohao publish --once` writes it again from the log"
Tell = Callable[[str, int | None], None]


class PublishedFolder:
    """`tell(sentence, position)` is called for every fault. `size` is that of the published checkpoint, 0 without one.

    `others` are further keys whose lines can be verified here, of witnesses and of the log before; `warnings` speak of lines that nobody here can verify.
    """

    def __init__(self, folder: Path, vkeys: Sequence[Vkey], tell: Tell, others: Sequence[Vkey] = ()) -> None:
        self._folder, self._vkeys, self._tell, self._others = folder, vkeys, tell, others
        self.warnings: list[str] = []
        self._entries: list[bytes] = []
        newest = self._opened("checkpoint")
        self.size = newest.size if newest else 0
        self._heads = [newest] if newest else []
        for path in sorted((folder / "checkpoints").glob("*")):
            kept = self._opened(f"checkpoints/{path.name}")
            if kept and path.name != str(kept.size):
                tell(f"checkpoints/{path.name} is the checkpoint of {kept.size}", None)
            self._heads += [kept] if kept else []
        self._roots: dict[int, set[bytes]] = {}
        for head in self._heads:
            self._roots.setdefault(head.size, set()).add(head.root)
        fetch = directory(folder)
        self._tiles, self._copies = Tiles(fetch, self.size), Copies(fetch, self._survey(fetch).spare)

    @property
    def largest(self) -> int:
        """The largest size that was ever signed, as far as the folder tells."""
        return max((head.size for head in self._heads), default=0)

    def take(self, entry: bytes, growing: Growing, full: list[tuple[int, int, list[bytes]]]) -> None:
        """The tree has grown by this entry, and these tiles are full now."""
        size = growing.size
        if size in self._roots and self._roots[size] != {growing.edge.root}:
            self._tell(f"the log no longer leads to the checkpoint signed at {size}", None)
        if size > self.size:
            return
        self._entries.append(entry)
        for level, number, hashes in full + (growing.partials() if size == self.size else []):
            self._compare_tile(level, number, hashes)
        if size % WIDTH == 0 or size == self.size:
            self._compare_bundle((size - 1) // WIDTH)
            self._entries.clear()

    def _survey(self, fetch: Fetch) -> Survey:
        """Tells what is no part of a log; of tiles beyond the checkpoint nothing: a publisher may be at work."""
        try:
            found = survey(names_of_log(fetch), self.size) if self._folder.is_dir() else Survey()
        except VerificationFailed as wrong:
            self._tell(english(wrong.fault.sentence), None)
            return Survey()
        for name in found.unknown:
            if not name.endswith(".tmp"):
                self._tell(f"{said([name])} is no part of a log; take it out of {self._folder}", None)
        return found

    def _opened(self, name: str) -> Checkpoint | None:
        path = self._folder / name
        try:
            if not (path.is_file() or path.is_dir()) and path.exists():  # to read from a pipe would take for ever
                self._tell(f"{name} can't be read: it is no plain file", None)
                return None
            raw = path.read_bytes()
            found = opened(raw, self._vkeys)[0]
            self._look_at_lines(name, Note.parse(raw))
            return found
        except FileNotFoundError:
            return None
        except OSError as error:
            self._tell(f"{name} can't be read: {error.strerror}", None)
            return None
        except VerificationFailed as found:
            self._tell(f"{name}: {english(found.fault.sentence)}", None)
            return None

    def _look_at_lines(self, name: str, note: Note) -> None:
        """Readers pass over those whose key they don't have, so anybody may have written them."""
        strange = list[str]()
        for line in note.lines:
            keys = [vkey for vkey in (*self._vkeys, *self._others) if vkey.matches(line)]
            try:
                if not Note(note.text, (line,)).verified(keys):
                    strange.append(line.name)
            except WrongSignature:
                self._tell(
                    f"{name} has a line in the name of {said([line.name])} that it did not sign; take it out", None
                )
        if strange:
            self.warnings.append(
                f"{self._folder / name}: nobody here can verify its lines of {said(sorted(set(strange)))}; name the witness in "
                "HOME/policy, or take the lines out"
            )

    def _compare_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        try:
            self._copies.compare_tile(level, number, hashes)
            if self._tiles.hashes(level, number) != hashes:
                self._tell(f"{path_of(level, number, len(hashes))} holds other hashes than the log", None)
        except (Missing, Malformed) as wrong:
            self._tell(f"{wrong} is missing or malformed{AGAIN}", None)
        except OSError as error:
            self._tell(f"{path_of(level, number, len(hashes))} can't be read: {error.strerror}", None)
        except VerificationFailed as wrong:
            self._tell(f"{english(wrong.fault.sentence)}{AGAIN}", None)

    def _compare_bundle(self, number: int) -> None:
        try:
            published = self._tiles.entries(number)
            self._copies.compare_bundle(number, self._entries)
        except (Missing, Malformed) as wrong:
            self._tell(f"{wrong} is missing or malformed{AGAIN}", None)
            return
        except OSError as error:
            self._tell(f"{path_of(ENTRIES, number)} can't be read: {error.strerror}", None)
            return
        except VerificationFailed as wrong:
            self._tell(f"{english(wrong.fault.sentence)}{AGAIN}", None)
            return
        for place, (theirs, ours) in enumerate(zip(published, self._entries, strict=True)):
            if theirs != ours:
                self._tell(
                    f"{path_of(ENTRIES, number, len(published))} holds another entry", number * WIDTH + place + 1
                )
