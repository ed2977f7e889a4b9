"""A backup of 20,000 problems and its restore to the first page, proof included, against the bare copying of the same tables."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values

from application.backup.key_custody import BroughtKeys
from application.backup.paper_key import PaperKey, key_from_words
from application.backup.read import OpenBackup
from application.backup.tables import carried, copy_in, copy_out
from application.log.log_keys import LogKeys
from application.platform.clock import SystemClock
from application.platform.database import Database
from application.platform.home import Home
from application.platform.logins import Logins
from application.platform.migrate import migrate
from application.vault.crypto import Secrets
from application.vault.signing_keys import Unlocked
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.merkle import Edge, leaf_hash
from application.verifier.rules.rights_register import SERVICE
from interface.bootstrap import Services, parts, services
from interface.daily_backup import written
from interface.restoring import restore_home
from interface.web.app import create_app
from tests.bench.generate import Lives
from tests.bench.instances import database, server
from tests.bench.verification import SKIPPED
from tests.logs import ORIGIN, Log, Person

PROBLEMS, PHOTOS, PHOTO = 20_000, 2_000, 100_000  # photos; bytes of one
ROUNDS, BACKUP, RESTORE = 3, 30.0, 60.0  # of the backup; seconds
BLOCK = 2_000
TEXT = "小区公共部位被占用经营，公共收益未单独建账，也未在醒目位置公示；" * 4


def backup() -> Iterator[dict[str, Any]]:
    place = Path(tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp"))
    place.chmod(0o755)
    try:
        with server() as address, ExitStack() as ending:
            home, dsn = Home(place / "home"), database(address)
            made = ending.enter_context(_instance(home, dsn))
            size, photos = City(made).live(), f"{PHOTOS * PHOTO // 1_000_000} MB of photos"
            made.publisher.publish()
            what = f"{PROBLEMS:,} problems, {size:,} entries, {photos}"
            words = PaperKey(home.keys / "backup.pub").create()
            copy = place / "copy"
            pairs = [
                (_timed(lambda n=n: _written(made, place / f"{n}.backup")), _timed(lambda: _copied(dsn, copy)))
                for n in range(ROUNDS)
            ]
            yield _result("backup-20000", f"backup of {what}, against COPY of the same tables", pairs, BACKUP)
            shutil.copytree(home.trail, place / "trail")
            file = OpenBackup(place / "0.backup", key_from_words(words, "the paper key"))
            keys = BroughtKeys.from_folder(home.keys)
            whole = _timed(lambda: _restored(Home(place / "new"), file, keys, place / "trail"))
            bare = _timed(lambda: _copied_in(database(address), copy))
            yield _result("restore-20000", f"restore of {what}, to the first page", [(whole, bare)], RESTORE)
    finally:
        shutil.rmtree(place)


def _instance(home: Home, dsn: str) -> Any:
    home.create()
    LogKeys.create(home.keys, ORIGIN)
    Secrets.create(home.keys / "master.key")
    home.describe(origin=ORIGIN, mode="training")
    migrate(dsn)
    return parts(home, Logins(dsn, dsn, dsn), ORIGIN, "training", SystemClock())


class LongLog(Log):
    """Entries leave it as they are written; those before them are counted."""

    written = 0

    def payload(self, topic: str, data: dict[str, Any], by: Person, stream: str | None = None) -> dict[str, Any]:
        seq = self.written + len(self.entries)
        at = f"2026-03-02T04:00:00.{seq:06}Z"
        return super().payload(topic, data, by, stream) | {"seq": seq, "recorded_at": at}

    def taken(self) -> list[bytes]:
        taken, self.entries = self.entries, []
        self.written += len(taken)
        return taken


class City:
    """Lives as `generate` makes them, signed, with rights in order, and with all that lies beside their entries."""

    def __init__(self, made: Services) -> None:
        self.made, self.database = made, Database(made.logins.owner, role=None, size=2)
        self.log, self.lives = LongLog(vkeys=made.publisher.keys.vkeys), Lives()
        self.lives.versions = self.log.versions
        self.people: dict[Any, Person] = {}
        self.enrolled: dict[str, Person] = {}
        self.edge, self.position, self.problems = Edge(), 0, 0
        dice = Random(1)  # noqa: S311 (no secret)
        self.photos = [dice.randbytes(PHOTO) for _ in range(PHOTOS)]

    def live(self) -> int:
        """Until so many problems were opened; how many entries that took."""
        with self.database.transaction() as cursor:
            rows = [(sha256(photo).hexdigest(), "image/jpeg", photo) for photo in self.photos]
            execute_values(cursor, "INSERT INTO vault.file VALUES %s", rows, page_size=50)
        besides: list[Any] = []
        for topic, stream, data, *who in self.lives.acts():
            if topic.startswith(SKIPPED):
                continue
            by = self._by(*who)
            self.log.append(topic, self._beside(topic, stream, data, besides), by, stream)
            self.problems += topic == "problem.opened"
            if len(self.log.entries) >= BLOCK or self.problems == PROBLEMS:
                self._write(besides)
            if self.problems == PROBLEMS:
                break
        self._keys()
        self.database.close()
        return self.position

    def _by(self, actor: str, role: str, unit: str) -> Person:
        who = (actor, role, unit)
        if who not in self.people:
            by = self.people[who] = Person(role, unit, actor)
            if (known := self.enrolled.get(actor)) is None:
                self.log.enrol(by)
                self.enrolled[actor] = by
            else:
                by.private = known.private
                self.log.append("role.granted", {"role": role, "unit": unit}, self.log.admin, actor)
        return self.people[who]

    def _beside(self, topic: str, stream: str, data: dict[str, Any], besides: list[Any]) -> dict[str, Any]:
        """The event's data as the vault has it."""
        if topic == "tip.registered":
            commits, rows = self.made.vault.tips.seal(UUID(stream), text=TEXT, reporter="演练", contact="0512")
            besides += rows
            return data | {"commits": commits}
        if "evidence" in data:
            photo = self.photos[UUID(stream).int % PHOTOS]
            member = {"sha256": sha256(photo).hexdigest(), "size": PHOTO, "media_type": "image/jpeg"}
            return data | {"evidence": [member]}
        return data

    def _write(self, besides: list[Any]) -> None:
        rows, commands = [], []
        for entry in self.log.taken():
            payload = loads(body_of(entry))
            leaf, self.position = leaf_hash(entry), self.position + 1
            self.edge = self.edge.grown(leaf)
            named = (payload["stream"], payload["version"], payload["type"], payload["command"])
            rows.append((self.position, *named, entry, leaf))
            commands.append((payload["command"], payload["actor"], b"", self.position, self.position))
        with self.database.transaction() as cursor:
            execute_values(cursor, "INSERT INTO log.event VALUES %s", rows, page_size=BLOCK)
            execute_values(cursor, "INSERT INTO log.command VALUES %s", commands, page_size=BLOCK)
            for statement in {beside.statement for beside in besides}:
                chosen = [beside.row for beside in besides if beside.statement == statement]
                execute_values(cursor, statement, chosen, page_size=BLOCK)
            head = (self.edge.size, self.edge.to_bytes(), payload["recorded_at"])
            cursor.execute("UPDATE log.head SET size = %s, edge = %s, recorded_at = %s", head)
        besides.clear()

    def _keys(self) -> None:
        """Everybody's key, under the master key alone, as on a training log."""
        ring, rows = self.made.keys, []
        owners = {SERVICE: self.log.service, self.log.admin.id: self.log.admin, self.log.desk.id: self.log.desk}
        for owner, person in (owners | self.enrolled).items():
            key = Unlocked(person.members["keyid"], person.private.private_bytes_raw())
            rows.append((key.keyid, owner, *ring._wrapped(key, None)))
        with self.database.transaction() as cursor:
            execute_values(cursor, "INSERT INTO vault.signing_key (keyid, owner, sealed, lock) VALUES %s", rows)


