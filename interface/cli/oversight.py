"""`xiaohao oversight`: the oversight door alone, on a login that can only look."""

from __future__ import annotations

import signal
from contextlib import suppress

import click

from application.store.home import Home
from interface.cli.options import with_home
from interface.cli.serve import THREADS, listen, stop


@click.command()
@with_home
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--check", is_flag=True, help="Only examine the published log and the database once, and say the verdict."
)
def oversight(home: Home, port: int, host: str, check: bool) -> None:
    """Serve the oversight door until Ctrl-C, beside a running service or on DATABASE_URL."""
    from interface.bootstrap import server
    from interface.oversight.parts import overseen
    from interface.oversight.serving import serve

    if check:
        _check(home)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    listener = listen(host, port)
    with server(home) as logins, overseen(home, logins.oversight) as shown, suppress(KeyboardInterrupt):
        click.echo(f"the oversight door answers on http://{host}:{port}/oversight  — Ctrl-C ends it")
        serve(shown, listener, THREADS)


def _check(home: Home) -> None:
    from interface.bootstrap import server
    from interface.cli.verdict import say, verdict
    from interface.oversight.parts import overseen
    from interface.oversight.verdicts import Examination

    with server(home) as logins, overseen(home, logins.oversight) as shown:
        found = Examination(home, shown.database).run()
    say(f"published: {found.folder}")
    say(f"database: {found.table % found.places}")
    verdict(
        found.ok, "通过" if found.ok else f"异常：第 {found.position} 条" if found.position else "异常", **vars(found)
    )
