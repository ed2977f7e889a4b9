"""Two processes with four writers each, killed again and again, and the server with them: what was acknowledged stays."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from application.platform.clock import SystemClock
from application.platform.database import Database
from application.platform.embedded.binaries import find, user
from application.platform.embedded.cluster import Cluster, new_password
from application.platform.migrate import migrate
from tests import places
from tests.application.core.test_ledger import verified
from tests.application.log.writing import main
from tests.application.platform.test_embedded import patiently
from tests.cities import City, ledger_on
from tests.servers import VERSIONS

KILLS = 10


# A process that has loaded the program forks each writer: loading it forty times takes longer than all that they write.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([main.__module__])


class Writers:
    """Two writing processes and what they were told."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self.arguments, self.folder, self.count = arguments, folder, 0
        self.processes: list[BaseProcess] = []

    def start(self) -> None:
        while len(self.processes) < 2:
            self.count += 1
            told = str(self.folder / f"told-{self.count}")
            process = FORKS.Process(target=main, args=(told, *self.arguments), daemon=True)
            process.start()
            self.processes.append(process)

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.join()
        self.processes.clear()

    def told(self) -> dict[int, str]:
        lines = [line.split() for path in self.folder.glob("told-*") for line in path.read_text().splitlines()]
        return {int(line[0]): line[1] for line in lines if len(line) == 3}

    def wait_for_more(self) -> None:
        """Until some acts more have been acknowledged."""
        before, deadline = self._size(), time.monotonic() + 30
        while self._size() < before + 800:
            assert time.monotonic() < deadline, "the writers write nothing"
            time.sleep(0.02)

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("told-*"))


@pytest.fixture
def folder():
    """Where PostgreSQL's own user can go, too."""
    made = places.place("crash")
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_acknowledged_is_lost(version, folder):
    cluster, password = Cluster(folder / "cluster", find(version), user(), log=folder / "log"), new_password()
    cluster.create(password)
    dsn = cluster.start(password)
    try:
        writers = Writers([dsn, str(folder), official_of(dsn, folder)], folder)
        try:
            for _ in range(KILLS):
                crash_both(writers, cluster)
        finally:
            writers.kill()
        check(dsn, folder, writers.told())
    finally:
        cluster.stop()


def official_of(dsn, folder):
    """A log after genesis, and the official who writes to it."""
    migrate(dsn)
    database = Database(dsn, size=2)
    city = City.found(database, SystemClock(), folder)
    try:
        return city.desk.id
    finally:
        city.ledger.close()
        database.close()


def crash_both(writers, cluster):
    """The server first, and the writers go on when it is back; then the writers in the middle of their work."""
    writers.start()
    writers.wait_for_more()
    os.kill(cluster.pid, signal.SIGKILL)
    writers.wait_for_more()
    writers.kill()


def check(dsn, folder, told):
    """Every acknowledged event stands where its writer was told, the positions have no gap, and the log verifies."""
    patiently(dsn, "SELECT 1")  # what the writers had told before the last crash may have been enough for them
    database = Database(dsn, size=2)
    ledger = ledger_on(database, SystemClock(), folder)
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT position, encode(leaf_hash, 'hex') FROM log.event ORDER BY position")
            rows = cursor.fetchall()
        assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
        assert told.items() <= dict(rows).items()
        assert verified(ledger) == len(rows)
    finally:
        ledger.close()
        database.close()
