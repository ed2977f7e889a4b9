"""`xiaohao rebuild`: read models made anew from the log, compared with the live ones, and put in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

if TYPE_CHECKING:
    from projections.engine.rebuild import Rebuilt


@click.command(cls=Once)
@with_home
@as_json
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--check", is_flag=True, help="Only compare: change nothing, exit 1 if anything differs.")
def rebuild(home: Home, names: tuple[str, ...], check: bool) -> None:
    """Rebuild the read models of these names, or all of them; people go on seeing the old ones until it is done."""
    from interface.bootstrap import as_owner, services
    from projections.engine import rebuild as work

    with services(home) as made, as_owner(made) as read_models:
        try:
            with _bar() as progress:
                done = work.rebuild(read_models, names=names, check=check, progress=progress)
        except (work.RebuildError, LookupError) as error:
            raise OperatorError(f"couldn't rebuild: {error.args[0]}") from None
    for table in done.tables:
        say(f"{'same' if table.same else 'DIFFERS':8} {table.table:16} {table.rebuilt[:16]}  live {table.live[:20]}")
    for letter in done.dead_letters:
        say(f"DEAD     {letter}: left out when it was recorded")
    differing = [table.table for table in done.tables if not table.same]
    verdict(
        done.same or not check,
        _sentence(done, differing, check),
        position=done.at,
        events=done.events,
        seconds=round(done.seconds, 3),
        differing=differing,
        dead_letters=done.dead_letters,
        digests={table.table: table.rebuilt for table in done.tables},
    )


def _sentence(done: Rebuilt, differing: list[str], check: bool) -> str:
    speed = f"{done.events:,} events in {done.seconds:.1f} s"
    if done.same:
        work = "checked" if check else "rebuilt"
        return f"{work} {len(done.tables)} tables at position {done.at}: all were as the log says ({speed})"
    wrong = [f"differing: {', '.join(differing)}"] if differing else []
    wrong += [f"dead letters: {', '.join(done.dead_letters)}"] if done.dead_letters else []
    kept = "nothing was changed" if check else "they were replaced by what the log says"
    return f"live tables at position {done.at} were not what the log says; {'; '.join(wrong)}; {kept} ({speed})"


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing for machines."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("events", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("events")
        yield lambda done, of: bar.update(task, completed=done, total=of)
