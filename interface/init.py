"""A new instance: folders, keys, cluster, genesis, the city. All of it, or nothing. 初始化"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from uuid import uuid4

from application.city import set_up
from application.clock import SHANGHAI, Clock, SystemClock, TrainingClock
from application.failures import CouldNot
from application.genesis import OpenLog, first_administrator, open_log
from application.store import embedded
from application.store.home import Home, write_whole, writing
from application.trail.logkeys import LogKeys
from application.trail.note import ED25519, NotANote, Vkey
from application.vault.commission import Letterbox
from application.vault.crypto import Secrets
from application.vault.paper import to_words
from application.vault.passwords import Password, starting_password
from application.vault.people import Person
from interface.bootstrap import parts, server

CAMPAIGN_BEGAN = date(2025, 7, 3)


@dataclass(frozen=True)
class Instance:
    """What belongs on paper, and is never shown again; `commission` is empty where the commission made its key itself."""

    genesis: str
    vkeys: list[str]
    login: str
    password: str
    administrator: str
    commission: str
    master_key: str


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
    """Raises CouldNot: an instance is there already, or the folder can't be used; then nothing is left behind.

    `demo`: generated data will be loaded next; instance.json says so until that is done. `continues`: a frozen log's end.
    `commission`: the public key that the commission made for its letters.
    """
    _check_name(origin)
    if home.is_instance:
        raise CouldNot(f"couldn't make an instance in {home.path}: there is one already; choose another --home")
    if any(home.path.glob("*")) and not _half_made(home):
        raise CouldNot(
            f"couldn't make an instance in {home.path}: the folder holds other things; choose another --home"
        )
    if (home.run / "lock").exists() and embedded.attach(home) is not None:
        raise CouldNot(f"couldn't make an instance in {home.path}: another `init` is at work there")
    _clear(home)
    try:
        made = _made(home, origin, training, since, login, continues, commission)
        with writing(home.trail):
            write_whole(home.trail / "log.vkey", "".join(f"{vkey}\n" for vkey in made.vkeys).encode())
        home.describe(origin=origin, mode="training" if training else "production", **({"demo": "due"} if demo else {}))
        return made
    except BaseException:
        _clear(home)
        raise


def _made(
    home: Home, origin: str, training: bool, since: date, login: str, continues: str | None, commission: str
) -> Instance:
    home.create()
    with writing(home.path):
        Secrets.create(home.keys / "master.key")
        log_keys = LogKeys.create(home.keys, origin)
    mode = "training" if training else "production"
    start = datetime.combine(since, time(9), SHANGHAI)
    clock: Clock = TrainingClock(start) if training else SystemClock()
    password, vkeys = starting_password(), [str(vkey) for vkey in log_keys.vkeys]
    with server(home) as logins, parts(home, logins, origin, mode, clock) as made:
        if made.ledger.table.max_notification_id():
            raise CouldNot("couldn't make an instance: the database of DATABASE_URL already holds a log")
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
        private = _letters(made.vault.letterbox, commission)
    words = to_words((home.keys / "master.key").read_bytes())
    return Instance(genesis, vkeys, login, password, administrator.id, private, words)


def _letters(letterbox: Letterbox, public: str) -> str:
    """The private key where one is made here. Raises CouldNot."""
    if not public:
        return letterbox.create()
    try:
        letterbox.adopt(public)
    except ValueError:
        raise CouldNot(
            "couldn't make an instance: --commission-key is no public key; take the line that `lead-key` printed"
        ) from None
    return ""


def _check_name(origin: str) -> None:
    """The log's name stands in every key and checkpoint, so it must be one that can (C2SP signed-note)."""
    try:
        Vkey.parse(str(Vkey(origin, ED25519, bytes(32))))
    except NotANote:
        raise CouldNot(
            f"couldn't make an instance named {origin!r}: a log's name has no space, no + and at most 255 bytes, "
            "like city.example/campaign"
        ) from None


def _half_made(home: Home) -> bool:
    """An `init` that was killed: nobody can have worked in it, since only a finished one is served."""
    return (home.keys / "master.key").exists() or (home.path / "run" / "lock").exists()


def _clear(home: Home) -> None:
    pointer = home.path / "cluster.path"
    with writing(home.path):
        if pointer.exists():
            shutil.rmtree(Path(pointer.read_text()).parent, ignore_errors=True)
            pointer.unlink()
        for folder in (home.keys, home.trail, home.publisher, home.epochs.parent, home.run, home.cluster):
            shutil.rmtree(folder, ignore_errors=True)
