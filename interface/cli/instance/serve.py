"""`xiaohao serve`: PostgreSQL, pages and jobs in one process; Ctrl-C ends all of it."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.cli.options import behind_proxies, with_home
from interface.cli.strict import Once
from interface.runtime.proxies import Front

THREADS = 16  # half of them, at most, work for the public page (interface/web/public/throttle.py)
FIRST_PROBLEMS = 90  # fewer than 3,000 events, so that the first page comes soon


@click.command(cls=Once)
@with_home
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--backups",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the daily backups go, from now on. [default: HOME/backups]",
)
@behind_proxies
@click.option("--training", is_flag=True, help="Make the home a training instance with generated data, if it is new.")
def serve(home: Home, port: int, host: str, front: Front, training: bool, backups: Path | None) -> None:
    """Serve the instance until Ctrl-C."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)

    def ready() -> None:
        click.echo(f"销号 (Xiaohao) answers on {address(host, port, front)}  — Ctrl-C ends it")

    with closing(listen(host, port)) as listener:
        warn()
        if training:
            _prepare(home)
        if backups is not None:
            home.describe(**home.read() | {"backups": str(backups.absolute())})
        from interface.serving import run

        run(home, listener, ready, THREADS, front)


def address(host: str, port: int, front: Front) -> str:
    """Where this process answers, and as what people know it."""
    own = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return f"{own} as {front.public}" if front.public else own


def warn() -> None:
    """What works and should not be left so."""
    from interface.runtime.config import unencrypted

    for name in unencrypted():
        click.echo(f"warning: {name} names another machine without TLS; add sslmode=verify-full to it", err=True)


def listen(host: str, port: int) -> Any:
    """Taken first: a port in use is known before anything is made."""
    import socket

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        raise OperatorError(
            f"couldn't listen on {host}:{port}: {os.strerror(error.errno or 0)}; choose another with --port (make run PORT=…)"
        ) from None
    return listener


def _prepare(home: Home) -> None:
    """A training instance with data in it; one whose loading was cut off is loaded now."""
    if not home.is_instance:
        from interface.first_start import create
        from interface.runtime.config import DEFAULT_ORIGIN

        if not home.holdings():
            click.echo(f"making a training instance in {home.path} …")
        create(home, origin=DEFAULT_ORIGIN, training=True, demo=True)
    if (instance := home.read()).pop("demo", None) is not None:
        from interface.demo.load import load

        load(home, problems=FIRST_PROBLEMS, seed=1)
        home.describe(**instance)


def stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
