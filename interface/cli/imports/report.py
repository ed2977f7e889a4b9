"""What an importing command tells: a bar on the way, refused rows by reason, and the file with its faults. 导入报告"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.exchange.batch import Batch
from application.exchange.error_report import COLUMN, name_of, with_errors
from application.exchange.sheet import Sheet
from interface.cli.private_file import write_private
from interface.cli.verdict import cause, say, verdict

REASONS, ROWS = 20, 8  # that are listed on the screen; the file has them all


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal; nothing for machines. Call what it gives with the number done, or for one."""
    quiet = bool(click.get_current_context().find_root().params.get("as_json"))
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done=1: progress.advance(task, done)


def refused(sentences: Mapping[int, str], rows: Collection[int]) -> None:
    """Rows with the same fault on one line. In the file it stands in 中文."""
    from interface.i18n.refusal_text import in_english

    reasons: dict[str, list[int]] = {}
    for row in sorted(rows):
        reasons.setdefault(sentences[row], []).append(row)
    for sentence, those in list(reasons.items())[:REASONS]:
        more = f" … {len(those)} rows" if len(those) > ROWS else ""
        say(f"row {', '.join(map(str, those[:ROWS]))}{more}: {in_english(sentence)}")
    if len(reasons) > REASONS:
        say(f"… and {len(reasons) - REASONS} faults more")


def differing(rows: Collection[int]) -> str:
    """Of rows that were there already: those whose number is known with other words."""
    if not rows:
        return ""
    shown = ", ".join(map(str, sorted(rows)[:ROWS])) + (" …" if len(rows) > ROWS else "")
    return f" ({len(rows)} of them with another text: row {shown})"


def done(task: Batch, file: Path, new: int, did: str) -> NoReturn:
    """Faults, the file with them, and the verdict; `did` says registered, opened, would open …"""
    refused(task.sentences, task.refused)
    written = write_back(task.sheet, task.sentences, file)
    counts = task.counts | {"registered": new}
    cut = f"cut short: {cause(task.cut)}; run it again and nothing comes in twice; " if task.cut else ""
    verdict(
        task.cut is None,
        f"{cut}{did} {new} of {len(task.outcomes)} rows; {counts['repeated']} were there already"
        f"{differing(task.differing)}, {counts['refused']} refused",
        **counts,
        differing=len(task.differing),
        rows=len(task.outcomes),
        batch=str(task.batch) if task.counts["registered"] else None,
        report=str(written) if written else None,
    )


def write_back(sheet: Sheet, sentences: Mapping[int, str], file: Path) -> Path | None:
    """Beside the file; where that folder is closed, in the folder that the command was called in; else nowhere, and it says so."""
    content, name = with_errors(sheet, sentences), name_of(file, sheet.kind)
    for place in dict.fromkeys((file.with_name(name), Path.cwd() / name)):
        try:
            write_private(place, content, like=file)
        except OSError as error:
            why = error.strerror
            continue
        say(f"the same rows with a column {COLUMN}: {place}")
        return place
    say(f"couldn't write the rows with a column {COLUMN} ({why}); what was imported stays imported")
    return None
