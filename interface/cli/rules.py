"""`xiaohao rules`: who may write which type of event, as the log has it and as this program brings it."""

from __future__ import annotations

from uuid import uuid4

import click

from application.store.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.verdict import say, verdict


@click.group()
def rules() -> None:
    """The rules of who may do what."""


@rules.command()
@with_home
@as_json
def show(home: Home) -> None:
    """List the types in force with their roles; exit 1 if this program brings newer rules than the log has."""
    from application.adopting import is_adopted
    from domain.rules import VERSION
    from interface.bootstrap import services

    with services(home) as made:
        types, current = made.ledger.authority().rules, is_adopted(made.ledger)
    for topic, rule in sorted(types.items()):
        say(f"{topic:34} {', '.join(rule['roles'])}")
    behind = f"; version {VERSION} of this program is not adopted yet: `xiaohao rules adopt --as ADMINISTRATOR`"
    sentence = f"{len(types)} types in force" + ("" if current else behind)
    verdict(current, sentence, version=VERSION, adopted=current, types=types)


@rules.command()
@click.option("--as", "login", required=True, metavar="OFFICIAL", help="The administrator's account.")
@with_home
@as_json
def adopt(home: Home, login: str) -> None:
    """Adopt the rules that this program brings, by an event of the administrator."""
    from application.adopting import AdoptRules
    from domain.rules import VERSION
    from interface.bootstrap import services
    from interface.cli.acting import acting

    with services(home) as made:
        actor = acting(made, login, "rules.adopted")
        receipt = made.ledger.handle(AdoptRules(id=uuid4(), actor=actor))
    verdict(True, f"version {VERSION} of the rules is in force from position {receipt.position} on", **vars(receipt))
