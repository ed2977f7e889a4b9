"""`xiaohao bundle`: evidence to take along, which verifies itself offline."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any
from uuid import UUID

import click

from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole, writing
from interface.cli.options import as_json, with_home
from interface.cli.private_file import open_private
from interface.cli.strict import Once
from interface.cli.verdict import verdict

READER = ("system:bundle", "320581")


@click.command(cls=Once)
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.zip")
@click.option("--problem", metavar="ID", help="One problem, by its number or id; otherwise the whole published log.")
@click.option(
    "--cover",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.pdf",
    help="Also a sheet to print; it is no part of the pack.",
)
@with_home
@as_json
def bundle(home: Home, out: Path, problem: str | None, cover: Path | None) -> None:
    """Write a zip with entries, proofs, checkpoint, keys, names, evidence and hashes; that it was taken is recorded."""
    if cover is not None and problem is None:
        raise click.UsageError("--cover is of one problem's pack: not without --problem")
    from interface.bootstrap import services
    from interface.oversight.readonly_services import overseen

    with (
        services(home) as made,
        overseen(home, made.logins.oversight) as shown,
        writing(out),
        open_private(out) as file,
    ):
        made.projections.catch_up()
        try:
            told = _of_problem(file, shown, problem, cover) if problem else _of_log(file, shown)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    verdict(True, f"wrote {out}: {told}", file=str(out))


def _of_log(file: IO[bytes], shown: Any) -> str:
    from interface.oversight import pack

    shown.vault.record_access(*READER, what="pack/log", why="oversight")
    return f"the whole published log, {pack.of_log(file, shown)} entries"


def _of_problem(file: IO[bytes], shown: Any, problem: str, cover: Path | None) -> str:
    from interface.oversight import case_file, event_text, pack
    from interface.oversight.app import create_app
    from interface.oversight.request_context import reading

    app = create_app(shown)
    with app.test_request_context():
        app.preprocess_request()
        with reading() as cursor:
            id = _id(cursor, problem)
            told = event_text.told(cursor, case_file.of_matter(cursor, id))
        if not told:
            raise OperatorError(f"couldn't bundle {problem}: the log has no such matter")
        shown.vault.record_access(*READER, what=f"pack/{id}", why="oversight")
        made = pack.of_matter(file, shown, told)
    if cover is not None:
        from interface.oversight.pack_cover import pdf

        write_whole(cover, pdf(made.cover, shown.origin))
    return f"{len(made.positions)} entries with their proofs, of {len(told)} recorded"


def _id(cursor: Any, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        cursor.execute("SELECT key FROM read.problem WHERE until IS NULL AND number = %s", (text,))
        row = cursor.fetchone()
    if row is None:
        raise OperatorError(f"couldn't bundle {text}: no problem has this number")
    return UUID(row[0])
