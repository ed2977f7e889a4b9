"""`xiaohao bundle`: evidence to take along, which verifies itself offline."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any
from uuid import UUID

import click

from application.failures import CouldNot
from application.store.home import Home, writing
from interface.cli.options import as_json, with_home
from interface.cli.private_file import open_private
from interface.cli.verdict import verdict

READER = ("system:bundle", "320581")


@click.command()
@click.option("-o", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.zip")
@click.option("--problem", metavar="ID", help="One problem, by its number or id; otherwise the whole published log.")
@with_home
@as_json
def bundle(home: Home, out: Path, problem: str | None) -> None:
    """Write a zip with entries, proofs, checkpoint, keys, evidence and hashes; that it was taken is recorded."""
    from interface.bootstrap import services
    from interface.oversight.parts import overseen

    with (
        services(home) as made,
        overseen(home, made.logins.oversight) as shown,
        writing(out),
        open_private(out) as file,
    ):
        made.projections.catch_up()
        try:
            told = _of_problem(file, shown, problem) if problem else _of_log(file, shown)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    verdict(True, f"wrote {out}: {told}", file=str(out))


def _of_log(file: IO[bytes], shown: Any) -> str:
    from interface.oversight import pack

    shown.vault.record_access(*READER, what="pack/log", why="oversight")
    return f"the whole published log, {pack.of_log(file, shown)} entries"


def _of_problem(file: IO[bytes], shown: Any, problem: str) -> str:
    from interface.oversight import matters, pack, sentences
    from interface.oversight.app import create_app
    from interface.oversight.scene import reading

    app = create_app(shown)
    with app.test_request_context():
        app.preprocess_request()
        with reading() as cursor:
            id = _id(cursor, problem)
            told = sentences.told(cursor, matters.of_matter(cursor, id))
        if not told:
            raise CouldNot(f"couldn't bundle {problem}: the log has no such matter")
        shown.vault.record_access(*READER, what=f"pack/{id}", why="oversight")
        proved = pack.of_matter(file, shown, told)
    return f"{len(proved)} entries with their proofs, of {len(told)} recorded"


def _id(cursor: Any, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        cursor.execute("SELECT key FROM read.problem WHERE until IS NULL AND number = %s", (text,))
        row = cursor.fetchone()
    if row is None:
        raise CouldNot(f"couldn't bundle {text}: no problem has this number")
    return UUID(row[0])
