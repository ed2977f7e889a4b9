"""Publishing new entries against the bare writing of the same bytes; a proof from a log of a million entries."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from application.log.log_keys import LogKeys
from application.platform.database import Database
from application.platform.home import Home, write_whole
from application.platform.migrate import migrate
from application.publication.log_source import LogReader
from application.publication.publication_state import proved, standing
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import Edge, leaf_hash, verify_inclusion
from application.verifier.formats.note import COSIGNATURE, ML_DSA_44, NoteKey
from application.verifier.formats.proof import Proof
from application.verifier.formats.tiles import ENTRIES, WIDTH, Growing, join, path_of
from tests.bench.generate import Lives, entry, write
from tests.bench.instances import database, server

ROUNDS = 5
BEFORE, NEW, WITHIN = 2_000, 10_000, 2.0  # entries, entries, seconds
LARGE, PAGE = 1_000_000, 0.050  # entries, seconds
ORIGIN = "bench"
WITNESS = [NoteKey("bench.witness/1", kind, bytes(32)) for kind in (COSIGNATURE, ML_DSA_44)]


class Log(LogReader):
    """The rows of a real server; `size` is how far the log has come."""

    def __init__(self, database: Database) -> None:
        self.database, self.size = database, BEFORE
        write(database, Lives().payloads(BEFORE + NEW))
        self.held = list(self.entries(0, BEFORE + NEW))
        self.edges = [Edge()]
        for one in self.held:
            self.edges.append(self.edges[-1].grown(leaf_hash(one)))

    def head(self) -> Edge:
        return self.edges[self.size]

    def keys(self) -> dict[str, Any]:
        return {}


def publishing() -> Iterator[dict[str, Any]]:
    with server() as address:
        dsn = database(address)
        migrate(dsn)
        rows = Database(dsn, size=1)
        log = Log(rows)
        pairs = [_once(log) for _ in range(ROUNDS)]
        rows.close()
    value, baseline = (median(pair[place] for pair in pairs) for place in (0, 1))
    what = f"publishing {NEW:,} new entries from the database, against writing their bundles"
    yield _result("publish-10000", what, value, baseline, WITHIN)
    with home() as place:
        position = large(place)
        yield _result(
            "proof-1000000",
            f"standing, proof and entry of one of {LARGE:,} entries against reading its bundle",
            _fastest(lambda: (standing(place, position), _good(place, position))),
            _fastest(lambda: (place.trail / path_of(ENTRIES, (position - 1) // WIDTH)).read_bytes()),
            PAGE,
        )


def _result(id: str, what: str, value: float, baseline: float, target: float) -> dict[str, Any]:
    return {
        "id": id,
        "what": what,
        "value": round(value, 5),
        "unit": "s",
        "baseline": round(baseline, 5),
        "ratio": round(value / baseline, 2),
        "target": target,
        "ok": value <= target,
    }


def _once(log: Log) -> tuple[float, float]:
    """Seconds for the new entries, in a process that has published before; and for the plain writing of their bytes."""
    with home() as place:
        log.size = BEFORE
        publisher = Publisher(place, LogKeys.create(place.keys, ORIGIN), log)
        publisher.publish()
        log.size = BEFORE + NEW
        return _timed(publisher.publish), _timed(lambda: _write(place.run, log.held[BEFORE:]))


def _write(folder: Path, entries: list[bytes]) -> None:
    for first in range(0, len(entries), WIDTH):
        write_whole(folder / str(first), join(entries[first : first + WIDTH]))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _fastest(act: Callable[[], object]) -> float:
    """The median of many: nothing is cached between two but what the machine keeps of files."""
    return median(_timed(act) for _ in range(50))


def _good(place: Home, position: int) -> None:
    """As for a download, and one step more: that it is a proof."""
    made = proved(place, position)
    proof = Proof.parse(made.proof)
    root = Checkpoint.parse(proof.checkpoint.text).root
    verify_inclusion(leaf_hash(made.entry), proof.index, made.size, proof.path, root)


def large(place: Home) -> int:
    """A published and witnessed tree of a million leaves; of the entries only one bundle lies there. Its position."""
    bundle = [entry(payload) for payload in Lives().payloads(WIDTH)]
    first = LARGE * 2 // 3 // WIDTH * WIDTH
    growing = Growing()
    for index in range(LARGE):
        inside = first <= index < first + WIDTH
        leaf = leaf_hash(bundle[index - first]) if inside else sha256(index.to_bytes(8)).digest()
        for tile in growing.add(leaf):
            _lay(place, *tile)
    for tile in growing.partials():
        _lay(place, *tile)
    path = place.trail / path_of(ENTRIES, first // WIDTH)
    path.parent.mkdir(parents=True)
    path.write_bytes(join(bundle))
    head = Checkpoint(ORIGIN, LARGE, growing.edge.root)
    signed = LogKeys.create(place.keys, ORIGIN).sign(head, 0)
    signed = signed.gained(key.sign(signed.text, 0) for key in WITNESS)
    (place.trail / "checkpoints").mkdir()
    for name in ("checkpoint", f"checkpoints/{LARGE}"):
        (place.trail / name).write_bytes(signed.to_bytes())
    (place.publisher / "witnessed").write_text(f'{{"size": {LARGE}}}')
    place.policy.write_text("".join(f"witness w{key.kind} {key.vkey}\n" for key in WITNESS) + "quorum none\n")
    assert standing(place, first + 7).state == "witnessed"
    return first + 7


def _lay(place: Home, level: int, number: int, hashes: list[bytes]) -> None:
    path = place.trail / path_of(level, number, len(hashes))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(hashes))


@contextmanager
def home() -> Iterator[Home]:
    folder = tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp")
    try:
        place = Home(Path(folder) / "home")
        place.create()
        yield place
    finally:
        shutil.rmtree(folder)
