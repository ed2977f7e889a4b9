"""`xiaohao health`: how far each part of the instance is, and what is wrong; over HTTP strangers are told neither."""

from __future__ import annotations

import json

import click

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict


@click.command(cls=Once)
@with_home
@as_json
def health(home: Home) -> None:
    """Say whether store, read models and signer answer, how far each part is, and the warnings."""
    from interface.bootstrap import services
    from interface.web.log.health import is_up, report

    with services(home) as made:
        told = report(made)
    for name, state in told.items():
        if name != "warnings":
            say(f"{name:16} {json.dumps(state, ensure_ascii=False)}")
    up, warnings = is_up(told), told["warnings"]
    sentence = "it answers" if up else "it does not answer"
    verdict(up, f"{sentence}; {', '.join(warnings) or 'no warnings'}", **told)
