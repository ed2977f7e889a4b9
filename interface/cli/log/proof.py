"""`xiaohao proof`: one entry with the proof that it stands in the log, to hand out."""

from __future__ import annotations

from pathlib import Path

import click

from application.platform.home import Home
from application.publication.publication_state import proved
from interface.cli.options import as_json, with_home
from interface.cli.private_file import write_private
from interface.cli.strict import Once
from interface.cli.verdict import verdict


@click.command(cls=Once)
@click.argument("position", type=click.IntRange(min=1))
@click.option("-o", "prefix", type=click.Path(path_type=Path), required=True, metavar="PREFIX")
@with_home
@as_json
def proof(home: Home, position: int, prefix: Path) -> None:
    """Write PREFIX.tlog-proof and PREFIX.entry for the entry at POSITION of the published log."""
    made = proved(home, position)
    for suffix, content in {".tlog-proof": made.proof, ".entry": made.entry}.items():
        write_private(prefix.with_name(prefix.name + suffix), content)
    verdict(
        True, f"wrote {prefix}.tlog-proof and {prefix}.entry (position {position} of {made.size})", position=position
    )
