"""`xiaohao publish`: the log as a folder of files that anybody can check."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.mirror_tokens import MirrorTokens
from application.verifier.formats.checkpoint import Checkpoint
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

EVERY = 60  # seconds
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Once)
@click.option("--once", is_flag=True, help="Publish what is new and end; otherwise once a minute until Ctrl-C.")
@click.option("--add-cosignature", type=FILE, metavar="FILE", help="Take in what `witness cosign` wrote, and end.")
@click.option(
    "--new-mirror-token", metavar="NAME", help="Let a mirror read the entries; print its token once, and end."
)
@with_home
@as_json
def publish(home: Home, once: bool, add_cosignature: Path | None, new_mirror_token: str | None) -> None:
    """Write new entries, tiles and the signed checkpoint to HOME/trail, then ask the witnesses of HOME/policy."""
    if sum((once, add_cosignature is not None, new_mirror_token is not None)) > 1:
        raise click.UsageError("--once, --add-cosignature and --new-mirror-token are three errands: one at a time")
    if new_mirror_token is not None:
        _new_token(home, new_mirror_token)
    from interface.bootstrap import services

    with services(home) as made:
        if add_cosignature is not None:
            _add(made, add_cosignature)
        checkpoint, witnessed = _published(made)
        while not once:
            say(f"published {checkpoint.size} entries{witnessed}")
            time.sleep(EVERY)
            checkpoint, witnessed = _published(made)
    verdict(
        True,
        f"published {checkpoint.size} entries in {home.trail}; root {checkpoint.root.hex()}{witnessed}",
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        trail=str(home.trail),
    )


def _published(made: Any) -> tuple[Checkpoint, str]:
    """And, when that is done, what the witnesses say; none of them can undo it."""
    checkpoint = made.publisher.publish()
    outcomes = made.witnesses.ask()
    for outcome in outcomes:
        if outcome.trouble:
            say(f"not cosigned by {outcome.url}: {outcome.trouble}")
    names = sorted({name for outcome in outcomes for name in outcome.names})
    return checkpoint, f"; cosigned by {', '.join(names)}" if names else ""


def _add(made: Any, file: Path) -> None:
    try:
        names = made.witnesses.take(file.read_bytes())
    except OSError as error:
        raise OperatorError(f"couldn't read {file}: {error.strerror}") from None
    verdict(True, f"added the cosignature of {', '.join(names)}", names=names)


def _new_token(home: Home, name: str) -> None:
    home.read()
    token = MirrorTokens(home.keys).create(name)
    say(f"The mirror sends this with every request; it is not shown again:\n\nAuthorization: Bearer {token}\n")
    verdict(True, f"made a token for the mirror {name}", name=name, token=token)
