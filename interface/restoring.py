"""A new home made of a backup and the published folder, which proves itself before it may serve. 整机恢复

While it is not proved, HOME/restoring.json says so, and nothing opens the home.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from application.audit.access_record import newest
from application.audit.fsck import Fsck, Report
from application.backup.key_custody import BroughtKeys
from application.backup.load import forget_destroyed, load, lost_tips, refuse_living, rewrap
from application.backup.manifest import Manifest
from application.backup.read import OpenBackup, refuse_other_keys
from application.platform.clock import SystemClock
from application.platform.database import FULL, NoDatabase
from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole, writing
from application.publication.restore import restore as restore_entries
from application.verifier.formats.tiles import directory
from application.verifier.verify import VerifyOptions, verify
from interface.bootstrap import Services, as_owner, owned, parts, server
from interface.runtime import config
from projections.engine.rebuild import RebuildError, build_from_nothing

Tell = Callable[[str], None]
SHOWN = 5
PREFIX = "couldn't prove it: "
SEGMENT = 16 * 1024 * 1024  # bytes that PostgreSQL takes for its log at a time


@dataclass
class State:
    """HOME/restoring.json. `size`: entries of the backup; `loaded`: the database has all of it, so that it can be proved."""

    backup: str
    made_at: str
    size: int
    unreadable: list[str]
    loaded: bool = False
    why: str = "it did not come to its end"


@dataclass
class Restored:
    """`inserted`: how many entries came from the published folder; `lost`: what lay beside entries newer than the backup."""

    origin: str
    made_at: str
    size: int
    inserted: int
    lost_tips: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def restore_home(
    home: Home, backup: OpenBackup, keys: BroughtKeys, *, trail: Path | None, accepted: int = 0, tell: Tell
) -> Restored:
    """Raises OperatorError: before anything is made where the file, the keys, the folder or the home are not as they must be."""
    refuse_used(home)
    backup.refuse_newer()
    tell(f"the backup is of {backup.header.origin}, made at {backup.header.made_at}, with {backup.header.size} entries")
    manifest = backup.proved()
    tell("not a byte of it was altered, and the log's service has signed it")
    refuse_other_keys(manifest, keys.secrets, keys.vkeys)
    if trail is not None:
        _refuse_bad_trail(trail, keys)
    _refuse_used_database()
    state = State(str(backup.path), manifest.made_at, manifest.size, manifest.unreadable)
    with (
        _unproved(home, state),
        server(home, anew=True),
    ):  # one for both: stopped between, it would write all of it out first
        inserted = _made(home, backup, manifest, keys, trail, state, tell)
        return _proved(home, state, inserted, accepted, tell)


def prove_home(home: Home, *, accepted: int = 0, tell: Tell) -> Restored:
    """Once more, of a home that was restored and not proved. Raises OperatorError."""
    try:
        state = State(**json.loads(home.unproved.read_text()))
    except FileNotFoundError:
        raise OperatorError(f"couldn't prove {home.path}: no restore waits there to be proved") from None
    except (OSError, ValueError, TypeError):
        raise OperatorError(f"couldn't read {home.unproved}: move the folder away and restore into a new one") from None
    if not state.loaded:
        raise OperatorError(
            f"couldn't prove {home.path}: the restore was cut off; move the folder away and restore into a new one"
        )
    with _unproved(home, state):
        return _proved(home, state, 0, accepted, tell)


def refuse_used(home: Home) -> None:
    """Raises OperatorError unless the home is not there yet, or empty: nothing is ever restored over something."""
    with writing(home.path):
        if home.path.exists() and any(home.path.iterdir()):
            raise OperatorError(
                f"couldn't restore into {home.path}: the folder is not empty, and nothing is restored over it; "
                "name a new one with --home"
            )


def _refuse_used_database() -> None:
    """A database of one's own is looked at before anything is made; our own does not exist yet."""
    if (logins := config.logins()) is not None:
        with owned(logins) as database:
            refuse_living(database)


def _refuse_bad_trail(trail: Path, keys: BroughtKeys) -> None:
    """Its tree leads to a checkpoint that these keys signed; who signed each entry the proof examines, once for all."""
    verdict = verify(directory(trail), VerifyOptions(keys.vkeys, signatures=False))
    if verdict.checkpoint is None or not verdict.ok:
        raise OperatorError(f"couldn't restore: the published folder {trail} is itself no good: {verdict.said('en')}")


@contextmanager
def _unproved(home: Home, state: State) -> Iterator[None]:
    """The home is marked from the beginning; why it is not proved stands in the mark, which only the proof takes away."""
    home.create()
    _mark(home, state)
    try:
        with _in_a_sentence(home, state):
            yield
    except OperatorError as refused:
        state.why = str(refused).removeprefix(PREFIX)
        _mark(home, state)
        raise
    home.unproved.unlink(missing_ok=True)


