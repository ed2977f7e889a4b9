"""How every command ends: one line for people, or one object for machines; exit 0 yes, 1 no, 2 usage."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import click


def verdict(ok: bool, sentence: str, **members: Any) -> NoReturn:
    """Print the last line and exit; with `--json` everything is in one object on one line."""
    context = click.get_current_context()
    if context.find_root().params.get("as_json"):
        click.echo(json.dumps({"ok": ok, "verdict": sentence, **members}, ensure_ascii=False, default=str))
    else:
        click.echo(sentence)
    context.exit(0 if ok else 1)


def say(text: str = "") -> None:
    """A line on the way; machines don't get it."""
    if not click.get_current_context().find_root().params.get("as_json"):
        click.echo(text)