def _written(made: Services, path: Path) -> None:
    written(made, path, datetime.now(UTC))


def _restored(home: Home, file: OpenBackup, keys: BroughtKeys, trail: Path) -> None:
    """Proved, opened anew, and a page of it asked for."""
    done = restore_home(home, file, keys, trail=trail, tell=lambda line: None)
    assert (done.faults, done.lost) == ([], [])
    with services(home) as made:
        made.projections.catch_up()
        assert create_app(made).test_client().get("/sign-in").status_code == 200


def _copied(dsn: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    base = Database(dsn, role=None, size=1)
    with base.transaction(repeatable_read=True) as cursor:
        for table in carried(cursor):
            with (folder / table.full).open("wb") as file:
                copy_out(cursor, table, file)
    base.close()


def _copied_in(dsn: str, folder: Path) -> None:
    migrate(dsn)
    base = Database(dsn, role=None, size=1)
    with base.transaction() as cursor:
        for table in carried(cursor):
            with (folder / table.full).open("rb") as file:
                copy_in(cursor, table.full, table.columns, file)
    base.close()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _result(id: str, what: str, pairs: list[tuple[float, float]], target: float) -> dict[str, Any]:
    value, baseline = (median(pair[place] for pair in pairs) for place in (0, 1))
    return {
        "id": id,
        "what": what,
        "value": round(value, 2),
        "unit": "s",
        "baseline": round(baseline, 2),
        "ratio": round(value / baseline, 2),
        "target": target,
        "ok": value <= target,
    }
