"""`xiaohao describe`: instance.json written again from what the log says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import verdict


@click.command(cls=Once)
@with_home
@as_json
def describe(home: Home) -> None:
    """Write HOME/instance.json again where it was lost: name and mode from the log's first entry; one that is there stays."""
    from application.preflight.instance_description import described

    if home.unfinished.exists():
        home.read()  # says what to do
    if home.instance.exists():
        raise OperatorError(f"couldn't write {home.instance}: there is one already; move it away first")
    with _database(home) as dsn:
        members = described(home, dsn)
    home.describe(**members)
    verdict(
        True,
        f"wrote {home.instance}: {members['origin']}, {members['mode']}; a second factor is not demanded any more, if it was: "
        "`xiaohao second-factor --required`",
        **members,
    )


@contextmanager
def _database(home: Home) -> Iterator[str]:
    """The database of a home that has lost its instance.json."""
    from application.platform.embedded import server as embedded
    from application.platform.logins import of_cluster
    from interface.runtime import config

    if (logins := config.logins()) is not None:
        yield logins.service
        return
    if not home.holdings():
        home.read()  # says that there is no instance
    with embedded.running(home) as dsn:
        yield of_cluster(dsn).service
