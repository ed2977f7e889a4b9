"""`xiaohao import ledger`: a town's own ledger (附件3) is entered after the fact. 台账补录"""

from __future__ import annotations

from pathlib import Path

import click

from application.exchange.mapping import BadMapping
from application.exchange.problem_import import LedgerImport
from application.exchange.problem_rows import COLUMNS, UNREAD
from application.exchange.sheet import BadSheet, read
from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.bootstrap import services
from interface.cli.imports.report import bar, done
from interface.cli.options import as_json, with_home
from interface.cli.sign_in import acting
from interface.cli.strict import Once
from interface.cli.verdict import say


@click.command(cls=Once)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "login", required=True, metavar="OFFICIAL", help="The account that answers for it.")
@click.option("--paper", default="原整治工作台账", help="What the rows were kept in; it stands in each event (补录).")
@click.option("--dry-run", is_flag=True, help="Say what would happen; record nothing.")
@with_home
@as_json
def ledger(home: Home, file: Path, login: str, paper: str, dry_run: bool) -> None:
    """Open a problem for each row of FILE (columns of `import template ledger`, or of the exported ledger), each once."""
    try:
        sheet = read(file, heads=COLUMNS)
        with services(home) as made:
            task = LedgerImport(made.ledger, acting(made, login, "problem.opened"), sheet, paper)
            new = len(task.look()) if dry_run else _run(task)
    except BadMapping as bad:
        raise OperatorError(f"couldn't use the columns of {file.name}: {bad}") from None
    except BadSheet as bad:
        raise OperatorError(f"couldn't read the sheet: {bad}") from None
    say(f"not read: {', '.join(UNREAD)}; what was found on a day counts for that day, with the deadline it had")
    done(task, file, new, "would open" if dry_run else "opened")


def _run(task: LedgerImport) -> int:
    with bar("rows", len(task.sheet.rows)) as advance:
        task.run(advance)
    return task.counts["registered"]
