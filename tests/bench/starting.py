"""A start with all its checks, until the service answers, against a bare start of PostgreSQL by a program that imports the same."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from application.platform.clock import rfc3339
from application.platform.database import Database
from application.platform.home import Home
from application.publication.log_source import LogReader
from application.verifier.formats.merkle import leaf_hash
from application.verifier.rules.rights_register import TOPICS
from interface.bootstrap import Services, services
from interface.first_start import create
from projections.engine import tables
from tests.bench.generate import Lives, entry, write

SIZES = {20_000: 2.0, 1_000_000: 5.0}  # entries: seconds
ROUNDS = 5
SERVE = [sys.executable, "-c", "from interface.cli.main import main; main()", "serve", "--home"]
BARE = """
import signal, sys
from pathlib import Path
import interface.cli.main, interface.serving
from application.platform.embedded.server import serve
from application.platform.home import Home
from interface.cli.instance.serve import stop
signal.signal(signal.SIGTERM, stop)
server = serve(Home(Path(sys.argv[1])))
try:
    print("answers on", flush=True)
    signal.pause()
finally:
    server.stop()"""


def starting() -> Iterator[dict[str, Any]]:
    place = Path(tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp"))
    place.chmod(0o755)
    try:
        home = Home(place / "home")
        create(home, origin="bench", training=True)
        acts = _acts()
        for size, target in SIZES.items():
            with services(home) as made:
                _grow(made, acts, size)
                made.publisher.publish()
            yield _measured(f"start-{size}", f"start with {size:,} entries", home, target)
            tiles = home.trail / "tile"
            tiles.rename(place / "tile")
            yield _measured(f"start-{size}-no-tiles", f"start with {size:,} entries, all tiles lost", home, target)
            (place / "tile").rename(tiles)
    finally:
        shutil.rmtree(place)


def _acts() -> Iterator[dict[str, Any]]:
    """Endless lives; who may do what stays as `init` made it."""
    return (payload for payload in Lives().payloads(10 * max(SIZES)) if payload["type"] not in TOPICS)


def _grow(made: Services, acts: Iterator[dict[str, Any]], size: int) -> None:
    """To so many entries, as they would lie there; the read models are told that they know all of it: no page is measured."""
    reader = LogReader(made.ledger)
    head = edge = reader.head()
    owner = Database(made.logins.owner, role=None, size=2)
    now = rfc3339(made.clock.now())

    def placed() -> Iterator[dict[str, Any]]:
        nonlocal edge
        for seq in range(head.size, size):
            payload = next(acts) | {"seq": seq, "recorded_at": now}
            edge = edge.grown(leaf_hash(entry(payload)))
            yield payload

    write(owner, placed())
    with owner.transaction() as cursor:
        cursor.execute("UPDATE log.head SET size = %s, edge = %s", (edge.size, edge.to_bytes()))
        cursor.execute(f"UPDATE {tables.LIVE}.projection_position SET position = %s", (edge.size,))
        cursor.execute("ANALYZE log.event")
    owner.close()


def _measured(id: str, what: str, home: Home, target: float) -> dict[str, Any]:
    pairs = [
        (
            _timed([*SERVE, str(home.path), "--port", str(_free_port())]),
            _timed([sys.executable, "-c", BARE, str(home.path)]),
        )
        for _ in range(ROUNDS)
    ]
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


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _timed(command: list[str]) -> float:
    """Until it says that it answers; then it is ended in order."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while b"answers on" not in (line := process.stdout.readline()):
            assert line, "it ended before it answered"
        taken = time.perf_counter() - began
        process.send_signal(signal.SIGTERM)
        process.communicate()
    return taken
