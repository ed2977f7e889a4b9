"""`xiaohao export`: lists out of the log, in the columns that come in again. 导出"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from application.exchange.problem_rows import COLUMNS
from application.exchange.workbook import Paper, xlsx
from application.platform.clock import today
from application.platform.failures import OperatorError
from application.platform.home import Home
from domain.values import CITY, Actor
from interface.bootstrap import Services, services
from interface.cli.options import as_json, with_home
from interface.cli.private_file import write_private
from interface.cli.strict import Errands
from interface.cli.verdict import verdict
from interface.kit.exports.problem_rows import ledger_rows
from projections import problems as problem_ledger
from projections import registers
from projections.query.as_of import position_at
from projections.query.page import LARGEST
from projections.query.scope import Scope

OPERATOR = Actor("system:command_line", "system", CITY)  # whoever may run commands on this machine


@click.group(cls=Errands)
def export() -> None:
    """Write lists as Excel files."""


@export.command()
@click.option("--town", metavar="CODE", help="Only this town's, by its 9-digit code.")
@click.option("--as-of", metavar="DATE|POSITION", help="As it stood then.")
@click.option("-o", "out", type=click.Path(path_type=Path), required=True, metavar="FILE.xlsx")
@with_home
@as_json
def ledger(home: Home, town: str | None, as_of: str | None, out: Path) -> None:
    """The ledger of problems (附件3)."""
    with services(home) as made:
        made.projections.catch_up()
        asked = " ".join(word for word in (town and f"town={town}", as_of and f"as_of={as_of}") if word)
        made.vault.record_access(OPERATOR, what="export/ledger/xlsx", why=asked or "all")
        with made.database.transaction(read_only=True, repeatable_read=True) as cursor:
            paper, total = _paper(cursor, made, town, as_of)
            content = xlsx(paper)
    try:
        write_private(out, content)
    except OSError as error:
        raise OperatorError(f"couldn't write {out}: {error.strerror}") from None
    left = f"; {total - LARGEST} more did not fit, choose a --town" if total > LARGEST else ""
    verdict(not left, f"wrote {min(total, LARGEST)} of {total} problems to {out}{left}", file=str(out), problems=total)


def _paper(cursor: Any, made: Services, town: str | None, as_of: str | None) -> tuple[Paper, int]:
    scope = Scope(town) if town else Scope.all()
    names = [unit.name for unit in registers.units(cursor, scope, kind="town" if town else "city")]
    if len(names) != 1:
        raise OperatorError(f"couldn't export the ledger: there is no town {town}")
    head = made.ledger.table.max_notification_id()
    now = today(made.clock)
    at, day = position_at(cursor, as_of, now) if as_of else (None, now)
    found = problem_ledger.problems(cursor, scope, day=day, at=at, order="number", size=LARGEST)
    rows = ledger_rows(cursor, scope, found.rows, people=made.vault.people, at=at)
    badge = "【演练】" if made.mode == "training" else ""
    footer = f"筛选：{names[0]}；截至 {day.isoformat()}，日志第 {at or head} 条；共 {found.total} 条"
    title, heads = f"整治工作台账（格式待市专班确认）{badge}", ["序号", *COLUMNS]
    numbered = [(number, *row) for number, row in enumerate(rows, 1)]
    return Paper(title, names[0], day, heads, [6, *COLUMNS.values()], numbered, footer), found.total
