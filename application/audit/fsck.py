"""Everything recomputed from the event table: order, columns, hashes, signatures, authority, what was published. 自检"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from application.audit.access_record import altered
from application.audit.log_key_check import NamedKeys
from application.audit.published_check import PublishedFolder
from application.audit.reconciliation import reconcile
from application.audit.vault_check import Read, VaultCheck
from application.core.ledger import Ledger
from application.log.log_keys import LogKeys
from application.log.log_rows import Stored, columns_differ
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.cosigning import policy_of
from application.publication.log_source import LogReader
from application.verifier.formats.entry import NotAnEntry, body_of, loads, loads_canonical
from application.verifier.formats.merkle import Edge, leaf_hash
from application.verifier.formats.note import Vkey
from application.verifier.formats.tiles import Growing, directory
from application.verifier.messages_en import english
from application.verifier.rules.entry_check import EntryCheck, Fault
from application.verifier.signed_heads import key_named, named_by

BATCH = 512
OPEN = -1  # until_index of a key in force
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """`faults` are sentences, each with its position where one is to blame; empty means clean. `warnings` are about files that
    the log does not know. `lost`: what is missing beside the log and was known to be, after a restore; no faults.
    """

    size: int = 0
    published: int = 0
    tips: int = 0
    shredded: int = 0
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Fsck:
    """One pass over the table; nothing is written. After a restore, `is_lost(position)` tells what is known to be gone."""

    def __init__(self, home: Home, ledger: Ledger, *, is_lost: Callable[[int], bool] | None = None) -> None:
        self.home, self.ledger, self.reader, self.is_lost = home, ledger, LogReader(ledger), is_lost
        self.report = Report()
        self.beside = VaultCheck(ledger, self._fault_beside)
        self.named = NamedKeys(ledger.origin, self._fault)
        self._sealed = 0  # the last reading that a seal speaks of

    def run(self, progress: Progress = lambda done, of: None) -> Report:
        published = self._folder()
        head = self.reader.head()  # after the folder: what is published meanwhile is not asked for
        growing, examiner, examined = Growing(), EntryCheck(self.ledger.origin, head.size), True
        self.report.published = published.size
        try:
            for batch in batched(self.reader.rows(0, head.size)):
                read = self._rows(batch, growing, published)
                if examined and (fault := examiner.batch([row.entry for row in batch])) is not None:
                    self._blame(fault)
                    examined = False
                self.beside.take(read)
                self.named.take((row.position, payload) for row, payload in read)
                self._seals(read)
                progress(growing.size, head.size)
            if examined and (fault := examiner.finish()) is not None:
                self._blame(fault)
        finally:
            examiner.close()
        self.report.size = growing.size
        self.report.tips, self.report.shredded = self.beside.tips, self.beside.shredded
        self._compare(head, growing, published.largest)
        self._head_time()
        self._key_directory(published.size)
        self.named.compare(self.home, published.size)
        self._commands()
        self.beside.finish(head.size)
        self.report.faults += reconcile(self.ledger, restored=self.is_lost is not None).faults
        return self.report

    def _folder(self) -> PublishedFolder:
        """With whose cosignatures HOME/policy lets us verify; one that can't be read is told by whoever opens the home."""
        try:
            policy = policy_of(self.home)
        except OperatorError:
            policy = None
        witnesses = [witness.vkey for witness in policy.witnesses] if policy else []
        others = [*self._once_named(), *witnesses]
        found = PublishedFolder(self.home.trail, LogKeys.load(self.home.keys).vkeys, self._fault, others)
        self.report.warnings += found.warnings
        return found

    def _once_named(self) -> list[Vkey]:
        """Every key that the log has ever named as its own: those that were retired have signed older checkpoints."""
        first, rotations = list[str](), list[tuple[int, dict[str, Any]]]()
        for position, entry in self.ledger.table.of_topics(["log.key_rotated", "log.opened"]):
            data = (payload_of(entry) or {"data": {}})["data"]
            first += map(str, data.get("log_keys", []))
            if {"old", "new"} <= data.keys():
                rotations.append((position - 1, data))
        return [vkey for text in named_by(first, rotations) if (vkey := key_named(text)) is not None]

    def _rows(self, batch: list[Stored], growing: Growing, published: PublishedFolder) -> list[Read]:
        """The rows with their payloads, where they have one."""
        read = []
        for row in batch:
            if row.position != growing.size + 1:
                self._fault(f"the next row should have position {growing.size + 1}", row.position)
            leaf = leaf_hash(row.entry)
            if row.leaf_hash != leaf:
                self._fault("the stored hash is not the entry's", row.position)
            payload = payload_of(row.entry)
            if (wrong := columns_differ(row, payload) if payload else "entry") is not None:
                self._fault(f"the column {wrong} differs from the entry", row.position)
            if payload:
                read.append((row, payload))
            published.take(row.entry, growing, growing.add(leaf))
        return read

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

    def _seals(self, read: list[Read]) -> None:
        """The table of readings is what was sealed of it."""
        for row, payload in read:
            if row.topic == "access.sealed":
                if (wrong := altered(self.ledger.table.database, payload["data"], self._sealed)) is not None:
                    self._fault_beside(wrong, row.position)
                self._sealed = payload["data"]["to"]

    def _head_time(self) -> None:
        """Set back, it would let the next event be recorded before the last one."""
        size, moment = self.reader.recorded_at()
        if size and moment != self.reader.recorded_at_of(size):
            self._fault("the head says another time than the last entry", size)

    def _key_directory(self, size: int) -> None:
        """keys.json has the keys of the `size` entries that are published; of what came since, it may know more."""
        try:
            told = loads(directory(self.home.trail)("keys.json") or b"") if size else {}
            known = self.reader.keys()
            wrong = {id for id, key in told.items() if not _said_of(key, known.get(id), size)}
            wrong |= {id for id, key in known.items() if key["from_index"] < size and id not in told}
        except (OSError, ValueError, AttributeError) as error:
            self._fault(f"keys.json can't be read: {error}; move it away, and `xiaohao publish --once` writes it again")
            return
        for id in sorted(wrong):
            self._fault(f"keys.json says of the key {id} what the log does not")

    def _blame(self, fault: Fault) -> None:
        self._fault(f"{english(fault.sentence)} [{fault.code}]; what follows is not examined", (fault.index or 0) + 1)

    def _fault_beside(self, sentence: str, position: int | None, *, about: int | None = None) -> None:
        """Of what lies beside the log: lost where that was known of the entry at `position`, or of the one it is `about`."""
        known = position or about
        if known is not None and self.is_lost is not None and self.is_lost(known):
            self.report.lost.append(f"position {known}: {sentence}")
        else:
            self._fault(sentence, position)

    def _fault(self, sentence: str, position: int | None = None) -> None:
        self.report.faults.append(f"position {position}: {sentence}" if position else sentence)


def payload_of(entry: bytes) -> dict[str, Any] | None:
    """What it says, whether or not it is spelled as it must be, which is the examiner's to judge; None where that is nothing."""
    try:
        payload = _read(body_of(entry))
    except (NotAnEntry, ValueError):
        return None
    return payload if isinstance(payload, dict) and isinstance(payload.get("data"), dict) else None


def _read(body: bytes) -> dict[str, Any]:
    """At once where it is canonical, as all but forged ones are. Raises NotAnEntry."""
    try:
        return loads_canonical(body)
    except NotAnEntry:
        return loads(body)


def _said_of(told: dict[str, Any], known: dict[str, Any] | None, size: int) -> bool:
    """Whether `told` is the key, or what it was before it ended behind the first `size` entries."""
    if known is not None and told.get("until_index") == OPEN and known["until_index"] > size:
        known = known | {"until_index": OPEN}
    return json.dumps(told, sort_keys=True) == json.dumps(known, sort_keys=True)  # to Python false is 0


def batched(rows: Iterator[Stored]) -> Iterator[list[Stored]]:
    batch: list[Stored] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
