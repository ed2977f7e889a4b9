"""`xiaohao master-key`: the master key written again from the words on paper."""

from __future__ import annotations

import click

from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole, writing
from application.vault.crypto import KEY
from application.vault.mnemonic import NotTheWords, from_words
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import verdict


@click.command(cls=Once)
@with_home
@as_json
def master_key(home: Home) -> None:
    """Ask for the words that `init` printed, and write HOME/keys/master.key; one that is there is left alone."""
    path = home.keys / "master.key"
    if path.exists():
        raise OperatorError(f"couldn't write {path}: there is one already; move it away first")
    try:
        key = from_words(click.prompt("words", hide_input=True))
    except NotTheWords as wrong:
        raise OperatorError(f"couldn't read the words: {wrong}") from None
    if len(key) != KEY:
        raise OperatorError(f"couldn't read the words: the master key has {KEY // 2 + 1} words")
    with writing(home.keys):
        home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, key)
    verdict(True, f"wrote {path}; `xiaohao fsck` tells whether it is this instance's")
