"""The keys of a home tried on what they are for, with the database: the log's, the service's, the master key, the epochs'. 密钥检查"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from application.log.log_keys import FILES, KeyFiles, LogKeys
from application.platform.database import Database
from application.platform.home import Home
from application.preflight.home_files import LOG_KEY, ON_PAPER, Flaw, epoch_mend
from application.vault.crypto import Unreadable, place
from application.vault.epochs import Epochs
from application.vault.signing_keys import KeyRing
from application.verifier.formats.entry import NotAnEntry, body_of, loads
from application.verifier.formats.note import NotANote, Vkey
from application.verifier.rules.rights_register import SERVICE
from application.verifier.signed_heads import KeySuccession
from domain.errors import NotAllowed

TRIED = 3  # rows of an epoch that are opened: one of them may be damaged itself
OF_LOG = """SELECT entry FROM log.event
    WHERE stream = (SELECT stream FROM log.event WHERE position = 1) ORDER BY version"""
UNDER = "SELECT tip, blob, wrapped_key FROM vault.tip_blob WHERE epoch = %s LIMIT %s"


class LogRecord:
    """What the log says of itself: its name, mode and keys. `opened` is empty where it has no first entry that can be read."""

    def __init__(self, database: Database) -> None:
        self.opened: dict[str, Any] = {}
        rotations: list[tuple[int, dict[str, Any]]] = []
        with database.cursor() as cursor:
            cursor.execute(OF_LOG)
            entries = [bytes(entry) for (entry,) in cursor.fetchall()]
        for payload in _payloads(entries):
            if payload["type"] == "log.opened":
                self.opened = payload["data"]
            elif payload["type"] == "log.key_rotated":
                rotations.append((payload["seq"], payload["data"]))
        self.heirs = KeySuccession(self.opened.get("origin", ""), _vkeys(self.opened.get("log_keys", [])))
        self.heirs.follow(rotations)
        replaced = {data.get("old") for _, data in rotations}
        self.in_force = [vkey for vkey in self.heirs.since if str(vkey) not in replaced]


def _payloads(entries: list[bytes]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        try:
            payload = loads(body_of(entry))
            yield {"type": payload["type"], "seq": payload["seq"], "data": payload["data"]}
        except (NotAnEntry, ValueError, KeyError, TypeError):
            continue  # `fsck` names it


def _vkeys(texts: list[str]) -> Iterator[Vkey]:
    for text in texts:
        try:
            yield Vkey.parse(text)
        except NotANote:
            continue


def log_key_flaws(home: Home, record: LogRecord) -> Iterator[Flaw]:
    """The keys that sign here are those that the first entry names, or that took over from them. Raises OperatorError."""
    for vkey in LogKeys.load(home.keys).vkeys:
        if vkey not in record.heirs.since:
            yield Flaw(home.keys, f"the key {vkey.label} is none that the log names", f"move its file away; {LOG_KEY}")
    files = [KeyFiles(home.keys, kind) for kind in FILES]
    here = {each.current.vkey for each in files} | {each.successor().vkey for each in files if each.waiting.exists()}
    for vkey in record.in_force:
        if vkey not in here:
            yield Flaw(home.keys, f"the log's key in force, {vkey.label}, is not there", LOG_KEY)


def service_key_flaws(home: Home, keys: KeyRing, in_force: Mapping[str, str]) -> Iterator[Flaw]:
    """The master key opens the service's key, which signs and is the one `in_force`, by owner."""
    path = home.keys / "master.key"
    try:
        kept = keys.kept(SERVICE)
        signer = kept.signer
        if signer is not None:
            signer.sign(b"preflight")
    except Unreadable:
        yield Flaw(path, "it is not this instance's master key: the service's own key doesn't open", ON_PAPER)
    except NotAllowed:
        yield Flaw(path, "the database has no key of the service", "it is not whole: bring back one from a backup")
    else:
        if signer is None or kept.keyid != in_force.get(SERVICE):
            what = f"the service's key in the database, {kept.keyid}, is not the one that the log has in force"
            yield Flaw(path, what, "the database is not whole: bring back one from a backup")


def epoch_flaws(home: Home, database: Database) -> list[Flaw]:
    """Every epoch that something in the vault is wrapped under has its key, and the key opens it."""
    with database.cursor() as cursor:
        rows = {epoch: _under(cursor, epoch) for epoch in _epochs(cursor)}
        found = {epoch: _epoch_flaw(home, epoch, some) for epoch, some in rows.items()}
        # A service that runs may have ended the epoch meanwhile: it destroys a key when nothing is wrapped under it any more.
        left = set(_epochs(cursor)) if any(found.values()) else set()
    return [flaw for epoch, flaw in found.items() if flaw is not None and epoch in left]


def _epochs(cursor: Any) -> list[int]:
    cursor.execute("SELECT DISTINCT epoch FROM vault.tip_blob ORDER BY epoch")
    return [epoch for (epoch,) in cursor.fetchall()]


def _under(cursor: Any, epoch: int) -> list[tuple[Any, ...]]:
    cursor.execute(UNDER, (epoch, TRIED))
    return cursor.fetchall()


def _epoch_flaw(home: Home, epoch: int, rows: list[tuple[Any, ...]]) -> Flaw | None:
    path = home.epochs / f"{epoch}.key"
    if not path.exists():
        what, lost = "the key is missing that tips in the vault are wrapped under", path.with_suffix(".lost").exists()
        return Flaw(path, what, epoch_mend(path), stops=not lost)
    if not any(_opens(Epochs(home.epochs), epoch, row) for row in rows):
        return Flaw(path, "it does not open what is wrapped under it", epoch_mend(path))
    return None


def _opens(epochs: Epochs, epoch: int, row: tuple[Any, ...]) -> bool:
    tip, blob, wrapped = row
    try:
        epochs.box(epoch).open(bytes(wrapped), place(tip, blob))
    except (Unreadable, ValueError, OSError):
        return False
    return True
