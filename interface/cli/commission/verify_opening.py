"""`xiaohao verify-opening`: whether what was shown of a tip is what its entry committed to. Offline; needs no instance."""

from __future__ import annotations

from pathlib import Path

import click

from interface.cli.commission import program as commission
from interface.cli.options import as_json
from interface.cli.strict import Once
from interface.cli.verdict import verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Once, name="verify-opening")
@click.argument("file", type=FILE)
@click.option("--entry", type=FILE, required=True, help="The tip's entry, as `proof` or the evidence pack has it.")
@as_json
def verify_opening(file: Path, entry: Path) -> None:
    """Hold one opened field of a tip against the ENTRY of its registration; `verify --proof` says whether that is logged."""
    opening, wrong = commission.opening(file, entry)
    if wrong is not None:
        verdict(False, f"not proved: {wrong}")
    position = opening["index"] + 1
    verdict(
        True,
        commission.proved(opening),
        position=position,
        label=opening["label"],
        leaf_hash=opening["leaf_hash"],
    )
