"""How every command ends: one line for people, or one object for machines; exit 0 yes, 1 no, 2 usage."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import click

from application.log.head_guard import ROLLED_BACK
from application.platform.database import AWAY, BUSY, FULL
from domain.errors import Unavailable

CAUSES = {
    FULL: "the disk is full; free some space",
    AWAY: "the database can't be reached; see that it runs",
    ROLLED_BACK: "the log in the database is smaller than what was recorded or published, or differs from it; stop the service "
    "and see `xiaohao restore`",
    BUSY: "every connection to the database is in use; wait a moment",
}


def verdict(ok: bool, sentence: str, **members: Any) -> NoReturn:
    """How a yes or no ends."""
    end(0 if ok else 1, sentence, **members)


def end(status: int, sentence: str, **members: Any) -> NoReturn:
    """Print the last line and exit with this status, 0 for yes; with `--json` everything is in one object on one line."""
    context = click.get_current_context()
    if is_for_machines():
        click.echo(json.dumps({"ok": not status, "verdict": sentence, **members}, ensure_ascii=False, default=str))
    else:
        click.echo(sentence)
    context.exit(status)


def cause(refused: Unavailable) -> str:
    """Why the service can't record, in the words of the command line."""
    from interface.i18n.refusal_text import in_english

    return CAUSES.get(str(refused)) or in_english(str(refused))


def say(text: str = "") -> None:
    """A line on the way; machines don't get it."""
    if not is_for_machines():
        click.echo(text)


def is_for_machines() -> bool:
    """Whether `--json` was asked for."""
    return bool(click.get_current_context().find_root().params.get("as_json"))
