"""`xiaohao documents`: editions of catalogue, calendar and score table; proposing a later one, and adopting it. 依据文件"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import click

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

WHO = click.option("--as", "login", required=True, metavar="LOGIN", help="The account that answers for it.")


@click.group()
def documents() -> None:
    """Show the documents that everything is decided by, propose a later edition, adopt it."""


@documents.command("list", cls=Once)
@with_home
@as_json
def list_(home: Home) -> None:
    """Every edition: what it is, from when it counts, where it stands."""
    from interface.bootstrap import services
    from projections.documents import editions

    with services(home) as made:
        made.projections.catch_up()
        with made.database.cursor() as cursor:
            found = editions(cursor)
    for key, one in found:
        since = one.effective_on if one.content else "the beginning"
        say(f"{one.kind:12} {one.version:3}  {one.state:9} from {since}  {key}")
    verdict(True, f"{len(found)} editions", editions=[{"id": key, **one._asdict()} for key, one in found])


@documents.command(cls=Once)
@click.argument("kind", type=click.Choice(["catalogue", "calendar", "score_table"]))
@click.argument("sheet", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--effective", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="From when it counts."
)
@click.option("--note", required=True, help="What was changed, and why.")
@click.option("--years", type=int, multiple=True, help="Of a calendar: all its years.  [default: those in force]")
@click.option("--provisional", type=int, multiple=True, help="Of a calendar: years whose notice is not out yet.")
@click.option("--basis", help="Of a calendar: what it rests on.  [default: as in force]")
@WHO
@with_home
@as_json
def propose(
    home: Home,
    kind: str,
    sheet: Path,
    effective: datetime,
    note: str,
    years: tuple[int, ...],
    provisional: tuple[int, ...],
    basis: str | None,
    login: str,
) -> None:
    """Propose SHEET (CSV, as the page of an edition gives it) as a later edition; somebody else adopts it."""
    from application.campaign.documents import KINDS, ProposeDocument, in_force
    from domain.campaign import sheets
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    with services(home) as made:
        before = in_force(made.ledger, KINDS[kind]).members
        more: dict[str, object] = {"years": list(years)} if years else {}
        if kind == "calendar":
            more |= {"provisional": list(provisional)} | ({"basis": basis} if basis else {})
        content = sheets.read(kind, sheet.read_text("utf-8-sig"), before, **more)
        actor = acting(made, login, "document.proposed")
        command = ProposeDocument(
            id=uuid4(), actor=actor, kind=kind, content=content, effective_on=effective.date(), note=note
        )
        receipt = made.ledger.handle(command)
    verdict(
        True, f"proposed: {receipt.stream}, position {receipt.position}", id=receipt.stream, position=receipt.position
    )


@documents.command(cls=Once)
@click.argument("proposal", type=click.UUID)
@WHO
@with_home
@as_json
def adopt(home: Home, proposal: UUID, login: str) -> None:
    """Adopt what somebody else proposed (`documents list` has its id)."""
    from application.campaign.documents import AdoptProposal
    from domain.campaign.proposal import Proposal
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    with services(home) as made:
        seen = made.ledger.fetch(Proposal, proposal).version
        actor = acting(made, login, "document.adopted")
        receipt = made.ledger.handle(AdoptProposal(id=uuid4(), actor=actor, proposal=proposal, seen=seen))
    verdict(True, f"adopted: position {receipt.position}", position=receipt.position, leaf_hash=receipt.leaf_hash)
