"""`xiaohao verify`: whether a published log was altered, offline; needs the log's key and nothing of ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from application.trail.kit import Question, Unusable, answer, meter
from application.trail.printing import printed
from interface.cli.options import as_json
from interface.cli.verdict import say, verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="FOLDER|PACK.zip")
@click.option("--vkey", "vkeys", multiple=True, metavar="KEY|@FILE", help="The log's key, from paper.")
@click.option("--policy", type=FILE, help="Which logs and witnesses count (C2SP tlog-policy).")
@click.option(
    "--witness", "witnesses", multiple=True, metavar="KEY|@FILE", help="A witness's key, instead of --policy."
)
@click.option("--quorum", type=int, help="How many of those witnesses are enough. [default: all]")
@click.option("--genesis", metavar="HEX", help="The hash of the first entry, from paper.")
@click.option("--old", multiple=True, type=FILE, help="A signed checkpoint seen before; any number of them.")
@click.option(
    "--cosignature", "cosignatures", multiple=True, type=FILE, help="What `witness cosign` wrote about this checkpoint."
)
@click.option("--state", type=FILE, help="Remembers the last good checkpoint, and holds it against the log next time.")
@click.option("--max-age", metavar="24h", help="How old cosignatures may be; without witnesses, the checkpoint.")
@click.option("--require", type=click.Choice(["strong"]), help="Nothing less is a good verdict.")
@click.option("--no-signatures", is_flag=True, help="Only hashes and the log's own signature.")
@click.option(
    "--promise",
    "promises",
    multiple=True,
    type=FILE,
    help="Promises given to reporters, one on each line: were they kept?",
)
@click.option("--proof", type=FILE, help="One entry's .tlog-proof, instead of FOLDER.")
@click.option("--entry", type=FILE, help="The entry that --proof is about.")
@click.option("--print", "printed", is_flag=True, help="Also the cover of a good pack, written from its entries.")
@click.option(
    "-o", "output", type=FILE, metavar="FILE.html", help="Where --print puts the cover, for a browser to print."
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="One language instead of both.")
@as_json
def verify(no_signatures: bool, lang: str | None, **asked: Any) -> None:
    """Verify the log published in FOLDER, an evidence pack (zip or unpacked), or one entry with its proof."""
    try:
        question = Question(signatures=not no_signatures, **asked)
        found = answer(question, meter(sys.stderr))
        sheet = printed(question, found)
    except Unusable as error:
        raise click.UsageError(str(error)) from None
    if sheet:
        say(f"{sheet}\n")
    languages = [lang] if lang else ["zh", "en"]
    for line in found.told(languages):
        say(line)
    verdict(found.ok, found.said(languages[0]), **found.members())
