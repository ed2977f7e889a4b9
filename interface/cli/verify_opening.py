"""`xiaohao verify-opening`: whether what was shown of a tip is what its entry committed to. Offline; needs no instance."""

from __future__ import annotations

import json
from pathlib import Path

import click

from application.failures import CouldNot
from application.vault.commitments import opens
from interface.cli.options import as_json
from interface.cli.verdict import verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="verify-opening")
@click.argument("file", type=FILE)
@click.option("--entry", type=FILE, required=True, help="The tip's entry, as `proof` or the evidence pack has it.")
@as_json
def verify_opening(file: Path, entry: Path) -> None:
    """Hold one opened field of a tip against the ENTRY of its registration; `verify --proof` says whether that is logged."""
    try:
        opening, sealed = json.loads(file.read_bytes()), entry.read_bytes()
    except OSError as error:
        raise CouldNot(f"couldn't read {error.filename}: {error.strerror}") from None
    except ValueError:
        raise CouldNot(f"couldn't read {file}: it is no opening; download it again") from None
    if (wrong := opens(opening, sealed)) is not None:
        verdict(False, f"not proved: {wrong}")
    position = opening["index"] + 1
    verdict(
        True,
        f"proved: this is the {opening['label']} that position {position} of {opening['log']} committed to",
        position=position,
        label=opening["label"],
        leaf_hash=opening["leaf_hash"],
    )
