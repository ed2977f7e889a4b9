"""`xiaohao verify`: whether a published log was altered, offline; needs the log's key and nothing of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from application.verifier.inputs import Unusable
from application.verifier.print_cover import check_printable, printed
from application.verifier.request import VerifyRequest, answer, meter
from interface.cli.log.verify_options import DESCRIPTION, FOLDER, VERIFY, Option, question
from interface.cli.options import as_json
from interface.cli.strict import Once
from interface.cli.verdict import end, is_for_machines, say


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for each in reversed(VERIFY):
        function = _option(each)(function)
    return function


def _option(each: Option) -> Callable[..., Any]:
    if each.kind is bool:
        return click.option(each.flag, each.name, is_flag=True, help=each.help)
    kind = click.Path(path_type=Path, dir_okay=False) if each.kind is Path else each.kind
    chosen = click.Choice(each.choices) if each.choices else kind
    return click.option(each.flag, each.name, type=chosen, multiple=each.many, metavar=each.metavar, help=each.help)


@click.command(cls=Once, help=DESCRIPTION)
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar=FOLDER)
@_with_options
@as_json
def verify(**asked: Any) -> None:
    """Answers as `kit.answer` does."""
    try:
        asked_for = VerifyRequest(**question(asked))
        check_printable(asked_for, is_for_machines())
        found = answer(asked_for, meter(sys.stderr))
        sheet = printed(asked_for, found)
    except Unusable as error:
        raise click.UsageError(str(error)) from None
    if sheet:
        say(f"{sheet}\n")
    languages = [asked["lang"]] if asked["lang"] else ["zh", "en"]
    for line in found.told(languages):
        say(line)
    end(found.status, found.said(languages[0]), **found.members())
