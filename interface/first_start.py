"""A new instance: folders, keys, cluster, genesis, the city. All of it, or nothing. 初始化"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from uuid import uuid4

from application.campaign.first_setup import set_up
from application.campaign.genesis import OpenLog, first_administrator, open_log
from application.log.log_keys import LogKeys
from application.platform.clock import SHANGHAI, TrainingClock
from application.platform.embedded.binaries import find, user
from application.platform.failures import OperatorError
from application.platform.home import ASIDE, OF_AN_INSTANCE, Home, settle, write_whole, writing
from application.platform.presence import log_size
from application.vault.crypto import Secrets
from application.vault.letterbox import check_public
from application.vault.mnemonic import to_words
from application.vault.passwords import Password, starting_password
from application.vault.people import Person
from application.verifier.formats.note import ED25519, NotANote, Vkey
from interface.bootstrap import parts, server
from interface.runtime import config

OURS = {*OF_AN_INSTANCE, "run", "cluster.new", "init.unfinished", "instance.json"}  # what `init` makes
CAMPAIGN_BEGAN = date(2025, 7, 3)


@dataclass(frozen=True)
class Instance:
    """What belongs on paper, and is never shown again; `commission` is empty where the commission made its key itself.

    `fingerprint`: of the commission's public key. `aside`: where the leftovers of an earlier `init` that was killed lie now.
    """

    genesis: str
    vkeys: list[str]
    login: str
    password: str
    administrator: str
    commission: str
    fingerprint: str
    master_key: str
    aside: str = ""


def create(
    home: Home,
    *,
    origin: str,
    training: bool,
    since: date = CAMPAIGN_BEGAN,
    login: str = "admin",
    demo: bool = False,
    continues: str | None = None,
    commission: str = "",
) -> Instance:
    """Raises OperatorError before any change if something is there already, or what is given can't be; if it fails later, what was
    made is taken away again. Of what others made nothing is ever deleted.

    `demo`: generated data will be loaded next; instance.json says so until that is done. `continues`: a frozen log's end.
    `commission`: the public key that the commission made for its letters.
    """
    _check_name(origin)
    _check_letters(commission)
    _refuse(home)
    with _claimed(home) as aside:
        try:
            made = _made(home, origin, training, since, login, continues, commission)
            with writing(home.trail):
                write_whole(home.trail / "log.vkey", "".join(f"{vkey}\n" for vkey in made.vkeys).encode())
            home.describe(
                origin=origin,
                mode="training" if training else "production",
                commission=made.fingerprint,
                **({"demo": "due"} if demo else {}),
            )
            with writing(home.path):
                home.unfinished.unlink()
                settle(home.path)
        except BaseException:
            _undo(home)
            raise
    return replace(made, aside=aside)


def _made(
    home: Home, origin: str, training: bool, since: date, login: str, continues: str | None, commission: str
) -> Instance:
    home.create()
    with writing(home.path):
        Secrets.create(home.keys / "master.key")
        log_keys = LogKeys.create(home.keys, origin)
    mode = "training" if training else "production"
    start = datetime.combine(since, time(9), SHANGHAI)
    clock = TrainingClock(start) if training else None
    password, vkeys = starting_password(), [str(vkey) for vkey in log_keys.vkeys]
    with server(home) as logins, parts(home, logins, origin, mode, clock) as made:
        administrator, word = first_administrator(), Password(password)
        command = OpenLog(
            id=uuid4(),
            actor=administrator,
            log_keys=vkeys,
            person=Person("系统管理员", "", "ADMIN"),
            login=login,
            password=word,
            continues=continues,
        )
        open_log(command, made.ledger)
        signer = made.keys.unlock(administrator.id, word).signer
        set_up(made.ledger, replace(administrator, signer=lambda: signer))
        genesis = made.ledger.table.leaf(1)[0].hex()
        letterbox, private = made.vault.letterbox, ""
        if commission:
            letterbox.adopt(commission)
        else:
            private = letterbox.create()
        fingerprint = letterbox.fingerprint
    words = to_words((home.keys / "master.key").read_bytes())
    return Instance(genesis, vkeys, login, password, administrator.id, private, fingerprint, words)


def _check_letters(public: str) -> None:
    try:
        if public:
            check_public(public)
    except ValueError:
        raise OperatorError(
            "couldn't make an instance: --commission-key is no public key; take the line that `lead-key` printed"
        ) from None


def _check_name(origin: str) -> None:
    """The log's name stands in every key and checkpoint, so it must be one that can (C2SP signed-note)."""
    try:
        Vkey.parse(str(Vkey(origin, ED25519, bytes(32))))
    except NotANote:
        raise OperatorError(
            f"couldn't make an instance named {origin!r}: a log's name has no space, no + and at most 255 bytes, "
            "like city.example/campaign"
        ) from None


