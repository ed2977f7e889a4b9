"""The end of an epoch: what is left is wrapped anew, the old key is destroyed, and with it all that was deleted. 密钥轮换

After this no WAL segment, dead row or backup of a deleted tip can be read. Every step may be the last one before a crash: a
tip that is left can be read under one of the keys that are there, and the next roll destroys all keys but its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values

from application.platform.database import Database
from application.vault.crypto import Unreadable, place
from application.vault.epochs import Epochs

AT_ONCE = 500
NEXT = """SELECT tip, blob, epoch, wrapped_key FROM vault.tip_blob
    WHERE epoch < %s AND (tip, blob) > (%s, %s) ORDER BY tip, blob LIMIT %s"""
REWRAP = """UPDATE vault.tip_blob t SET epoch = new.epoch, wrapped_key = new.wrapped
    FROM (VALUES %s) new (tip, blob, was, epoch, wrapped)
    WHERE t.tip = new.tip AND t.blob = new.blob AND t.epoch = new.was"""
FIRST = (UUID(int=0), "")


@dataclass
class Rolled:
    """What a roll did; `unreadable` are tips whose key could not be taken over, because it was damaged or is gone."""

    epoch: int
    rewrapped: int = 0
    destroyed: list[int] = field(default_factory=list)
    unreadable: list[UUID] = field(default_factory=list)


def roll(database: Database, epochs: Epochs) -> Rolled:
    """Begin a new epoch and end all others. An epoch that somebody's key can't be taken over from stays."""
    with epochs.alone():
        rolled = Rolled(epochs.begin(epochs.newest + 1))
        with database.transaction() as cursor:
            cursor.execute("UPDATE vault.epoch SET oldest = %s", (rolled.epoch,))
        for rows in _left(database, rolled.epoch):
            _rewrap(database, epochs, rolled, rows)
        with database.cursor() as cursor:
            cursor.execute("SELECT DISTINCT epoch FROM vault.tip_blob")
            needed = {epoch for (epoch,) in cursor.fetchall()}
        for number in epochs.numbers():
            if number < rolled.epoch and number not in needed:
                epochs.destroy(number)
                rolled.destroyed.append(number)
    return rolled


def _left(database: Database, epoch: int) -> Iterator[list[tuple[Any, ...]]]:
    """What still hangs on older epochs, batch by batch; none can be added."""
    after = FIRST
    while True:
        with database.cursor() as cursor:
            cursor.execute(NEXT, (epoch, *after, AT_ONCE))
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = (rows[-1][0], rows[-1][1])


def _rewrap(database: Database, epochs: Epochs, rolled: Rolled, rows: list[tuple[Any, ...]]) -> None:
    new = []
    for tip, blob, epoch, wrapped in rows:
        try:
            key = epochs.box(epoch).open(bytes(wrapped), place(tip, blob))
        except (Unreadable, FileNotFoundError, ValueError):
            rolled.unreadable.append(tip)
            continue
        new.append((tip, blob, epoch, rolled.epoch, epochs.box(rolled.epoch).seal(key, place(tip, blob))))
    if new:
        with database.transaction() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")  # on disk before the old key is gone
            execute_values(cursor, REWRAP, new, page_size=AT_ONCE)
    rolled.rewrapped += len(new)
