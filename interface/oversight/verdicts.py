"""今日结论: what a background job finds in the published folder and in the database, and what it found before.

Nothing of it happens in a request. Every look reads everything: an old row that somebody altered is just what it is for. Only
signatures are not verified again while the published root, and with it every byte of the entries, is the one already verified.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from application.store.database import Database
from application.store.home import Home
from application.store.reader import LogRows, Stored, columns_differ
from application.trail.checkpoint import Checkpoint, NotACheckpoint
from application.trail.merkle import leaf_hash
from application.trail.note import NotANote, Note, Vkey
from application.trail.tiles import WIDTH, Fetch, Growing, Malformed, Missing, Tiles, directory
from application.trail.verify import Ask, verify
from interface.web.locales import N_

EVERY = "10 minutes"
WEAK = "弱"  # as the first verdict must be: nothing was seen before
LAST = "SELECT id, at, ok, found, checkpoint FROM oversight.verdict"


SAME = N_("数据库中的 %(rows)s 条齐全，已发布的 %(size)s 条逐字节一致")
MISSING = N_("第 %(n)s 条：数据库中缺少此条")
ALTERED = N_("第 %(n)s 条：数据库中的内容与已发布的不同，已被改动")
HASH = N_("第 %(n)s 条：数据库中记的哈希与内容不符")
COLUMN = N_("第 %(n)s 条：数据库的 %(column)s 列与签名的内容不符")
HEAD = N_("数据库记着应有 %(size)s 条，实有 %(rows)s 条，或根哈希不符")


class Wrong(NamedTuple):
    """One of the sentences above with its places, and the position of the entry, 0 where it is none's fault."""

    sentence: str
    position: int = 0
    more: dict[str, Any] = {}

    @property
    def places(self) -> dict[str, Any]:
        return {"n": self.position} | self.more


@dataclass(frozen=True)
class Finding:
    """`folder` is a sentence, `table` one with `places`; `position` is the first wrong entry, 0 if none is to blame."""

    folder_ok: bool
    folder: str
    table_ok: bool
    table: str
    places: dict[str, Any]
    strength: str
    size: int
    rows: int
    position: int
    unchecked: tuple[str, ...]
    genesis: str
    root: str

    @property
    def ok(self) -> bool:
        return self.folder_ok and self.table_ok


class Given(NamedTuple):
    """A verdict that was given, and when."""

    id: int
    at: datetime
    ok: bool
    found: Finding
    checkpoint: bytes


class Verdicts:
    """The verdicts that were given: a table that only grows."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def newest(self, *, good: bool = False) -> Given | None:
        found = self._select(" WHERE ok" if good else "", 1)
        return found[0] if found else None

    def latest(self, size: int) -> list[Given]:
        return self._select("", size)

    def first_good(self) -> Given | None:
        found = self._select(" WHERE ok", 1, "id")
        return found[0] if found else None

    def ask(self) -> None:
        """Somebody wants a new verdict: the job sees it within seconds."""
        with self.database.cursor() as cursor:
            cursor.execute("INSERT INTO oversight.wish DEFAULT VALUES")

    def is_due(self) -> bool:
        """Because it was asked for, or the newest is too old, or there is none."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(begun_at) < greatest(now() - %s::interval,"
                " (SELECT max(asked_at) FROM oversight.wish)), true) FROM oversight.verdict",
                (EVERY,),
            )
            return cursor.fetchone()[0]

    def is_waited_for(self) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM oversight.wish)")
            return cursor.fetchone()[0]

    def now(self) -> datetime:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]

    def keep(self, begun: datetime, finding: Finding, checkpoint: bytes) -> None:
        with self.database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO oversight.verdict (begun_at, ok, found, checkpoint) VALUES (%s, %s, %s, %s)",
                (begun, finding.ok, json.dumps(asdict(finding), ensure_ascii=False), checkpoint),
            )
            cursor.execute("DELETE FROM oversight.wish WHERE asked_at <= %s", (begun,))

    def _select(self, condition: str, size: int, order: str = "id DESC") -> list[Given]:
        with self.database.cursor() as cursor:
            cursor.execute(f"{LAST}{condition} ORDER BY {order} LIMIT %s", (size,))
            rows = cursor.fetchall()
        return [Given(id, at, ok, _finding(found), bytes(checkpoint)) for id, at, ok, found, checkpoint in rows]


