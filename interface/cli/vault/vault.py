"""`xiaohao vault`: what was said to us, and its end."""

from __future__ import annotations

from uuid import UUID, uuid4

import click

from application.core.ledger import Receipt
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.tips.shredding import ProposeShredding, ShredTip, end_epoch, proposal
from domain import laws
from domain.tips.tip import Tip
from interface.bootstrap import Services, services
from interface.cli.options import as_json, with_home
from interface.cli.sign_in import acting
from interface.cli.strict import Errands
from interface.cli.verdict import verdict


@click.group(cls=Errands)
def vault() -> None:
    """Texts and reporters, outside the log."""


@vault.command()
@click.argument("tip", required=False)
@click.option(
    "--now",
    is_flag=True,
    help="End the epoch: keys of what was deleted are destroyed at once, not when the day is over.",
)
@click.option("--ground", type=click.Choice(list(laws.grounds("shred"))), help="Why TIP has to be destroyed.")
@click.option("--order", metavar="NUMBER", help="The number of the paper that orders it.")
@click.option("--as", "login", metavar="OFFICIAL", help="The account that answers for it.")
@with_home
@as_json
def shred(home: Home, tip: str | None, now: bool, ground: str | None, order: str | None, login: str | None) -> None:
    """Propose that what TIP says be destroyed, or approve what somebody else proposed; TIP is its id or its position."""
    if now == bool(tip) or bool(tip) != bool(login):
        raise click.UsageError("say either --now, or TIP and --as OFFICIAL")
    if (now and ground) or (order and not ground):
        raise click.UsageError(
            "--ground and --order say why TIP has to be destroyed: --order only with --ground, neither with --now"
        )
    with services(home) as made:
        if tip is None or login is None:
            _roll(made)
        else:
            _shred(made, _tip(made, tip), ground, order, login)


def _roll(made: Services) -> None:
    rolled = end_epoch(made.ledger)
    counted = (
        f"epoch {rolled.epoch}: {rolled.rewrapped} keys wrapped anew, {len(rolled.destroyed)} old epochs destroyed"
    )
    if rolled.unreadable:
        verdict(
            False, f"{counted}; {len(rolled.unreadable)} keys could not be read: run `xiaohao fsck`", **vars(rolled)
        )
    verdict(True, counted, **vars(rolled))


def _shred(made: Services, tip: UUID, ground: str | None, order: str | None, login: str) -> None:
    seen = made.ledger.fetch(Tip, tip).version
    if proposal(made.ledger, tip) is not None and ground is None:
        approver = acting(made, login, "tip.shredded")
        command = ShredTip(id=uuid4(), actor=approver, tip=tip, seen=seen)
        _done(made.ledger.handle(command), f"destroyed what tip {tip} said")
    if ground is None:
        raise OperatorError(f"couldn't propose to destroy tip {tip}: nobody has proposed it yet; say why with --ground")
    proposer = acting(made, login, "tip.shredding_proposed")
    propose = ProposeShredding(id=uuid4(), actor=proposer, tip=tip, seen=seen, ground=ground, order=order)
    _done(made.ledger.handle(propose), f"proposed to destroy what tip {tip} said; a decider of the city has to approve")


def _done(receipt: Receipt, sentence: str) -> None:
    verdict(True, f"{sentence} (position {receipt.position})", position=receipt.position, leaf_hash=receipt.leaf_hash)


def _tip(made: Services, text: str) -> UUID:
    """By its id, or by the position of its registration."""
    try:
        if not text.isdigit():
            return UUID(text)
        [event] = made.ledger.read(after=int(text) - 1, limit=1)
        return UUID(event.stream)
    except ValueError:
        raise OperatorError(f"couldn't find tip {text}: it is neither a tip's id nor a position of the log") from None