def _refuse(home: Home) -> None:
    """Whatever stands against an instance in this folder, said before anything is changed. Raises OperatorError."""
    where = f"couldn't make an instance in {home.path}:"
    if home.unfinished.exists():
        if work := home.work():
            raise OperatorError(
                f"{where} {home.unfinished.name} says that `init` was cut off here, but {work[0]} was made later, so there may "
                f"be work in it; if it is whole, remove {home.unfinished}; else choose another --home"
            )
    elif home.is_instance:
        raise OperatorError(f"{where} there is one already; choose another --home")
    elif held := home.holdings():
        raise OperatorError(
            f"{where} {', '.join(held)} of one are there, only its instance.json is missing; bring that file back, or let "
            "`xiaohao describe` write it again from the log; for a new instance choose another --home"
        )
    elif others := sorted({path.name for path in home.path.glob("*")} - OURS):
        raise OperatorError(f"{where} the folder holds other things ({others[0]}); choose another --home")
    if (logins := config.logins()) is None:
        find()
        user().prefix()
    elif log_size(logins.service):
        raise OperatorError(f"{where} the database of DATABASE_URL already holds a log; name an empty one")


@contextmanager
def _claimed(home: Home) -> Iterator[str]:
    """The folder is ours alone, and says that it is unfinished; what an earlier `init` left that was killed is moved aside.

    Gives the path where that lies now. Raises OperatorError if another one is at work, or was faster.
    """
    where = f"couldn't make an instance in {home.path}:"
    with writing(home.path):
        home.create()
        marker = open(home.unfinished, "a")  # noqa: SIM115 (closed below)
    with marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(f"{where} another `init` is at work there") from None
        if not home.unfinished.exists() or not os.path.samestat(os.fstat(marker.fileno()), home.unfinished.stat()):
            raise OperatorError(f"{where} another `init` has just ended there; look what it made")
        if home.instance.exists() and not marker.tell():
            home.unfinished.unlink()  # made by us a moment ago; whoever was faster has come to the end
            raise OperatorError(f"{where} there is one already; choose another --home")
        with writing(home.path):
            marker.write(f"{os.getpid()}\n")
            marker.flush()
            settle(home.path)
            aside = _moved_aside(home)
            home.create()
        yield aside


def _moved_aside(home: Home) -> str:
    """Nothing is deleted that another process has made: keys and database of an `init` that was killed are only moved."""
    left = [path for path in home.path.iterdir() if path.name in OURS - {home.unfinished.name}]
    if not any(path.is_file() or any(not inside.is_dir() for inside in path.rglob("*")) for path in left):
        return ""
    aside = next(path for n in count(1) if not (path := home.path / f"{ASIDE}{n}").exists())
    aside.mkdir(mode=0o711)
    for path in left:
        path.rename(aside / path.name)
    return str(aside)


def _undo(home: Home) -> None:
    """Takes away what this process has made: `_claimed` gave it a folder in which there was nothing of an instance."""
    pointer = home.path / "cluster.path"
    with writing(home.path):
        if pointer.exists():
            shutil.rmtree(Path(pointer.read_text("utf-8")).parent, ignore_errors=True)
            pointer.unlink()
        for folder in (home.keys, home.trail, home.publisher, home.epochs.parent, home.run, home.cluster):
            shutil.rmtree(folder, ignore_errors=True)
        home.instance.unlink(missing_ok=True)
        home.unfinished.unlink(missing_ok=True)
