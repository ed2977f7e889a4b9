"""`xiaohao oversight`: the oversight door alone, on a login that can only look."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from application.platform.home import Home
from application.verifier.verdict_text import STRENGTHS
from interface.cli.instance.serve import THREADS, address, listen, stop, warn
from interface.cli.options import behind_proxies, with_home
from interface.cli.strict import Once
from interface.runtime.proxies import Front

if TYPE_CHECKING:
    from interface.oversight.readonly_services import Overseen
    from interface.oversight.verdict_store import Finding


@click.command(cls=Once)
@with_home
@click.option("--port", type=click.IntRange(1, 65535), help="[default: 8001]")
@click.option("--host", help="[default: 127.0.0.1]")
@behind_proxies
@click.option(
    "--check", is_flag=True, help="Only examine the published log and the database once, and say the verdict."
)
def oversight(home: Home, port: int | None, host: str | None, front: Front, check: bool) -> None:
    """Serve the oversight door until Ctrl-C, beside a running service or on DATABASE_URL."""
    from interface.bootstrap import server
    from interface.oversight.readonly_services import overseen
    from interface.oversight.serving import serve

    if check and (port or host):
        raise click.UsageError("--check serves nobody: not together with --port or --host")
    if check:
        _check(home)
    port, host = port or 8001, host or "127.0.0.1"
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    listener = listen(host, port)
    warn()
    with server(home) as logins, overseen(home, logins.oversight) as shown, suppress(KeyboardInterrupt):
        _warn(home, shown)
        click.echo(f"the oversight door answers on {address(host, port, front)}/oversight  — Ctrl-C ends it")
        serve(shown, listener, THREADS, front)


def _check(home: Home) -> None:
    from interface.bootstrap import server
    from interface.cli.verdict import say, verdict
    from interface.i18n.locales import english
    from interface.oversight.readonly_services import overseen
    from interface.oversight.verification_job import Examination

    with server(home) as logins, overseen(home, logins.oversight) as shown:
        _warn(home, shown)
        found = Examination(home, shown.database).run()
    say(f"published: {found.folder_en}")
    for told, places in ((found.table, found.places), (found.witness, {"n": found.witnessed})):
        say(english().gettext(told) % places)
    verdict(found.ok, _said(found), **vars(found))


def _warn(home: Home, shown: Overseen) -> None:
    """What would keep the service from being served is no reason not to look at it."""
    from application.log.log_keys import LogKeys
    from application.log.log_rows import LogRows
    from application.platform.failures import OperatorError
    from application.publication.published_log import Published
    from application.publication.rollback import proved_head

    try:
        proved_head(home, Published(home, shown.origin, LogKeys.load(home.keys).vkeys), LogRows(shown.database))
    except OperatorError as wrong:
        click.echo(f"warning: {wrong}", err=True)


def _said(found: Finding) -> str:
    if found.ok:
        return f"nothing was altered: {found.rows} entries (strength: {STRENGTHS[found.strength]})"
    return f"NOT VERIFIED: entry {found.position}" if found.position else "NOT VERIFIED"
