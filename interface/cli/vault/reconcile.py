"""`xiaohao reconcile`: every promise given to a reporter against the log."""

from __future__ import annotations

from pathlib import Path

import click

from application.platform.home import Home, write_whole, writing
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict


@click.command(cls=Once)
@click.option(
    "--promises",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write every promise to FILE too, for the commission: verify --promise FILE.",
)
@with_home
@as_json
def reconcile(home: Home, promises: Path | None) -> None:
    """Look every receipt's promise up in the log: each must stand there exactly once."""
    from application.audit.reconciliation import reconcile as reconciled
    from application.vault.public_tips import PublicBox
    from interface.bootstrap import services

    with services(home) as made:
        found = reconciled(made.ledger)
        given = sorted(promise for _locator, _tip, promise in PublicBox(made.database).promises())
    if promises is not None:
        with writing(promises):
            write_whole(promises, b"".join(promise + b"\n" for promise in given))
        say(f"wrote {len(given)} promises to {promises}")
    for fault in found.faults:
        say(fault)
    counted = f"{found.promises} promises: {found.kept} kept, {found.open} not due yet"
    sentence = f"clean: {counted}" if not found.faults else f"{len(found.faults)} broken of {counted}"
    verdict(not found.faults, sentence, **vars(found))
