"""见证工具: what `xiaohao witness` does by stick, also in the verifier's one file, with Python and cryptography alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from application.failures import CouldNot
from application.store.home import write_whole, writing
from application.trail.checkpoint import Checkpoint
from application.trail.kit import Unusable, vkeys_of
from application.trail.note import NoteKey, Vkey
from application.trail.notebook import Notebook
from application.trail.tiles import directory
from application.trail.witness import Refused, Witness


class Cosigned(NamedTuple):
    """`size` is 0 where it was refused."""

    sentence: str
    size: int
    evidence: list[Path]


def establish(home: Path, name: str, logs: Sequence[str]) -> list[NoteKey]:
    """A witness with keys of its own. Raises CouldNot, and Unusable for what is no key."""
    return Notebook(home).create(name, _vkeys(logs))


def opened(home: Path) -> Witness:
    notebook = Notebook(home)
    return Witness(*notebook.open(), notebook)


def cosign(home: Path, folder: Path, out: Path) -> Cosigned:
    """The log published in `folder`, if it extends what was cosigned before; `out` goes back."""
    try:
        note = opened(home).cosign(directory(folder))
    except Refused as refused:
        kept = Notebook(home).evidence()
        where = f"; {len(kept)} contradicting checkpoints are kept under {home / 'logs'}" if kept else ""
        return Cosigned(f"not cosigned: {refused}{where}", 0, kept)
    with writing(out):
        write_whole(out, note.to_bytes())
    size = Checkpoint.parse(note.text).size
    return Cosigned(f"cosigned {size} entries; take {out} back: xiaohao publish --add-cosignature {out}", size, [])


def _vkeys(texts: Sequence[str]) -> list[Vkey]:
    try:
        return vkeys_of(texts)
    except OSError as error:
        raise CouldNot(f"couldn't read {error.filename}: {error.strerror}") from None


def parser() -> argparse.ArgumentParser:
    """The options of `xiaohao witness init` and `cosign`."""
    it = argparse.ArgumentParser(
        prog="xiaohao-verify witness", description="Cosign a log that extends what you cosigned."
    )
    errands = it.add_subparsers(dest="errand", required=True)
    init = errands.add_parser("init", help="a new witness, with keys of its own")
    init.add_argument("--name", required=True, help="the witness's name for ever")
    init.add_argument("--log", dest="logs", metavar="KEY|@FILE", action="append", required=True, help="the log's key")
    stick = errands.add_parser("cosign", help="cosign the log published in FOLDER")
    stick.add_argument("folder", type=Path)
    stick.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help="what goes back")
    for one in (init, stick):
        one.add_argument("--home", type=Path, required=True, metavar="DIR", help="the witness's own folder")
    return it


def main(arguments: Sequence[str]) -> int:
    asked = vars(parser().parse_args(arguments))
    errand, home = asked.pop("errand"), asked.pop("home")
    try:
        if errand == "cosign":
            done = cosign(home, **asked)
            print(done.sentence)
            return 0 if done.size else 1
        establish(home, **asked)
        print(f"made the witness {asked['name']} in {home}; verify with --policy {Notebook(home).verify_file}")
    except CouldNot as refused:
        print(refused)
        return 1
    except Unusable as wrong:
        print(f"xiaohao-verify witness: {wrong}", file=sys.stderr)
        return 2
    return 0
