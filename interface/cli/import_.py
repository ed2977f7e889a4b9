"""`xiaohao import`: lists from elsewhere become tips."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import BadSheet, read, write_back
from application.exchange.tips import Import
from application.failures import CouldNot
from application.store.home import Home
from interface.bootstrap import services
from interface.cli.acting import acting
from interface.cli.import_withdraw import batches, withdraw
from interface.cli.options import as_json, with_home
from interface.cli.verdict import say, verdict

COLUMN = "错误信息"
SHOWN = 20  # refused rows that are listed on the screen; the file has them all
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(name="import")
def import_() -> None:
    """Take in lists from elsewhere."""


import_.add_command(withdraw)
import_.add_command(batches)


@import_.command()
@click.argument("file", type=FILE)
@click.option("--map", "mapping_file", type=FILE, required=True, help="How to read it (TOML); see docs/mappings.")
@click.option("--as", "login", required=True, metavar="OFFICIAL", help="The account that answers for it.")
@click.option("--channel", help="Instead of the mapping's.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; record nothing.")
@with_home
@as_json
def tips(home: Home, file: Path, mapping_file: Path, login: str, channel: str | None, dry_run: bool) -> None:
    """Register the rows of FILE (Excel or CSV) as tips, each once."""
    try:
        mapping = Mapping.parse(mapping_file.read_bytes(), channel=channel)
        sheet = read(file, mapping.sheet)
        with services(home) as made:
            task = Import(made.ledger, acting(made, login, "tip.registered"), sheet, mapping)
            new = len(task.look()) if dry_run else _run(task)
    except OSError as error:
        raise CouldNot(f"couldn't read {error.filename}: {error.strerror}") from None
    except BadMapping as bad:
        raise CouldNot(f"couldn't use the mapping {mapping_file.name}: {bad}") from None
    except BadSheet as bad:
        raise CouldNot(f"couldn't read the sheet: {bad}") from None
    _report(task, file, dry_run, new)


def _run(task: Import) -> int:
    quiet = bool(click.get_current_context().find_root().params.get("as_json"))
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=quiet, transient=True) as bar:
        rows = bar.add_task("rows", total=len(task.sheet.rows))
        task.run(lambda: bar.advance(rows))
    return task.counts["registered"]


def _report(task: Import, file: Path, dry_run: bool, new: int) -> None:
    refused = [(number + 2, outcome.sentence) for number, outcome in enumerate(task.outcomes) if outcome.refused]
    for number, sentence in refused[:SHOWN]:
        say(f"row {number}: {sentence}")
    if len(refused) > SHOWN:
        say(f"… and {len(refused) - SHOWN} more")
    beside = file.with_name(f"{file.stem}.{COLUMN}.{task.sheet.kind}")
    written = None
    if not dry_run:
        written = _written(task, beside)
        say(f"the same rows with a column {COLUMN}: {written}")
    counts = task.counts | {"registered": new}
    if task.counts["registered"]:
        say(f"batch {task.batch}; `xiaohao import withdraw` takes it back")
    did = "would register" if dry_run else "registered"
    verdict(
        True,
        f"{did} {new} of {len(task.outcomes)} rows; {counts['repeated']} were there already, {counts['refused']} refused",
        **counts,
        rows=len(task.outcomes),
        batch=str(task.batch),
        report=str(written) if written else None,
    )


def _written(task: Import, beside: Path) -> Path:
    """Beside the file; where that folder is closed, in the folder that the command was called in."""
    sentences = [outcome.sentence for outcome in task.outcomes]
    try:
        write_back(task.sheet, COLUMN, sentences, beside)
    except OSError:
        beside = Path.cwd() / beside.name
        write_back(task.sheet, COLUMN, sentences, beside)
    return beside
