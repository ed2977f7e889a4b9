"""`xiaohao restore`: a new home made of a backup; or what the database has lost, put back from the published folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Once
from interface.cli.verdict import say, verdict

if TYPE_CHECKING:
    from application.audit.fsck import Report
    from application.backup.key_custody import BroughtKeys
    from application.backup.read import OpenBackup
    from application.publication.restore import Restored
    from interface.restoring import Restored as RestoredHome

SHOWN = 10
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(cls=Once)
@click.argument("backup", required=False, type=FILE, metavar="[FILE]")
@click.option(
    "--keys", "folder", type=FOLDER, metavar="DIR", help="A copy of HOME/keys; otherwise words are asked for."
)
@click.option(
    "--paper-key", type=FILE, metavar="FILE", help="The words of the paper key; otherwise they are asked for."
)
@click.option("--trail", type=FOLDER, metavar="DIR", help="A copy of HOME/trail, or a mirror: what it has beyond FILE.")
@click.option("--no-trail", is_flag=True, help="There is no copy of what was published: FILE is all that is left.")
@click.option("--prove", is_flag=True, help="Prove a restored home once more that could not be proved.")
@click.option("--accept", type=click.IntRange(1), metavar="N", help="With --prove: the N faults that were told.")
@with_home
@as_json
def restore(home: Home, backup: Path | None, prove: bool, accept: int | None, **how: Any) -> None:
    """Make a new home from FILE, and prove it; without FILE: insert entries again that HOME/trail has and the database lacks.

    Nothing is overwritten. A home that is not proved is not served.
    """
    if (prove or accept or backup is None) and any(how.values()):
        raise click.UsageError("--keys, --paper-key, --trail and --no-trail say how FILE is restored")
    if (prove and backup) or (accept and not prove):
        raise click.UsageError("--prove, and --accept with it, are for a home that was restored already")
    if prove:
        from interface.restoring import prove_home

        _told(home, prove_home(home, accepted=accept or 0, tell=say))
    elif backup is None:
        _from_own_trail(home)
    else:
        _from_backup(home, backup, **how)


def _from_backup(
    home: Home, file: Path, *, folder: Path | None, paper_key: Path | None, trail: Path | None, no_trail: bool
) -> None:
    from application.backup.container import header_of
    from application.backup.read import OpenBackup
    from interface.restoring import refuse_used, restore_home

    if (trail is None) != no_trail:
        raise click.UsageError("say either --trail DIR, or --no-trail where nothing that was published is left")
    refuse_used(home)
    header_of(file)
    backup = OpenBackup(file, _paper_key(paper_key))
    _told(home, restore_home(home, backup, _keys(folder, backup), trail=trail, tell=say))


def _paper_key(file: Path | None) -> bytes:
    from application.backup.paper_key import key_from_words
    from application.platform.failures import OperatorError

    try:
        words = click.prompt("words of the paper key", hide_input=True) if file is None else file.read_text()
    except (OSError, ValueError) as error:
        raise OperatorError(f"couldn't read the paper key in {file}: {error}") from None
    return key_from_words(words, "the paper key")


def _keys(folder: Path | None, backup: OpenBackup) -> BroughtKeys:
    from application.backup.key_custody import BroughtKeys
    from application.backup.paper_key import key_from_words
    from application.log.log_keys import FILES

    if folder is not None:
        return BroughtKeys.from_folder(folder)
    asked = {0: "the master key"} | {kind: f"the log's key {name}" for kind, name in FILES.items()}
    given = {
        kind: key_from_words(click.prompt(f"words of {what}", hide_input=True), what) for kind, what in asked.items()
    }
    return BroughtKeys.from_seeds(backup.header.origin, given.pop(0), given)


def _told(home: Home, done: RestoredHome) -> None:
    for tip in done.lost_tips:
        say(f"lost: what tip {tip} says, which was registered after the backup")
    for one in done.lost:
        say(f"lost: {one}")
    for one in done.faults:
        say(f"accepted: {one}")
    lost = f"; {len(done.lost)} things beside newer entries are lost" if done.lost else ""
    accepted = f"; {len(done.faults)} faults were accepted" if done.faults else ""
    sentence = (
        f"restored {done.origin} in {home.path} as of {done.made_at}, {done.size} entries and {done.inserted} newer ones from the "
        f"published folder; proved{lost}{accepted}"
    )
    verdict(True, sentence, **vars(done))


def _from_own_trail(home: Home) -> None:
    """Every hash is checked; then `fsck` proves it."""
    from application.audit.fsck import Fsck
    from application.publication.restore import restore as work
    from interface.bootstrap import as_owner, services
    from projections.engine.rebuild import rebuild

    with services(home, unproven=True, anew=True) as made:
        done = work(home, made.ledger)
        if done.inserted:
            with as_owner(made) as read_models:
                rebuild(read_models)
        report = Fsck(home, made.ledger).run()
    verdict(
        not report.faults and not done.lost,
        _sentence(done, report),
        inserted=done.inserted,
        lost=done.lost,
        published=done.published,
        faults=report.faults,
    )


def _sentence(done: Restored, report: Report) -> str:
    shown = ", ".join(map(str, done.inserted[:SHOWN])) + (" …" if len(done.inserted) > SHOWN else "")
    put_back = f"put back {len(done.inserted)} of {done.published} published entries" + (
        shown and f" (position {shown})"
    )
    if done.lost:
        lost = ", ".join(map(str, done.lost[:SHOWN]))
        return f"{put_back}; {len(done.lost)} were never published and are lost (position {lost})"
    if report.faults:
        return f"{put_back}; fsck still finds {len(report.faults)} faults, the first: {report.faults[0]}"
    return f"{put_back}; fsck is clean: {report.size} entries"
