"""`xiaohao reconcile`: every promise given to a reporter against the log."""

from __future__ import annotations

import click

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import say, verdict


@click.command()
@with_home
@as_json
def reconcile(home: Home) -> None:
    """Look every receipt's promise up in the log: each must stand there exactly once."""
    from application.public_tips import reconcile as reconciled
    from interface.bootstrap import services

    with services(home) as made:
        found = reconciled(made.ledger)
    for fault in found.faults:
        say(fault)
    counted = f"{found.promises} promises: {found.kept} kept, {found.open} not due yet"
    sentence = f"clean: {counted}" if not found.faults else f"{len(found.faults)} broken of {counted}"
    verdict(not found.faults, sentence, **vars(found))