@contextmanager
def _in_a_sentence(home: Home, state: State) -> Iterator[None]:
    """What the database can't do any more, and what is to be done then: to run it again into this folder is refused."""
    try:
        yield
    except NoDatabase as gone:
        # A server that can't write its log ends, and can say nothing any more.
        is_full = str(gone) == FULL or shutil.disk_usage(home.path).free < SEGMENT
        what = "the disk is full; free some space" if is_full else f"the database is away; see {home.run}"
        then = (
            "prove it with `xiaohao restore --prove`"
            if state.loaded
            else "move the folder away, restore into a new one"
        )
        raise OperatorError(f"couldn't restore into {home.path}: {what}, then {then}") from None


def _mark(home: Home, state: State) -> None:
    with writing(home.path):
        write_whole(home.unproved, json.dumps(asdict(state), ensure_ascii=False).encode())


def _made(
    home: Home,
    backup: OpenBackup,
    manifest: Manifest,
    keys: BroughtKeys,
    trail: Path | None,
    state: State,
    tell: Tell,
) -> int:
    """Everything but the proof; how many entries the published folder had beyond the backup."""
    keys.lay(home.keys)
    if trail is not None:
        _copy_trail(trail, home)
    _lay_files(home, backup, lambda path: trail is None or home.trail not in path.parents)
    with server(home) as logins:
        with owned(logins) as database:
            refuse_living(database)
            load(database, backup, manifest)
        tell("tables, files and keys are in their places")
        with _opened(home, logins) as made:
            inserted = len(restore_entries(home, made.ledger, examined_later=True).inserted) if trail is not None else 0
            _lay_files(home, backup, lambda path: path.parent.name == "checkpoints")
            sealed = newest(made.database)
            with owned(logins) as database:
                forget_destroyed(database, sealed.last if sealed else 0)
                rewrap(database, backup, made.vault.tips.epochs)
    tell(f"{inserted} entries newer than the backup came from the published folder")
    state.loaded = True
    _mark(home, state)
    return inserted


def _copy_trail(trail: Path, home: Home) -> None:
    """Raises OperatorError."""
    with writing(home.trail):
        try:
            shutil.copytree(trail, home.trail, dirs_exist_ok=True, ignore=_irregular)
        except shutil.Error as error:  # all that failed, each as a text
            _, path, why = error.args[0][0]
            raise OperatorError(f"couldn't write {path}: {why}; free some space, or name another --home") from None
        home.trail.chmod(0o700)


def _lay_files(home: Home, backup: OpenBackup, wanted: Callable[[Path], bool]) -> None:
    """Those that are wanted and not there yet. Where there is a published folder, it is the one that is verified: it is not
    mixed with what the backup has of another time, but for checkpoints with their witnesses' lines, once that is done.
    """
    with writing(home.path):
        for path, content in backup.files(home.path):
            if wanted(path) and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_whole(path, content)


def _irregular(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder is not copied: a link may lead anywhere."""
    paths = {name: Path(folder, name) for name in names}
    return [name for name, path in paths.items() if path.is_symlink() or not (path.is_file() or path.is_dir())]


@contextmanager
def _opened(home: Home, logins: Any) -> Iterator[Services]:
    """The parts of a home that nobody else may open yet."""
    instance = json.loads(home.instance.read_text())
    with parts(home, logins, instance["origin"], instance["mode"], SystemClock()) as made:
        yield made


def _proved(home: Home, state: State, inserted: int, accepted: int, tell: Tell) -> Restored:
    """Read models from the log, what was published written again, then everything recomputed. Raises OperatorError."""
    with server(home) as logins, _opened(home, logins) as made:
        _build_read_models(made)
        tell("the read models are built from the log")
        made.publisher.publish()  # refuses a log that does not lead to what was signed last
        lost = lost_tips(made.database, state.size)
        report = _examined(home, made, state)
    _refuse_faults(report, accepted)
    done = Restored(made.origin, state.made_at, state.size, inserted, lost, report.lost, report.faults)
    return done


def _build_read_models(made: Services) -> None:
    try:
        with as_owner(made) as read_models:
            build_from_nothing(read_models)
    except RebuildError as error:
        raise OperatorError(f"couldn't restore: the read models can't be built: {error}") from None


def _examined(home: Home, made: Services, state: State) -> Report:
    """What lay beside entries behind the backup is known to be lost, and what was lost before it."""
    with made.database.cursor() as cursor:
        cursor.execute(
            "SELECT position FROM log.event WHERE stream = ANY(%s)", ([UUID(tip) for tip in state.unreadable],)
        )
        before = {position for (position,) in cursor.fetchall()}
    return Fsck(home, made.ledger, is_lost=lambda position: position > state.size or position in before).run()


def _refuse_faults(report: Report, accepted: int) -> None:
    if len(report.faults) != accepted:
        shown = "; ".join(report.faults[:SHOWN])
        raise OperatorError(
            f"{PREFIX}{len(report.faults)} faults"
            + (f": {shown}" if shown else f", not the {accepted} of --accept")
            + f"; if you have read them and none can be mended, `xiaohao restore --prove --accept {len(report.faults)}`"
        )
