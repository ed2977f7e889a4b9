"""`xiaohao init`: a new instance; what belongs on paper is printed once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import click

from application.platform.home import Home
from domain.days import is_meant
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

FOLDER = click.Path(path_type=Path, exists=True)


def _meant(_ctx: click.Context, _option: click.Parameter, day: datetime | None) -> datetime | None:
    if day is not None and not is_meant(day.date()):
        raise click.BadParameter(f"{day.date()} is no day that a campaign begins; take one from 1900 to 2199")
    return day


@click.command(cls=Once)
@with_home
@as_json
@click.option("--origin", required=True, metavar="NAME", help="The log's name for ever, like city.example/campaign.")
@click.option("--training", is_flag=True, help="A training log: simulated clock, no passwords on the command line.")
@click.option(
    "--commission-key",
    "commission",
    default="",
    metavar="KEY",
    help="The public key for letters, made by the commission.",
)
@click.option("--continues", type=FOLDER, metavar="TRAIL", help="The published folder of the frozen log before it.")
@click.option(
    "--continues-vkey",
    "vkeys",
    multiple=True,
    metavar="KEY|@FILE",
    help="That log's keys, from paper; with --continues.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_meant,
    help="Where a training clock begins.  [default: 2025-07-03]",
)
def init(
    home: Home,
    origin: str,
    training: bool,
    commission: str,
    continues: Path | None,
    vkeys: Sequence[str],
    since: datetime | None,
) -> None:
    """Make a new instance and print its genesis, keys and the administrator's one-time password."""
    from interface.first_start import CAMPAIGN_BEGAN, create

    if since is not None and not training:
        raise click.UsageError("--since is where a training clock begins: only with --training")
    end, day = _end(continues, origin, vkeys), since.date() if since else CAMPAIGN_BEGAN
    made = create(home, origin=origin, training=training, since=day, continues=end, commission=commission)
    path = home.trail / "log.vkey"
    if made.aside:
        say(f"What an earlier `init` left that was cut off lies in {made.aside} now; nobody has worked with it.")
    say("Write this on paper; it is not shown again.\n")
    say(f"genesis   {made.genesis}")
    say(f"vkey      {made.vkeys[0]}")
    say(f"          both keys of the log: {path}, SHA-256 {sha256(path.read_bytes()).hexdigest()}")
    say(f"master key, in words for `xiaohao master-key`: {made.master_key}")
    if made.commission:
        say(f"commission's private key, for the discipline commission alone: {made.commission}")
    say(f"commission's public key for letters, SHA-256 {made.fingerprint}")
    say(f"sign in   {made.login}  one-time password: {made.password}\n")
    verdict(
        True,
        f"made {'a training' if training else 'an'} instance of {origin} in {home.path}",
        genesis=made.genesis,
        vkeys=made.vkeys,
        login=made.login,
        one_time_password=made.password,
        commission_private_key=made.commission,
        commission_fingerprint=made.fingerprint,
        aside=made.aside,
        master_key=made.master_key,
    )


def _end(continues: Path | None, origin: str, vkeys: Sequence[str]) -> str | None:
    """The end of the log before this one, once it was verified. Raises OperatorError."""
    from interface.log_continuation import end_of

    if bool(continues) != bool(vkeys):
        raise click.UsageError(
            "--continues and --continues-vkey go together: that log is verified before anything is made"
        )
    return end_of(continues, origin, vkeys) if continues else None
