"""`xiaohao lead`: the commission's side of what accuses an official. Needs no instance: only the letter and the key."""

from __future__ import annotations

from pathlib import Path

import click

from interface.cli.commission import program as commission
from interface.cli.options import as_json
from interface.cli.strict import Errands
from interface.cli.verdict import say, verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Errands)
def lead() -> None:
    """Read what was sealed to the commission."""


@lead.command()
@click.option("-o", "--output", type=FILE, required=True, help="Where the private key goes; keep it off every server.")
@as_json
def key(output: Path) -> None:
    """Make the commission's key for letters, on its own machine, and print the public half for `init --commission-key`."""
    public = commission.letter_key(output)
    verdict(True, f"public key {public}; the private one is in {output}", public=public, file=str(output))


@lead.command()
@click.argument("file", type=FILE)
@click.option("--key", type=FILE, required=True, help="The commission's private key.")
@as_json
def read(file: Path, key: Path) -> None:
    """Open a letter that was downloaded from the page 检举线索."""
    id, told = commission.letter(file, key)
    for name in commission.TOLD:
        say(f"{name}: {told[name]}")
    verdict(True, f"opened the letter of lead {id}", lead=id, **told)
