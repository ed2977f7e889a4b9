"""`xiaohao witness`: the commission's own witness, on its own machine; it shares nothing with the service."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from application.platform.failures import OperatorError
from application.publication.witness import LARGEST_REQUEST
from application.publication.witness_store import WitnessStore
from application.verifier.inputs import Unusable
from interface.cli.commission import program as commission
from interface.cli.options import as_json
from interface.cli.strict import Errands
from interface.cli.verdict import say, verdict

THREADS = 4
IDLE = {
    "channel_timeout": 20,
    "cleanup_interval": 5,
}  # seconds: whoever opens connections and says nothing keeps nobody out


def with_home(function: Callable[..., Any]) -> Callable[..., Any]:
    """Named every time: a witness in the service's own home would witness nothing."""
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("--home", type=kind, required=True, metavar="DIR", help="The witness's own folder.")(function)


@click.group(cls=Errands)
def witness() -> None:
    """Cosign a log's checkpoints, each only if it extends the last one."""


@witness.command()
@with_home
@as_json
@click.option("--name", required=True, metavar="NAME", help="The witness's name for ever, like commission.example/w1.")
@click.option("--log", "logs", multiple=True, required=True, metavar="VKEY|@FILE", help="A log's key, from paper.")
@click.option("--url", default="", help=commission.ADDRESS)
def init(home: Path, name: str, logs: Sequence[str], url: str) -> None:
    """Make a witness with keys of its own, and print its public keys for paper."""
    try:
        keys = commission.establish(home, name, logs, url)
    except Unusable as error:
        raise click.UsageError(str(error)) from None
    say("Give these public keys to everybody who verifies the log, on paper or as the file witness.vkey:\n")
    for key in keys:
        say(f"vkey      {key.vkey}\n")
    policy = WitnessStore(home).verify_file
    say(f"{policy} names them and the log: verify with it, and give it to the service as its HOME/policy.")
    if not url:
        say("It names no address, so this witness is asked by stick only, and bounds recorded times from above only.")
    verdict(True, f"made the witness {name} in {home}", name=name, vkeys=[str(key.vkey) for key in keys])


@witness.command()
@with_home
@click.option("--port", type=click.IntRange(1, 65535), default=8100, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def run(home: Path, port: int, host: str) -> None:
    """Answer C2SP tlog-witness requests until Ctrl-C."""
    from waitress.server import create_server

    from interface.witness_http import Door

    signal.signal(signal.SIGTERM, _stop)
    door = Door(commission.opened(home, told=_tell))
    limits = {"threads": THREADS, "max_request_body_size": LARGEST_REQUEST, "ident": "xiaohao-witness", **IDLE}
    try:
        server = create_server(door, host=host, port=port, **limits)
    except OSError as error:
        raise OperatorError(f"couldn't listen on {host}:{port}: {error.strerror}; choose another with --port") from None
    if kept := WitnessStore(home).evidence():
        _tell(f"{len(kept)} checkpoints that were refused are kept under {home / 'logs'}")
    click.echo(f"the witness answers on http://{host}:{port}/add-checkpoint  — Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()


@witness.command()
@with_home
@as_json
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE")
@click.option("--old-copy", is_flag=True, help=commission.OLD_COPY)
def cosign(home: Path, folder: Path, out: Path, old_copy: bool) -> None:
    """Cosign the log published in FOLDER (a USB stick) if it extends what was cosigned before; FILE goes back."""
    done = commission.cosign(home, folder, out, old_copy=old_copy)
    more = {"size": done.size} if done.size else {"evidence": done.evidence}
    verdict(bool(done.size), done.sentence, **more)


def _tell(sentence: str) -> None:
    """To whoever keeps the witness."""
    click.echo(f"EVIDENCE: {sentence}", err=True)


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
