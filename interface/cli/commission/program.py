"""监督机关的工具: what the commission does on its own machine beside verifying, also in the verifier's one file.

Witnessing by stick, reading what was sealed to it, holding one opened field against its entry; with Python and cryptography alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from base64 import b64decode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from application.platform.failures import OperatorError
from application.platform.home import write_whole, writing
from application.publication.witness import Refused, Witness
from application.publication.witness_store import WitnessStore
from application.vault.crypto import Unreadable
from application.vault.letterbox import new_pair, read_letter
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.commitments import opens
from application.verifier.formats.entry import NotAnEntry, loads
from application.verifier.formats.note import NoteKey, Vkey
from application.verifier.formats.tiles import directory
from application.verifier.inputs import Unusable, vkeys_of
from application.verifier.pack.cover import plain
from interface.cli.log.verify_options import StrictParser

OLD_COPY = "The copy is older than a day, there is no newer one, and this computer's clock is right."
ADDRESS = "Where `witness run` will answer, like http://10.1.2.3:8100; goes into the policy."
TOLD = ("reporter", "contact", "text")


class Cosigned(NamedTuple):
    """`size` is 0 where it was refused."""

    sentence: str
    size: int
    evidence: list[Path]


def establish(home: Path, name: str, logs: Sequence[str], url: str = "") -> list[NoteKey]:
    """A witness with keys of its own. Raises OperatorError, and Unusable for what is no key."""
    return WitnessStore(home).create(name, _vkeys(logs), url)


def opened(home: Path, *, told: Callable[[str], object] = lambda _sentence: None) -> Witness:
    notebook = WitnessStore(home, told=told)
    return Witness(*notebook.open(), notebook)


def cosign(home: Path, folder: Path, out: Path, *, old_copy: bool = False) -> Cosigned:
    """The log published in `folder`, if it extends what was cosigned before; `out` goes back."""
    heard: list[str] = []
    try:
        note = opened(home, told=heard.append).cosign(directory(folder), old_copy=old_copy)
    except Refused as refused:
        kept = WitnessStore(home).evidence()
        where = f"; {len(kept)} contradicting checkpoints are kept under {home / 'logs'}" if kept else ""
        return Cosigned(f"not cosigned: {refused}{where}", 0, kept)
    with writing(out):
        write_whole(out, note.to_bytes())
    size = Checkpoint.parse(note.text).size
    back = f"cosigned {size} entries; take {out} back: xiaohao publish --add-cosignature {out}"
    return Cosigned("; ".join([*heard, back]), size, [])


def letter_key(file: Path) -> str:
    """A new key for letters: the private half into `file`, which only its owner may read; the public half. Raises OperatorError."""
    private, public = new_pair()
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{private}\n")
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise OperatorError(f"couldn't make a key: {file} is there already, and letters may hang on it") from None
    except OSError as error:
        raise OperatorError(f"couldn't write {error.filename}: {error.strerror}") from None
    return public


def letter(file: Path, key: Path) -> tuple[str, dict[str, str]]:
    """The lead's id and what was told, from a file of the page 检举线索. Raises OperatorError."""
    try:
        said = loads(_read(file))
        lead, sealed = UUID(said["lead"]), b64decode(said["sealed"], validate=True)
        told = read_letter(sealed, _read(key).decode().strip(), lead)
        return str(lead), {name: plain(told.get(name, "")) for name in TOLD}
    except Unreadable as error:
        raise OperatorError(f"couldn't read {file}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OperatorError(f"couldn't read {file}: it is no letter; download it again") from None


def opening(file: Path, entry: Path) -> tuple[dict[str, Any], str | None]:
    """What was opened of a tip, and why the entry does not prove it; None: it does. Raises OperatorError."""
    try:
        shown = loads(_read(file))
    except NotAnEntry:
        raise OperatorError(f"couldn't read {file}: this is no opening; download it again") from None
    return shown, opens(shown, _read(entry))


def proved(shown: dict[str, Any]) -> str:
    return plain(
        f"proved: this is the {shown['label']} that position {shown['index'] + 1} of {shown['log']} committed to"
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise OperatorError(f"couldn't read {error.filename}: {error.strerror}") from None


def _vkeys(texts: Sequence[str]) -> list[Vkey]:
    try:
        return vkeys_of(texts)
    except OSError as error:
        raise OperatorError(f"couldn't read {error.filename}: {error.strerror}") from None


def _init(home: Path, name: str, logs: Sequence[str], url: str) -> str:
    establish(home, name, logs, url)
    return f"made the witness {name} in {home}; verify with --policy {WitnessStore(home).verify_file}"


def _cosign(home: Path, folder: Path, out: Path, old_copy: bool) -> str:
    if not (done := cosign(home, folder, out, old_copy=old_copy)).size:
        raise OperatorError(done.sentence)
    return done.sentence


def _letter_key(out: Path) -> str:
    return f"public key {letter_key(out)}; the private one is in {out}"


def _lead(file: Path, key: Path) -> str:
    lead, told = letter(file, key)
    return "\n".join([*(f"{name}: {told[name]}" for name in TOLD), f"opened the letter of lead {lead}"])


def _opening(file: Path, entry: Path) -> str:
    shown, wrong = opening(file, entry)
    if wrong is not None:
        raise OperatorError(f"not proved: {wrong}")
    return proved(shown)


def parser() -> argparse.ArgumentParser:
    """`witness init`, `witness cosign`, `lead-key`, `lead` and `opening`, with the options of the service's own commands."""
    it = StrictParser(prog="xiaohao-verify")
    errands = it.add_subparsers(required=True)
    witness = errands.add_parser("witness", help="cosign a log that extends what you cosigned").add_subparsers(
        required=True
    )
    init = witness.add_parser("init", help="a new witness, with keys of its own")
    init.add_argument("--name", required=True, help="the witness's name for ever")
    init.add_argument("--log", dest="logs", metavar="KEY|@FILE", action="append", required=True, help="the log's key")
    init.add_argument("--url", default="", help=ADDRESS)
    stick = witness.add_parser("cosign", help="cosign the log published in FOLDER")
    stick.add_argument("folder", type=Path)
    stick.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help="what goes back")
    stick.add_argument("--old-copy", action="store_true", help=OLD_COPY)
    for one in (init, stick):
        one.add_argument("--home", type=Path, required=True, metavar="DIR", help="the witness's own folder")
    pair = errands.add_parser("lead-key", help="make the commission's key for letters")
    pair.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help="where the private key goes")
    lead = errands.add_parser("lead", help="read a letter that was sealed to the commission")
    lead.add_argument("--key", type=Path, required=True, metavar="FILE", help="the commission's private key")
    shown = errands.add_parser("opening", help="hold one opened field of a tip against its entry")
    shown.add_argument("--entry", type=Path, required=True, metavar="FILE", help="the entry of its registration")
    for one in (lead, shown):
        one.add_argument("file", type=Path)
    for one, does in ((init, _init), (stick, _cosign), (pair, _letter_key), (lead, _lead), (shown, _opening)):
        one.set_defaults(does=does)
    return it


def main(arguments: Sequence[str]) -> int:
    asked = vars(parser().parse_args(arguments))
    does: Callable[..., str] = asked.pop("does")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        print(does(**asked))
    except OperatorError as refused:
        print(refused)
        return 1
    except Unusable as wrong:
        print(f"xiaohao-verify: {wrong}", file=sys.stderr)
        return 2
    return 0
