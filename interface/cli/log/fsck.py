"""`xiaohao fsck`: everything recomputed from the event table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

if TYPE_CHECKING:
    from interface.bootstrap import Services

SHOWN = 20


@click.command(cls=Once)
@with_home
@as_json
def fsck(home: Home) -> None:
    """Recompute order, hashes, signatures, permissions, what the vault holds, what was published, and the read models."""
    from application.audit.fsck import Fsck
    from interface.bootstrap import services

    quiet = bool(click.get_current_context().find_root().params.get("as_json"))
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with services(home, unproven=True) as made, Progress(*columns, disable=quiet, transient=True) as bar:
        task = bar.add_task("entries", total=None)
        report = Fsck(home, made.ledger).run(lambda done, of: bar.update(task, completed=done, total=of))
        report.faults += _read_models(made)
        report.warnings += made.troubles
    for warning in report.warnings:
        say(f"warning: {warning}")
    for fault in report.faults[:SHOWN]:
        say(fault)
    counted = f"{report.size} entries, {report.published} published, {report.tips} tips ({report.shredded} shredded)"
    sentence = f"clean: {counted}" if not report.faults else f"{len(report.faults)} faults in {counted}"
    verdict(not report.faults, sentence, **vars(report))


def _read_models(made: Services) -> list[str]:
    """What people see in lists and figures is what the log says."""
    from interface.bootstrap import as_owner
    from projections.engine.rebuild import RebuildError, rebuild

    try:
        with as_owner(made) as read_models:
            checked = rebuild(read_models, check=True)
    except (RebuildError, OperatorError) as error:
        return [f"the read models can't be compared: {error}"]
    differing = [f"the read model {table.table} is not what the log says" for table in checked.tables if not table.same]
    return differing + [f"dead letter {letter}: an event that no figure counts" for letter in checked.dead_letters]
