"""`xiaohao lead`: the commission's side of what accuses an official. Needs no instance: only the letter and the key."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from uuid import UUID

import click

from application.failures import CouldNot
from application.vault.crypto import Unreadable
from application.vault.tips import read_letter
from interface.cli.options import as_json
from interface.cli.verdict import say, verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def lead() -> None:
    """Read what was sealed to the commission."""


@lead.command()
@click.argument("file", type=FILE)
@click.option("--key", type=FILE, required=True, help="The commission's private key, as `init` printed it.")
@as_json
def read(file: Path, key: Path) -> None:
    """Open a letter that was downloaded from the page 检举线索."""
    try:
        letter = json.loads(file.read_bytes())
        id, sealed = UUID(letter["lead"]), b64decode(letter["sealed"], validate=True)
        told = read_letter(sealed, key.read_text().strip(), id)
    except OSError as error:
        raise CouldNot(f"couldn't read {error.filename}: {error.strerror}") from None
    except Unreadable as error:
        raise CouldNot(f"couldn't read {file}: {error}") from None
    except (ValueError, KeyError, TypeError):
        raise CouldNot(f"couldn't read {file}: it is no letter; download it again") from None
    for name in ("reporter", "contact", "text"):
        say(f"{name}: {told[name]}")
    verdict(True, f"opened the letter of lead {id}", lead=str(id), **told)
