"""`xiaohao rules`: who may write which type, as the log says; and adopting what a newer program brings. 权限规则"""

from __future__ import annotations

import click

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Errands
from interface.cli.verdict import say, verdict


@click.group(cls=Errands)
def rules() -> None:
    """Show the rules in force, or adopt those of a newer program."""


@rules.command()
@with_home
@as_json
def show(home: Home) -> None:
    """List every type of event with the roles that may record it, as the log has adopted them."""
    from application.campaign.genesis import version_in_force
    from domain.rules import TYPES, VERSION
    from interface.bootstrap import services

    with services(home) as made:
        adopted, types = version_in_force(made.database), made.ledger.authority().rules
    for kind in sorted(types):
        own = "  in its own unit" if types[kind].get("unit") == "own" else ""
        say(f"{kind:32} {', '.join(types[kind]['roles'])}{own}")
    waiting = sorted(TYPES.keys() - types.keys())
    for kind in waiting:
        say(f"{kind:32} not adopted yet")
    older = f"; this program brings version {VERSION}: `xiaohao rules adopt --as …`" if adopted < VERSION else ""
    verdict(
        True,
        f"the log's rules are version {adopted}{older}",
        adopted=adopted,
        program=VERSION,
        types=types,
        not_adopted=waiting,
    )


@rules.command()
@click.option("--as", "login", required=True, metavar="ADMINISTRATOR", help="The account that answers for it.")
@with_home
@as_json
def adopt(home: Home, login: str) -> None:
    """Adopt the rules that this program brings; they count from that entry on, older entries keep their own."""
    from application.campaign.genesis import adoption
    from domain.rules import VERSION
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    with services(home) as made:
        receipt = made.ledger.handle(adoption(made.ledger, acting(made, login, "rules.adopted")))
    did = "was adopted before" if receipt.repeated else "adopted"
    verdict(
        True,
        f"{did}: rules version {VERSION}, position {receipt.position}",
        version=VERSION,
        position=receipt.position,
        leaf_hash=receipt.leaf_hash,
        repeated=receipt.repeated,
    )