def _finding(members: dict[str, Any]) -> Finding:
    return Finding(**members | {"unchecked": tuple(members["unchecked"])})


class Examination:
    """The job: `run_if_due()` every few seconds, `run()` at once."""

    def __init__(self, home: Home, database: Database) -> None:
        self.home, self.verdicts, self.rows = home, Verdicts(database), LogRows(database)

    def run_if_due(self) -> None:
        if self.verdicts.is_due() and self._has_begun():
            self.run()

    def _has_begun(self) -> bool:
        """Whether anything was ever published: before that there is nothing to judge, after it a missing folder is a fault."""
        published = self.home.trail / "checkpoint", self.home.publisher / "head"
        return any(path.exists() for path in published) or self.verdicts.newest() is not None

    def run(self) -> Finding:
        """The published folder and the table as they are now; the verdict is kept."""
        begun, files = self.verdicts.now(), directory(self.home.trail)
        raw = files("checkpoint") or b""
        finding = self._find(raw, lambda path: raw or None if path == "checkpoint" else files(path))
        self.verdicts.keep(begun, finding, raw)
        return finding

    def _find(self, raw: bytes, fetch: Fetch) -> Finding:
        good, first, head = self.verdicts.newest(good=True), self.verdicts.first_good(), size_and_root(raw)
        known = good.found if good and good.checkpoint == raw and good.found.strength != WEAK else None
        ask = Ask(
            vkeys(self.home),
            genesis=first.found.genesis if first else None,
            old=[good.checkpoint] if good else [],
            signatures=known is None,
            now=int(time.time()),
        )
        folder = verify(fetch, ask)
        wrong, rows, genesis = self._compare(head.size)
        places = [wrong.position if wrong else 0]
        if folder.fault is not None and folder.fault.index is not None:
            places.append(folder.fault.index + 1)
        return Finding(
            folder.ok,
            folder.sentence,
            wrong is None,
            wrong.sentence if wrong else SAME,
            wrong.places if wrong else {"rows": rows, "size": head.size},
            known.strength if known and folder.ok else folder.strength,
            head.size,
            rows,
            min(filter(None, places), default=0),
            known.unchecked if known else folder.unchecked,
            genesis,
            head.root.hex(),
        )

    def _compare(self, published: int) -> tuple[Wrong | None, int, str]:
        """The first row that is not what was published or does not hold together, the number of rows, and the genesis hash."""
        head = self.rows.head()
        growing, wrong, genesis = Growing(), None, ""
        entries = _published(Tiles(directory(self.home.trail), published), published)
        for row in self.rows.rows(0, max(head.size, published)):
            genesis = genesis or leaf_hash(row.entry).hex()
            if wrong is None:
                wrong = _wrong(row, growing.size + 1, next(entries, None))
            growing.add(leaf_hash(row.entry))
        if wrong is None and growing.size < published:
            wrong = Wrong(MISSING, growing.size + 1)
        if wrong is None and growing.edge != head:
            wrong = Wrong(HEAD, more={"size": head.size, "rows": growing.size})
        return wrong, growing.size, genesis


def _wrong(row: Stored, due: int, published: bytes | None) -> Wrong | None:
    if row.position != due:
        return Wrong(MISSING, due)
    if published is not None and row.entry != published:
        return Wrong(ALTERED, due)
    if row.leaf_hash != leaf_hash(row.entry):
        return Wrong(HASH, due)
    if (column := columns_differ(row)) is not None:
        return Wrong(COLUMN, due, {"column": column})
    return None


def _published(tiles: Tiles, size: int) -> Iterator[bytes | None]:
    """The published entries in their order; None for one in a bundle that can't be read: the folder's own verdict says so."""
    for number in range(-(-size // WIDTH)):
        try:
            yield from tiles.entries(number)
        except (Missing, Malformed):
            yield from [None] * tiles.width(0, number)


def size_and_root(raw: bytes) -> Checkpoint:
    """What a checkpoint says, unverified; an empty tree if it says nothing."""
    try:
        return Checkpoint.parse(Note.parse(raw).text)
    except (NotANote, NotACheckpoint):
        return Checkpoint("", 0, b"")


def vkeys(home: Home) -> list[Vkey]:
    """The log's keys as they are published: the commission compares them with its paper."""
    try:
        return [Vkey.parse(line) for line in (home.trail / "log.vkey").read_text().splitlines() if line]
    except (OSError, NotANote):
        return []
