"""`xiaohao backup` and `backup-key`: a copy of everything that can be restored elsewhere, sealed to a key on paper. 备份"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from application.backup.paper_key import PaperKey, mark_of
from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Once)
@click.option("-o", "--output", type=FILE, required=True, metavar="FILE", help="A new file; nothing is overwritten.")
@with_home
@as_json
def backup(home: Home, output: Path) -> None:
    """Write FILE, from which `restore FILE` makes this instance again; it opens with the words of the paper key alone.

    It never holds the master key, the log's keys or the epochs' keys: see `backup-key`, `master-key` and `keys paper`.
    """
    from interface.bootstrap import services
    from interface.daily_backup import written

    with services(home) as made:
        done = written(made, output.absolute(), datetime.now(UTC))
    sentence = f"wrote {output}: {done.size} entries and {done.rows} rows, {done.bytes:,} bytes"
    if done.unreadable:
        sentence += (
            f"; of {len(done.unreadable)} tips the key was lost before, so nobody can read them: run `xiaohao fsck`"
        )
    verdict(True, sentence, **vars(done))


@click.command("backup-key", cls=Once)
@with_home
@as_json
def backup_key(home: Home) -> None:
    """Make the paper key, to which backups are sealed from now on, and print its private half once, in words."""
    home.read()
    key = PaperKey(home.keys / "backup.pub")
    words = key.create()
    mark = mark_of(key.public())
    say("Write this on paper; it is kept nowhere and not shown again. Keep it away from the backups.\n")
    say(f"paper key {mark}, in words for `xiaohao restore`: {words}\n")
    verdict(True, f"made the paper key {mark}; its public half is {key.path}", paper_key=mark, words=words)
