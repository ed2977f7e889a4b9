"""`xiaohao demo load`: generated matters for a training instance."""

from __future__ import annotations

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Errands
from interface.cli.verdict import verdict


@click.group(cls=Errands)
def demo() -> None:
    """Generated data for training instances."""


@demo.command()
@click.option("--problems", type=click.IntRange(1, 1_000_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@with_home
@as_json
def load(home: Home, problems: int, seed: int) -> None:
    """Let so many matters live from the campaign's first day until now."""
    from interface.demo.load import load as load_into

    quiet = bool(click.get_current_context().find_root().params.get("as_json"))
    columns = (TextColumn("matters"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=quiet, transient=True) as bar:
        task = bar.add_task("matters", total=problems)
        events = load_into(home, problems=problems, seed=seed, progress=lambda: bar.advance(task))
    verdict(True, f"loaded {problems} matters, {events} events", matters=problems, events=events)
