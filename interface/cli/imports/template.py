"""`xiaohao import template`: an empty sheet that comes in without a mapping. 导入模板"""

from __future__ import annotations

from pathlib import Path

import click

from application.exchange import template
from application.platform.failures import OperatorError
from interface.cli.options import as_json
from interface.cli.private_file import write_private
from interface.cli.strict import Once
from interface.cli.verdict import verdict

KINDS = {"tips": template.tips, "ledger": template.ledger}


@click.command(cls=Once, name="template")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("-o", "out", type=click.Path(path_type=Path), required=True, metavar="FILE.xlsx")
@as_json
def template_(kind: str, out: Path) -> None:
    """Write an empty sheet with drop-downs and a page on how to fill it in."""
    try:
        write_private(out, KINDS[kind]())
    except OSError as error:
        raise OperatorError(f"couldn't write {out}: {error.strerror}") from None
    verdict(True, f"made {out}; filled in, it comes back with `xiaohao import {kind} {out.name}`", file=str(out))
