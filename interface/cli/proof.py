"""`xiaohao proof`: one entry with the proof that it stands in the log, to hand out."""

from __future__ import annotations

from pathlib import Path

import click

from application.failures import CouldNot
from application.store.home import Home
from application.trail.checkpoint import Checkpoint
from application.trail.note import NotANote, Note
from application.trail.proof import prove
from application.trail.tiles import Malformed, Missing, Tiles, directory
from interface.cli.options import as_json, with_home
from interface.cli.verdict import verdict


@click.command()
@click.argument("position", type=click.IntRange(min=1))
@click.option("-o", "prefix", type=click.Path(path_type=Path), required=True, metavar="PREFIX")
@with_home
@as_json
def proof(home: Home, position: int, prefix: Path) -> None:
    """Write PREFIX.tlog-proof and PREFIX.entry for the entry at POSITION of the published log."""
    try:
        note = Note.parse((home.trail / "checkpoint").read_bytes())
        size = Checkpoint.parse(note.text).size
        if position > size:
            raise CouldNot(f"couldn't prove position {position}: only {size} entries are published; publish first")
        tiles = Tiles(directory(home.trail), size)
        files = {".tlog-proof": prove(position - 1, note, tiles).to_bytes(), ".entry": tiles.entry(position - 1)}
    except FileNotFoundError:
        raise CouldNot(f"couldn't prove position {position}: nothing is published in {home.trail}") from None
    except (NotANote, Missing, Malformed) as error:
        raise CouldNot(f"couldn't prove position {position}: the published log is damaged: {error}") from None
    for suffix, content in files.items():
        prefix.with_name(prefix.name + suffix).write_bytes(content)
    verdict(True, f"wrote {prefix}.tlog-proof and {prefix}.entry (position {position} of {size})", position=position)
