"""`xiaohao witness`: the commission's own witness, on its own machine; it shares nothing with the service."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from application.failures import CouldNot
from application.store.home import write_whole, writing
from application.trail.checkpoint import Checkpoint
from application.trail.kit import Unusable, vkeys_of
from application.trail.note import Vkey
from application.trail.notebook import Notebook
from application.trail.tiles import directory
from application.trail.witness import LARGEST_REQUEST, Refused, Witness
from interface.cli.options import as_json
from interface.cli.verdict import say, verdict

THREADS = 4


def with_home(function: Callable[..., Any]) -> Callable[..., Any]:
    """Named every time: a witness in the service's own home would witness nothing."""
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("--home", type=kind, required=True, metavar="DIR", help="The witness's own folder.")(function)


@click.group()
def witness() -> None:
    """Cosign a log's checkpoints, each only if it extends the last one."""


@witness.command()
@with_home
@as_json
@click.option("--name", required=True, metavar="NAME", help="The witness's name for ever, like commission.example/w1.")
@click.option("--log", "logs", multiple=True, required=True, metavar="VKEY|@FILE", help="A log's key, from paper.")
def init(home: Path, name: str, logs: Sequence[str]) -> None:
    """Make a witness with keys of its own, and print its public keys for paper."""
    keys = Notebook(home).create(name, _vkeys(logs))
    say("Give these public keys to everybody who verifies the log, on paper or as the file witness.vkey:\n")
    for key in keys:
        say(f"vkey      {key.vkey}\n")
    say("For the service's HOME/policy, with the address where `witness run` answers:\n")
    for number, key in enumerate(keys, 1):
        say(f"witness   {name}#{number} {key.vkey} http://…")
    verdict(True, f"made the witness {name} in {home}", name=name, vkeys=[str(key.vkey) for key in keys])


@witness.command()
@with_home
@click.option("--port", type=click.IntRange(1, 65535), default=8100, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def run(home: Path, port: int, host: str) -> None:
    """Answer C2SP tlog-witness requests until Ctrl-C."""
    from waitress.server import create_server

    from interface.witnessing import Door

    signal.signal(signal.SIGTERM, _stop)
    door = Door(_witness(home))
    limits = {"threads": THREADS, "max_request_body_size": LARGEST_REQUEST, "ident": "xiaohao-witness"}
    try:
        server = create_server(door, host=host, port=port, **limits)
    except OSError as error:
        raise CouldNot(f"couldn't listen on {host}:{port}: {error.strerror}; choose another with --port") from None
    click.echo(f"the witness answers on http://{host}:{port}/add-checkpoint  — Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()


@witness.command()
@with_home
@as_json
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE")
def cosign(home: Path, folder: Path, out: Path) -> None:
    """Cosign the log published in FOLDER (a USB stick) if it extends what was cosigned before; FILE goes back."""
    try:
        note = _witness(home).cosign(directory(folder))
    except Refused as refused:
        kept = Notebook(home).evidence()
        where = f"; {len(kept)} contradicting checkpoints are kept under {home / 'logs'}" if kept else ""
        verdict(False, f"not cosigned: {refused}{where}", evidence=kept)
    with writing(out):
        write_whole(out, note.to_bytes())
    size = Checkpoint.parse(note.text).size
    verdict(True, f"cosigned {size} entries; take {out} back: xiaohao publish --add-cosignature {out}", size=size)


def _witness(home: Path) -> Witness:
    notebook = Notebook(home)
    return Witness(*notebook.open(), notebook)


def _vkeys(texts: Sequence[str]) -> list[Vkey]:
    try:
        return vkeys_of(texts)
    except OSError as error:
        raise CouldNot(f"couldn't read {error.filename}: {error.strerror}") from None
    except Unusable as error:
        raise click.UsageError(str(error)) from None


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
