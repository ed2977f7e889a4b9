"""Everything recomputed from the event table: order, columns, hashes, signatures, authority, what was published. 自检"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from application.access import altered
from application.ledger import Ledger
from application.public_tips import reconcile
from application.store.home import Home
from application.store.reader import LogReader, Stored
from application.trail.entry import NotAnEntry, body_of, canonical, loads
from application.trail.examine import Examiner
from application.trail.folder import PublishedFolder
from application.trail.logkeys import LogKeys
from application.trail.merkle import Edge, leaf_hash
from application.trail.tiles import Growing
from application.vault.commitments import commit
from domain.errors import NotFound

BATCH = 512
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """`faults` are sentences, each with its position where one is to blame; empty means clean."""

    size: int = 0
    published: int = 0
    tips: int = 0
    shredded: int = 0
    faults: list[str] = field(default_factory=list)


class Fsck:
    """One pass over the table; nothing is written."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self.home, self.ledger, self.reader = home, ledger, LogReader(ledger)
        self.report = Report()
        self._sealed = 0  # the last reading that a seal speaks of

    def run(self, progress: Progress = lambda done, of: None) -> Report:
        published = PublishedFolder(self.home.trail, LogKeys.load(self.home.keys).vkeys, self._fault)
        head = self.reader.head()  # after the folder: what is published meanwhile is not asked for
        growing, examiner, examined = Growing(), Examiner(self.ledger.origin), True
        self.report.published = published.size
        try:
            for batch in batched(self.reader.rows(0, head.size)):
                self._rows(batch, growing, published)
                if examined and (fault := examiner.batch([row.entry for row in batch])) is not None:
                    self._fault(
                        f"{fault.sentence} [{fault.code}]; what follows is not examined", (fault.index or 0) + 1
                    )
                    examined = False
                self._tips(batch)
                self._seals(batch)
                progress(growing.size, head.size)
        finally:
            examiner.close()
        self.report.size = growing.size
        self._compare(head, growing, published.largest)
        self._commands()
        self.report.faults += reconcile(self.ledger).faults
        return self.report

    def _rows(self, batch: list[Stored], growing: Growing, published: PublishedFolder) -> None:
        for row in batch:
            if row.position != growing.size + 1:
                self._fault(f"the next row should have position {growing.size + 1}", row.position)
            if row.leaf_hash != leaf_hash(row.entry):
                self._fault("the stored hash is not the entry's", row.position)
            if (wrong := columns_differ(row)) is not None:
                self._fault(f"the column {wrong} differs from the entry", row.position)
            published.take(row.entry, growing, growing.add(leaf_hash(row.entry)))

    def _compare(self, head: Edge, growing: Growing, signed: int) -> None:
        if growing.edge != head:
            self._fault(f"the head says {head.size} entries and another tree than the {growing.size} rows")
        if signed > growing.size:
            self._fault(f"{signed} entries were published, only {growing.size} are here")

    def _commands(self) -> None:
        """The table of commands says the same as the entries."""
        query = """SELECT c.id, c.first, c.last FROM log.command c
            FULL JOIN (SELECT command, min(position) AS first, max(position) AS last, count(*) AS events
                       FROM log.event GROUP BY command) e ON e.command = c.id
            WHERE c.id IS NULL OR e.command IS NULL OR (c.first, c.last) <> (e.first, e.last)
               OR e.events <> e.last - e.first + 1 LIMIT 20"""
        with self.ledger.table.database.cursor() as cursor:
            cursor.execute(query)
            for id, first, last in cursor.fetchall():
                self._fault(f"command {id} ({first}–{last}) does not stand so in the log")

    def _tips(self, batch: list[Stored]) -> None:
        """What the vault still holds of a tip is what its event committed to."""
        for row in batch:
            if row.topic == "tip.registered":
                self.report.tips += 1
                try:
                    if not self._keeps_promise(row):
                        self._fault("the vault's text is not what the event committed to", row.position)
                except (NotFound, FileNotFoundError):
                    self.report.shredded += 1

    def _keeps_promise(self, row: Stored) -> bool:
        words = self.ledger.vault.tips.words(row.stream)
        files = [file.listed for file in words.files]
        values = {"text": words.text, "files": canonical(files)}
        commits = loads(body_of(row.entry))["data"]["commits"]
        return all(
            commits[name] == commit(name, bytes.fromhex(words.salts[name]), value) for name, value in values.items()
        )

    def _seals(self, batch: list[Stored]) -> None:
        """The table of readings is what was sealed of it."""
        for row in batch:
            if row.topic == "access.sealed":
                sealed = loads(body_of(row.entry))["data"]
                if (wrong := altered(self.ledger.table.database, sealed, self._sealed)) is not None:
                    self._fault(wrong, row.position)
                self._sealed = sealed["to"]

    def _fault(self, sentence: str, position: int | None = None) -> None:
        self.report.faults.append(f"position {position}: {sentence}" if position else sentence)


def columns_differ(row: Stored) -> str | None:
    """The first column that says something else than the sealed payload."""
    try:
        payload = loads(body_of(row.entry))
        said = {
            "position": payload["seq"] + 1,
            "stream": UUID(payload["stream"]),
            "version": payload["version"],
            "topic": payload["type"],
            "command": UUID(payload["command"]),
        }
    except (NotAnEntry, ValueError, KeyError, json.JSONDecodeError):
        return "entry"
    return next((name for name, value in said.items() if getattr(row, name) != value), None)


def batched(rows: Iterator[Stored]) -> Iterator[list[Stored]]:
    batch: list[Stored] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
