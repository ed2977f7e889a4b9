"""`xiaohao import`: lists from elsewhere become tips."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from application.exchange import template
from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import BadSheet, read
from application.exchange.tip_import import Import
from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.bootstrap import services
from interface.cli.imports.problem_ledger import ledger
from interface.cli.imports.report import bar, done
from interface.cli.imports.template import template_
from interface.cli.imports.withdraw import batches, withdraw
from interface.cli.options import as_json, with_home
from interface.cli.sign_in import acting
from interface.cli.strict import Errands
from interface.cli.verdict import say

FILE = click.Path(path_type=Path)


@click.group(cls=Errands, name="import")
def import_() -> None:
    """Take in lists from elsewhere."""


import_.add_command(ledger)
import_.add_command(template_)
import_.add_command(withdraw)
import_.add_command(batches)


@import_.command()
@click.argument("file", type=FILE)
@click.option("--map", "mapping_file", type=FILE, help="How to read it (TOML); without it, as `import template tips`.")
@click.option("--as", "login", required=True, metavar="OFFICIAL", help="The account that answers for it.")
@click.option("--channel", help="Instead of the mapping's.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; record nothing.")
@with_home
@as_json
def tips(home: Home, file: Path, mapping_file: Path | None, login: str, channel: str | None, dry_run: bool) -> None:
    """Register the rows of FILE (Excel or CSV) as tips, each once."""
    try:
        mapping = _mapping(mapping_file, channel)
        sheet = read(file, mapping.sheet, heads=mapping.heads)
        with services(home) as made:
            task = Import(made.ledger, acting(made, login, "tip.registered"), sheet, mapping)
            new = len(task.look()) if dry_run else _run(task)
    except BadMapping as bad:
        name = f"the mapping {mapping_file.name}" if mapping_file else "the columns of `import template tips`"
        raise OperatorError(f"couldn't use {name}: {bad}") from None
    except BadSheet as bad:
        raise OperatorError(f"couldn't read the sheet: {bad}") from None
    _report(task, file, dry_run, new)


def _mapping(file: Path | None, channel: str | None) -> Mapping:
    if file is not None:
        return Mapping.parse(_bytes(file), channel=channel)
    return replace(template.TIPS, channel=channel)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(f"couldn't read {path}: {error.strerror}") from None


def _run(task: Import) -> int:
    with bar("rows", len(task.sheet.rows)) as advance:
        task.run(advance)
    return task.counts["registered"]


def _report(task: Import, file: Path, dry_run: bool, new: int) -> None:
    _say_how_it_was_read(task)
    if task.counts["registered"]:
        say(f"batch {task.batch}; `xiaohao import withdraw` takes it back")
    done(task, file, new, "would register" if dry_run else "registered")


def _say_how_it_was_read(task: Import) -> None:
    """Which column was taken for what, and what its days were understood as: where a wrong mapping shows first."""
    columns = task.mapping.columns
    for field, heads in columns.items():
        say(f"{field:16} ← {' + '.join(heads)}")
    used = set(task.mapping.heads)
    if unused := [head for head in task.sheet.heads if head and head not in used]:
        say(f"{'not read':16}   {', '.join(unused)}")
    found = task.found
    if found.first is not None:
        shapes = ", ".join(f"{shape} ({number})" for shape, number in found.shapes.most_common())
        say(f"received {found.first} to {found.last}, written as {shapes}")
        channels = ", ".join(f"{channel} ({number})" for channel, number in found.channels.most_common())
        say(f"channel {channels}; {found.accusing} accuse an official and go to the commission")
