"""`xiaohao keys`: the keys of the log. 密钥管理"""

from __future__ import annotations

from uuid import uuid4

import click

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import verdict

KINDS = {"ed25519": 0x01, "mldsa44": 0x06}


@click.group()
def keys() -> None:
    """Keys: who signs, since when, and who takes over."""


@keys.command("rotate-log")
@click.option("--as", "login", required=True, metavar="KEY_ADMIN", help="The account that answers for it.")
@click.option("--kind", type=click.Choice(list(KINDS)), default="ed25519", show_default=True, help="Which of the keys.")
@with_home
@as_json
def rotate_log(home: Home, login: str, kind: str) -> None:
    """Let a new key of the log take over; the old one signs beside it until `keys retire-log`."""
    from application.keys import hand_over
    from interface.bootstrap import services
    from interface.cli.acting import acting

    with services(home) as made:
        old, new = hand_over(made.ledger, home.keys, KINDS[kind], acting(made, login, "log.key_rotated"))
        size = made.publisher.publish().size
    verdict(
        True,
        f"the log's {kind} key {new.key_id.hex()} takes over from {old.key_id.hex()}; both sign, published {size} entries. "
        f"Witnesses need {home.trail / 'log.vkey'} before `xiaohao keys retire-log {old.key_id.hex()}`",
        old=str(old),
        new=str(new),
        size=size,
    )


@keys.command("retire-log")
@click.argument("vkey_id", metavar="VKEY-ID")
@with_home
@as_json
def retire_log(home: Home, vkey_id: str) -> None:
    """Destroy an old key of the log: checkpoints carry its line no longer."""
    from application.trail.logkeys import retire
    from interface.bootstrap import services

    with services(home) as made:
        made.publisher.publish()  # the successor has signed what the old key vouched for
        retire(home.keys, vkey_id.lower())
        made.publisher.publish()
    verdict(True, f"retired the log's key {vkey_id}; its file is destroyed", key_id=vkey_id)


@keys.command()
@click.option("--as", "login", required=True, metavar="KEY_ADMIN", help="The account that answers for it.")
@click.option("--reason", required=True, help="Why the log must end; it stands in the log.")
@with_home
@as_json
def freeze(home: Home, login: str, reason: str) -> None:
    """End the log for ever, after a compromise; `init --continues` opens the one that goes on from it."""
    from application.keys import FreezeLog
    from interface.bootstrap import services
    from interface.cli.acting import acting

    with services(home) as made:
        command = FreezeLog(id=uuid4(), actor=acting(made, login, "log.frozen"), reason=reason)
        position = made.ledger.handle(command).position
        made.publisher.publish()
        cosigned = sorted({name for outcome in made.witnesses.ask() for name in outcome.names})
    last = home.trail / "checkpoint"
    by = f"cosigned by {', '.join(cosigned)}" if cosigned else "let the commission cosign it"
    verdict(
        True,
        f"frozen at position {position}; its last checkpoint is {last}: {by}, then `xiaohao init … --continues {last}`",
        position=position,
        checkpoint=str(last),
        cosigned=cosigned,
    )
