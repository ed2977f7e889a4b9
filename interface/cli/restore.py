"""`xiaohao restore`: what the database has lost, put back from the published folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import verdict

if TYPE_CHECKING:
    from application.trail.fsck import Report
    from application.trail.restore import Restored

SHOWN = 10


@click.command()
@with_home
@as_json
def restore(home: Home) -> None:
    """Insert entries again that HOME/trail has and the database lacks, every hash checked; then prove it with `fsck`."""
    from application.trail.fsck import Fsck
    from application.trail.restore import restore as work
    from interface.bootstrap import as_owner, services
    from projections.rebuild import rebuild

    with services(home, unproven=True, anew=True) as made:
        done = work(home, made.ledger)
        if done.inserted:
            with as_owner(made) as read_models:
                rebuild(read_models)
        report = Fsck(home, made.ledger).run()
    verdict(
        not report.faults and not done.lost,
        _sentence(done, report),
        inserted=done.inserted,
        lost=done.lost,
        published=done.published,
        faults=report.faults,
    )


def _sentence(done: Restored, report: Report) -> str:
    shown = ", ".join(map(str, done.inserted[:SHOWN])) + (" …" if len(done.inserted) > SHOWN else "")
    put_back = f"put back {len(done.inserted)} of {done.published} published entries" + (
        shown and f" (position {shown})"
    )
    if done.lost:
        lost = ", ".join(map(str, done.lost[:SHOWN]))
        return f"{put_back}; {len(done.lost)} were never published and are lost (position {lost})"
    if report.faults:
        return f"{put_back}; fsck still finds {len(report.faults)} faults, the first: {report.faults[0]}"
    return f"{put_back}; fsck is clean: {report.size} entries"
