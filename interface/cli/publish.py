"""`xiaohao publish`: the log as a folder of files that anybody can check."""

from __future__ import annotations

import time

import click

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import say, verdict

EVERY = 60  # seconds


@click.command()
@click.option("--once", is_flag=True, help="Publish what is new and end; otherwise once a minute until Ctrl-C.")
@with_home
@as_json
def publish(home: Home, once: bool) -> None:
    """Write new entries, tiles and the signed checkpoint to HOME/trail."""
    from interface.bootstrap import services

    with services(home) as made:
        checkpoint = made.publisher.publish()
        while not once:
            say(f"published {checkpoint.size} entries")
            time.sleep(EVERY)
            checkpoint = made.publisher.publish()
    verdict(
        True,
        f"published {checkpoint.size} entries in {home.trail}; root {checkpoint.root.hex()}",
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        trail=str(home.trail),
    )
