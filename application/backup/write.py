"""Makes a backup: all that the published folder does not hold and all entries, as they stood at one moment. 备份

The entries are in it although the folder has them: a folder on the disk that burned is no second copy. Memory stays at a
few rows; the service goes on meanwhile, since all of it is read in one repeatable-read transaction.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from application.backup.container import Header, Writer
from application.backup.manifest import GENESIS, MANIFEST, TABLE, TIP_KEYS, Manifest, home_files, mark_of_master
from application.backup.paper_key import PaperKey, mark_of
from application.backup.tables import Table, carried, copy_out
from application.platform.database import Database
from application.platform.failures import OperatorError
from application.platform.home import Home, settle, writing
from application.vault.crypto import Box, Secrets, Unreadable, place
from application.vault.epochs import Epochs
from application.verifier.formats.entry import Signer
from application.verifier.formats.merkle import Edge

PAGE = 500
NEXT_KEYS = """SELECT tip, blob, epoch, wrapped_key FROM vault.tip_blob
    WHERE (tip, blob) > (%s, %s) ORDER BY tip, blob LIMIT %s"""
FIRST = (UUID(int=0), "")


@dataclass(frozen=True)
class BackedUp:
    """`unreadable`: tips whose key had been lost before; of them the backup has what the vault has, which nobody can read."""

    path: Path
    bytes: int
    made_at: str
    size: int
    rows: int
    unreadable: list[str]


class Backup:
    """Of one instance; `database` is a login that may read all tables, `log_keys` the log's vkeys."""

    def __init__(
        self, home: Home, database: Database, secrets: Secrets, epochs: Epochs, signer: Signer, log_keys: Sequence[str]
    ) -> None:
        self.home, self.database, self.secrets, self.epochs = home, database, secrets, epochs
        self.signer, self.log_keys = signer, list(log_keys)
        self.instance = home.read()

    def write(self, path: Path, now: datetime) -> BackedUp:
        """A whole file, or none and OperatorError: no paper key, no room, a file of that name. Nothing is overwritten."""
        public = PaperKey(self.home.keys / "backup.pub").public()
        if path.exists():
            raise OperatorError(f"couldn't write {path}: there is one already; choose another name")
        files = home_files(self.home)  # before the snapshot: no head in them is larger than the log in it
        with self._snapshot() as (cursor, boxes), writing(path), _whole(path) as file:
            header = self._header(cursor, public, now)
            made = Writer(file, header, public)
            for name, content in files:
                made.add(name, content)
            manifest = self._contents(made, cursor, boxes, header)
            made.add(MANIFEST, manifest.signed(self.signer))
            made.close()
        rows = sum(table["rows"] for table in manifest.tables.values())
        return BackedUp(path, path.stat().st_size, header.made_at, header.size, rows, manifest.unreadable)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Any, dict[int, Box]]]:
        """The database as it is now, with the epochs' keys of this moment: one may end before its rows are copied."""
        with ExitStack() as ending:
            with ExitStack() as alone:
                if self.epochs.numbers():
                    alone.enter_context(self.epochs.alone())
                cursor = ending.enter_context(self.database.transaction(repeatable_read=True, read_only=True))
                cursor.execute("SELECT size FROM log.head")  # from here on nothing changes in what we see
                boxes = {}
                for number in self.epochs.numbers():
                    with suppress(OSError, ValueError):  # damaged: its tips are told as unreadable
                        boxes[number] = Box((self.epochs.folder / f"{number}.key").read_bytes())
            yield cursor, boxes

    def _header(self, cursor: Any, public: bytes, now: datetime) -> Header:
        cursor.execute("SELECT size FROM log.head")
        (size,) = cursor.fetchone()
        cursor.execute("SELECT name FROM public.migration ORDER BY name")
        names = [name for (name,) in cursor.fetchall()]
        moment = now.astimezone(UTC).isoformat(timespec="seconds")
        return Header(self.instance["origin"], self.instance["mode"], moment, size, names, mark_of(public))

    def _contents(self, made: Writer, cursor: Any, boxes: dict[int, Box], header: Header) -> Manifest:
        cursor.execute("SELECT entry FROM log.event WHERE position = 1")
        if (first := cursor.fetchone()) is None:
            raise OperatorError("couldn't back up: the log has no entry yet")
        made.add(GENESIS, bytes(first[0]))
        tables = carried(cursor)
        rows = {}
        for table in tables:
            with made.part(TABLE + table.full) as sink:
                rows[table.full] = copy_out(cursor, table, sink)
        with made.part(TIP_KEYS) as sink:
            unreadable = _tip_keys(cursor, boxes, sink)
        cursor.execute("SELECT size, edge FROM log.head")
        size, edge = cursor.fetchone()
        return Manifest(
            origin=header.origin,
            made_at=header.made_at,
            size=size,
            root=Edge.from_bytes(size, bytes(edge)).root.hex(),
            log_keys=self.log_keys,
            master_key=mark_of_master(self.secrets),
            tables=_listed(tables, rows),
            parts={name: asdict(summary) for name, summary in made.parts.items()},
            unreadable=sorted(unreadable),
        )


def _listed(tables: list[Table], rows: dict[str, int]) -> dict[str, dict[str, Any]]:
    return {table.full: {"columns": table.columns, "rows": rows[table.full]} for table in tables}


def _tip_keys(cursor: Any, boxes: dict[int, Box], sink: Any) -> set[str]:
    """tip (16 bytes), length and name of the blob, its key (32 bytes), one after the other; the tips that had none any more."""
    after, unreadable = FIRST, set[str]()
    while True:
        cursor.execute(NEXT_KEYS, (*after, PAGE))
        rows = cursor.fetchall()
        if not rows:
            return unreadable
        for tip, blob, epoch, wrapped in rows:
            try:
                key = boxes[epoch].open(bytes(wrapped), place(tip, blob))
            except (KeyError, Unreadable, ValueError):
                unreadable.add(str(tip))
                continue
            name = blob.encode()
            sink.write(tip.bytes + bytes([len(name)]) + name + key)
        after = (rows[-1][0], rows[-1][1])


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file beside, flushed and renamed when the block is done; nothing of it stays if the block fails. 0600."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        settle(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
