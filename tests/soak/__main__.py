"""`python -m tests.soak [KILLS] [--minutes N]`: the service and its PostgreSQL killed in turns under eight writers.

Two processes of the service with four threads each register tips through the ordinary handlers, on a home of their own. With
kill -9 dies in turns the server and the process that has acknowledged most. At the end every acknowledged event stands at the
position and with the hash that its writer was told, once; positions have no gap; fsck is clean.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from application.audit.fsck import Fsck
from application.campaign.genesis import CITY
from application.platform.embedded import server as embedded
from application.platform.home import Home
from interface.bootstrap import services
from interface.cli.sign_in import acting
from interface.first_start import create
from tests.cities import City

PROCESSES = 2
MORE = 24  # acts that are acknowledged between two kills
PATIENCE = 120  # seconds in which nothing is acknowledged before the trial has failed
TOLD_EVERY = 50


class Acknowledged(NamedTuple):
    position: int
    leaf_hash: str
    command: str


@dataclass
class Writer:
    process: subprocess.Popen[bytes]
    told: Path

    @property
    def acknowledged(self) -> list[Acknowledged]:
        """Whole lines only: the last one may have been cut off by the kill, and was acknowledged to nobody."""
        lines = [line.split() for line in self.told.read_text().split("\n")[:-1]]
        return [Acknowledged(int(line[0]), line[1], line[2]) for line in lines if len(line) == 4]

    @property
    def size(self) -> int:
        return self.told.stat().st_size


@dataclass
class Trial:
    """What was killed and acknowledged so far."""

    home: Home
    folder: Path
    official: str
    writers: list[Writer] = field(default_factory=list)
    gone: list[Writer] = field(default_factory=list)
    kills: int = 0

    def fill(self) -> None:
        while len(self.writers) < PROCESSES:
            told = self.folder / f"told-{len(self.writers) + len(self.gone)}"
            command = [sys.executable, "-m", "tests.soak.writing", str(self.home.path), self.official]
            with told.open("wb") as out, (self.folder / "errors").open("ab") as errors:
                self.writers.append(Writer(subprocess.Popen(command, stdout=out, stderr=errors), told))

    def wait_for_more(self) -> None:
        """Until some more acts have been acknowledged, by whichever process."""
        before, deadline = self._size(), time.monotonic() + PATIENCE
        while self._size() < before + MORE * 110:  # bytes of a line, about
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"nothing was acknowledged for {PATIENCE} s: {(self.folder / 'errors').read_text()[-2000:]}"
                )
            time.sleep(0.01)

    def kill_a_writer(self) -> None:
        """The one that has done most, in the middle of its work."""
        victim = max(self.writers, key=lambda writer: writer.size)
        self.writers.remove(victim)
        self.gone.append(victim)
        victim.process.kill()
        victim.process.wait()
        self.kills += 1

    def kill_the_server(self, server: embedded.Server) -> None:
        if (pid := server.cluster.pid) is not None:
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def end(self) -> None:
        for writer in self.writers:
            writer.process.kill()
            writer.process.wait()

    @property
    def acknowledged(self) -> list[Acknowledged]:
        return [one for writer in (*self.gone, *self.writers) for one in writer.acknowledged]

    def _size(self) -> int:
        return sum(writer.size for writer in (*self.gone, *self.writers))


@dataclass
class Outcome:
    kills: int
    acknowledged: int
    lost: int
    twice: int
    gaps: int
    faults: list[str]

    @property
    def ok(self) -> bool:
        return not (self.lost or self.twice or self.gaps or self.faults)


def soak(kills: int, seconds: float) -> Outcome:
    """As many kills as fit into the time."""
    with _home() as home, tempfile.TemporaryDirectory(prefix="xh-soak-told-", dir="/tmp") as told:
        server = embedded.serve(home)
        try:
            trial = Trial(home, Path(told), _official(home))
            try:
                _kill(trial, server, kills, seconds)
            finally:
                trial.end()
            return _checked(trial)
        finally:
            server.stop()


def _kill(trial: Trial, server: embedded.Server, kills: int, seconds: float) -> None:
    began = time.monotonic()
    trial.fill()
    while trial.kills < kills and time.monotonic() - began < seconds:
        trial.wait_for_more()
        if trial.kills % 2:
            trial.kill_a_writer()
            trial.fill()
        else:
            trial.kill_the_server(server)
        if trial.kills % TOLD_EVERY == 0:
            each = (time.monotonic() - began) / trial.kills
            print(f"{trial.kills:5} kills, {len(trial.acknowledged):7} acknowledged, {each:.2f} s a kill", flush=True)
    trial.wait_for_more()


@contextmanager
def _home() -> Iterator[Home]:
    """A training instance: its clerks need no password, so that a killed process can go on signing."""
    folder = Path(tempfile.mkdtemp(prefix="xh-soak-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        home = Home(folder / "home")
        create(home, origin="soak.example/trial", training=True)
        yield home
    finally:
        shutil.rmtree(folder)


def _official(home: Home) -> str:
    with services(home) as made:
        city = City(made.ledger, acting(made, "admin", "official.enrolled"))
        return city.actor("city_desk", CITY).id


def _checked(trial: Trial) -> Outcome:
    acknowledged = trial.acknowledged
    with services(trial.home) as made:
        made.publisher.publish()
        with made.database.cursor() as cursor:
            cursor.execute("SELECT position, encode(leaf_hash, 'hex'), command::text FROM log.event ORDER BY position")
            rows = cursor.fetchall()
        report = Fsck(trial.home, made.ledger).run()
    recorded = set(rows)
    events = Counter(command for _, _, command in rows)
    positions = [position for position, _, _ in rows]
    return Outcome(
        kills=trial.kills,
        acknowledged=len(acknowledged),
        lost=sum(tuple(one) not in recorded for one in acknowledged),
        twice=sum(events[one.command] > 1 for one in acknowledged),
        gaps=sum(position != number for number, position in enumerate(positions, 1)),
        faults=report.faults,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("kills", type=int, nargs="?", default=1_000)
    parser.add_argument("--minutes", type=float, default=30.0, help="at most")
    asked = parser.parse_args()
    began = time.monotonic()
    found = soak(asked.kills, asked.minutes * 60)
    for fault in found.faults[:20]:
        print(fault)
    whole = time.monotonic() - began
    print(
        f"{found.kills} kills in {whole:.0f} s: {found.acknowledged} events acknowledged, {found.lost} lost, "
        f"{found.twice} twice, {found.gaps} gaps, fsck {'clean' if not found.faults else len(found.faults)}"
    )
    if found.kills < asked.kills:
        print(f"{asked.kills - found.kills} kills did not fit into {asked.minutes:g} minutes")
    return 0 if found.ok and found.kills == asked.kills else 1


if __name__ == "__main__":
    sys.exit(main())
