"""`xiaohao import withdraw` and `batches`: a batch that should not have been imported is taken back."""

from __future__ import annotations

from uuid import UUID

import click

from application.exchange.withdrawal import Withdrawal
from application.platform.failures import OperatorError
from application.platform.home import Home
from domain.errors import NotFound
from interface.bootstrap import Services, services
from interface.cli.imports.report import bar, refused
from interface.cli.options import as_json, with_home
from interface.cli.sign_in import acting
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict
from projections import registers
from projections.query.scope import Scope


@click.command(cls=Once)
@click.argument("batch")
@click.option("--reason", required=True, help="Why it should not have been imported; it stays in the log.")
@click.option("--as", "login", required=True, metavar="OFFICIAL", help="The account that answers for it.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; record nothing.")
@with_home
@as_json
def withdraw(home: Home, batch: str, reason: str, login: str, dry_run: bool) -> None:
    """Take back the tips or problems of BATCH that nobody works on yet; the same file may then be imported again."""
    with services(home) as made:
        task = _task(made, login, batch, reason)
        waiting, already = len(task.open), task.withdrawn
        if not dry_run:
            _run(task)
        refused(dict(task.kept), [row for row, _ in task.kept])
        did = f"would withdraw {waiting}" if dry_run else f"withdrew {task.withdrawn - already}"
        _report(task, f"{did} of {len(task.rows)} {_noun(task)}; {already} were withdrawn already")


def _task(made: Services, login: str, batch: str, reason: str) -> Withdrawal:
    try:
        return Withdrawal(made.ledger, acting(made, login, "import.withdrawn"), UUID(batch), reason=reason)
    except (ValueError, NotFound):
        raise OperatorError(
            f"couldn't withdraw {batch}: there is no such batch, or it is another unit's; `xiaohao import batches` lists them"
        ) from None


def _run(task: Withdrawal) -> None:
    with bar(_noun(task), len(task.open)) as advance:
        task.run(advance)


def _noun(task: Withdrawal) -> str:
    return "problems" if task.batch.kind == "ledger" else "tips"


def _report(task: Withdrawal, did: str) -> None:
    if task.sealed:
        say(f"with the commission (检举线索), where they stay and count as imported: {task.sealed}")
    verdict(
        True,
        f"{did}, {len(task.kept)} are being worked on and stay",
        batch=str(task.batch.id),
        **{_noun(task): len(task.rows)},
        withdrawn=task.withdrawn,
        kept=[row for row, _ in task.kept],
        sealed=task.sealed,
    )


@click.command(cls=Once)
@with_home
@as_json
def batches(home: Home) -> None:
    """List the batches that were imported, the newest first."""
    with services(home) as made:
        made.projections.catch_up()
        with made.database.cursor() as cursor:
            found = registers.imports(cursor, Scope.all())
    for id, batch in found:
        state = f"withdrawn {batch.withdrawn_on}" if batch.withdrawn_on else f"{batch.registered or 0} registered"
        state = state if batch.withdrawn_on or batch.registered is not None else "cut off"
        rows = "1 row" if batch.rows == 1 else f"{batch.rows} rows"
        say(f"{id}  {batch.started_on}  {batch.source}  {rows}, {state}, file {batch.file_sha256[:12]}…")
    verdict(
        True,
        "1 batch" if len(found) == 1 else f"{len(found)} batches",
        batches=[{"batch": id, **batch._asdict()} for id, batch in found],
    )
