"""`xiaohao fsck`: everything recomputed from the event table."""

from __future__ import annotations

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import say, verdict

SHOWN = 20


@click.command()
@with_home
@as_json
def fsck(home: Home) -> None:
    """Recompute order, hashes, signatures, permissions at the time, vault commitments and what was published."""
    from application.trail.fsck import Fsck
    from interface.bootstrap import services

    quiet = bool(click.get_current_context().find_root().params.get("as_json"))
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with services(home) as made, Progress(*columns, disable=quiet, transient=True) as bar:
        task = bar.add_task("entries", total=None)
        report = Fsck(home, made.ledger).run(lambda done, of: bar.update(task, completed=done, total=of))
    for fault in report.faults[:SHOWN]:
        say(fault)
    counted = f"{report.size} entries, {report.published} published, {report.tips} tips ({report.shredded} shredded)"
    sentence = f"clean: {counted}" if not report.faults else f"{len(report.faults)} faults in {counted}"
    verdict(not report.faults, sentence, **vars(report))
