"""`xiaohao keys`: the keys of the log. 密钥管理"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.verifier.rules.rights_register import SERVICE
from interface.cli.options import as_json, with_home
from interface.cli.strict import Errands
from interface.cli.verdict import say, verdict

KINDS = {"ed25519": 0x01, "mldsa44": 0x06}


@click.group(cls=Errands)
def keys() -> None:
    """Keys: who signs, since when, and who takes over."""


@keys.command("list")
@click.option("--at", type=click.IntRange(1), metavar="POSITION", help="As the log stood there; otherwise now.")
@with_home
@as_json
def list_(home: Home, at: int | None) -> None:
    """Every signing key: whose it is, and from which entry to which it may sign."""
    from application.officials.keys import listed
    from interface.bootstrap import services

    with services(home) as made:
        found = [vars(one) | {"account": _account(made, one.owner)} for one in listed(made.ledger, at)]
        log = [str(vkey) for vkey in made.publisher.keys.vkeys]
    for one in found:
        until = "…" if one["last"] is None else one["last"]
        say(f"{one['keyid']}  {one['account']:24}  {one['use']:8}  {one['first']}–{until}  {one['state']}")
    for vkey in log:
        say(f"{vkey[:120]}")
    counted = sum(one["state"] == "in force" for one in found)
    verdict(True, f"{len(found)} signing keys, {counted} in force; {len(log)} keys of the log", keys=found, log=log)


AS = click.option("--as", "login", required=True, metavar="KEY_ADMIN", help="The account that answers for it.")
REASON = click.option("--reason", required=True, help="It stands in the log.")


def _about(did: str, kind: str, *more: Callable[..., Any], starting: bool = True) -> Callable[..., click.Command]:
    """A command about OFFICIAL, an account, with these options `more`; what is decorated only says in words what it does."""

    def command(described: Callable[[], None]) -> click.Command:
        def run(home: Home, official: str, login: str, **told: str) -> None:
            module, _, name = kind.partition(":")
            _change(
                home, login, official, did, partial(getattr(import_module(module), name), **told), starting=starting
            )

        for option in (as_json, with_home, *more, AS, click.argument("official")):
            run = option(run)
        return keys.command(described.__name__, help=described.__doc__)(run)

    return command


@_about("revoked the key", "application.officials.officials:RevokeKey", REASON, starting=False)
def revoke() -> None:
    """End the key of OFFICIAL, an account: it signs nothing after this entry."""


@_about("replaced the key", "application.officials.keys:RotateKey")
def rotate() -> None:
    """Give OFFICIAL, an account, a new key in place of the one in force, and a starting password that opens it."""


@_about("enrolled a key", "application.officials.keys:EnrolKey")
def enrol() -> None:
    """Give OFFICIAL, an account without a key, one and a starting password that opens it."""


@_about("reset the password and the key", "application.officials.keys:ResetPassword", REASON)
def reset() -> None:
    """For OFFICIAL, an account whose password is forgotten: revoke the key, which nobody opens any more, and begin anew."""


def _change(home: Home, login: str, official: str, did: str, command: Callable[..., Any], *, starting: bool) -> None:
    from application.vault.passwords import Password, starting_password
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    word = starting_password() if starting else None
    with services(home) as made:
        credential = made.vault.people.credential(official)
        if credential is None:
            raise OperatorError(f"couldn't change the key of {official}: there is no such account")
        actor = acting(made, login, "key.revoked")
        members = {"password": Password(word)} if word else {}
        receipt = made.ledger.handle(command(id=uuid4(), actor=actor, official=credential.official, **members))
    if word:
        say(f"sign in   {official}  one-time password: {word}\n")
    verdict(
        True,
        f"{did} of {official} at position {receipt.position}",
        position=receipt.position,
        leaf_hash=receipt.leaf_hash,
        **({"one_time_password": word} if word else {}),
    )


def _account(made: Any, owner: str) -> str:
    if owner == SERVICE:
        return owner
    credential = made.vault.people.credential_of(UUID(owner))
    return credential.login if credential else owner


@keys.command("rotate-log")
@AS
@click.option("--kind", type=click.Choice(list(KINDS)), default="ed25519", show_default=True, help="Which of the keys.")
@with_home
@as_json
def rotate_log(home: Home, login: str, kind: str) -> None:
    """Let a new key of the log take over; the old one signs beside it until `keys retire-log`."""
    from application.officials.keys import hand_over
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

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


@keys.command()
@with_home
@as_json
def paper(home: Home) -> None:
    """Print the log's own keys in words, for paper: `restore` asks for them where no copy of HOME/keys is left."""
    from application.log.log_keys import FILES, LogKeys
    from application.vault.mnemonic import to_words

    home.read()
    found = {key.kind: key for key in reversed(LogKeys.load(home.keys).keys)}  # those in force, which come first
    words = {FILES[kind]: to_words(found[kind].seed) for kind in FILES}
    say("Whoever has these words signs as the log. Write them on paper, apart from the backups.\n")
    for name, one in words.items():
        say(f"{name}: {one}\n")
    verdict(True, f"{len(words)} keys of the log, in words for `xiaohao restore`", words=words)


@keys.command("retire-log")
@click.argument("vkey_id", metavar="VKEY-ID")
@with_home
@as_json
def retire_log(home: Home, vkey_id: str) -> None:
    """Destroy an old key of the log: checkpoints carry its line no longer."""
    from application.log.log_keys import retire
    from interface.bootstrap import services

    with services(home) as made:
        made.publisher.publish()  # the successor has signed what the old key vouched for
        retire(home.keys, vkey_id.lower())
        made.publisher.publish()
    verdict(True, f"retired the log's key {vkey_id}; its file is destroyed", key_id=vkey_id)


@keys.command()
@AS
@click.option("--reason", required=True, help="Why the log must end; it stands in the log.")
@with_home
@as_json
def freeze(home: Home, login: str, reason: str) -> None:
    """End the log for ever, after a compromise; `init --continues` opens the one that goes on from it."""
    from application.officials.keys import FreezeLog
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    with services(home) as made:
        command = FreezeLog(id=uuid4(), actor=acting(made, login, "log.frozen"), reason=reason)
        position = made.ledger.handle(command).position
        made.publisher.publish()
        cosigned = sorted({name for outcome in made.witnesses.ask() for name in outcome.names})
    last = home.trail / "checkpoint"
    by = f"cosigned by {', '.join(cosigned)}" if cosigned else "let the commission cosign it"
    verdict(
        True,
        f"frozen at position {position}; its last checkpoint is {last}: {by}, then `xiaohao init … "
        f"--continues {home.trail} --continues-vkey @{home.trail / 'log.vkey'}`",
        position=position,
        checkpoint=str(last),
        cosigned=cosigned,
    )
