"""`xiaohao verify`: whether a published log was altered, offline; needs the log's key and nothing of ours."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import click

from application.failures import CouldNot
from application.trail.note import NotANote, Vkey
from application.trail.tiles import directory
from application.trail.verify import Ask, Verdict, verify_one
from application.trail.verify import verify as verify_log
from interface.cli.options import as_json
from interface.cli.verdict import say, verdict

FILE = click.Path(path_type=Path, dir_okay=False)
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--vkey", "vkeys", multiple=True, required=True, metavar="KEY|@FILE", help="The log's key, from paper.")
@click.option("--genesis", metavar="HEX", help="The hash of the first entry, from paper.")
@click.option("--old", multiple=True, type=FILE, help="A signed checkpoint seen before.")
@click.option("--state", type=FILE, help="Remembers the last good checkpoint, and holds it against the log next time.")
@click.option("--max-age", metavar="24h", help="How old the checkpoint may be.")
@click.option("--no-signatures", is_flag=True, help="Only hashes and the log's own signature.")
@click.option("--proof", type=FILE, help="One entry's .tlog-proof, instead of FOLDER.")
@click.option("--entry", type=FILE, help="The entry that --proof is about.")
@as_json
def verify(
    folder: Path | None,
    vkeys: Sequence[str],
    genesis: str | None,
    old: Sequence[Path],
    state: Path | None,
    max_age: str | None,
    no_signatures: bool,
    proof: Path | None,
    entry: Path | None,
) -> None:
    """Verify the log published in FOLDER, or one entry with its proof."""
    keys = _keys(vkeys)
    if proof is not None:
        if entry is None or folder is not None:
            raise click.UsageError("--proof goes with --entry, and without FOLDER")
        _tell(verify_one(_bytes(proof), _bytes(entry), keys))
    if folder is None:
        raise click.UsageError("which folder? or --proof with --entry")
    seen = [*old, state] if state is not None and state.exists() else old
    ask = Ask(
        keys,
        genesis=genesis,
        old=[_bytes(path) for path in seen],
        signatures=not no_signatures,
        max_age=_seconds(max_age) if max_age else None,
        now=int(time.time()),
    )
    found = verify_log(directory(folder), ask)
    if found.ok and state is not None:
        state.write_bytes(_bytes(folder / "checkpoint"))
    _tell(found)


def _tell(found: Verdict) -> None:
    for each in found.unchecked:
        say(f"· {each}")
    fault = found.fault
    verdict(
        found.ok,
        found.sentence,
        code=fault.code if fault else None,
        index=fault.index if fault else None,
        size=found.checkpoint.size if found.checkpoint else None,
        strength=found.strength,
        unchecked=list(found.unchecked),
    )


def _keys(given: Sequence[str]) -> list[Vkey]:
    texts = [line for text in given for line in (_lines(text) if text.startswith("@") else [text])]
    try:
        return [Vkey.parse(text) for text in texts]
    except NotANote as error:
        raise click.UsageError(str(error)) from None


def _lines(text: str) -> list[str]:
    return [line for line in _bytes(Path(text[1:])).decode(errors="replace").splitlines() if line.strip()]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CouldNot(f"couldn't read {path}: {error.strerror}") from None


def _seconds(text: str) -> int:
    if (match := re.fullmatch(r"(\d+)([smhd])", text)) is None:
        raise click.UsageError("--max-age is a number with s, m, h or d, like 24h")
    return int(match[1]) * UNITS[match[2]]
