"""Verifying a published log offline, against the bare signatures of the same entries on the same two cores.

The baseline is what the faster library, libsodium, needs for them; OpenSSL's time is told beside it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.entry import pae, parse
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import Vkey
from application.verifier.formats.signature import LIBSODIUM, OPENSSL, Library
from application.verifier.formats.tiles import WIDTH, Tiles, directory
from application.verifier.verify import VerifyOptions, verify
from tests.bench.generate import Lives
from tests.logs import ORIGIN, Log, Person, Source

ENTRIES = 100_000
CORES = 2
ROUNDS = 5
SLOWEST = 1.25  # times the bare signatures
PATIENCE = 120  # seconds: a share that can't be read breaks the barrier
FEWEST = 300_000  # entries a second without signatures
SKIPPED = ("log.", "catalogue.", "unit.", "official.", "role.")

Signed = tuple[bytes, bytes, bytes]


def verification() -> Iterator[dict[str, Any]]:
    home = Home(Path(tempfile.mkdtemp(prefix="xh-bench-", dir="/tmp")))
    try:
        home.create()
        keys = LogKeys.create(home.keys, ORIGIN)
        genesis = _published(home, keys)
        yield _full(home, VerifyOptions(keys.vkeys, genesis=genesis))
        yield _hashes(home, VerifyOptions(keys.vkeys, signatures=False))
    finally:
        shutil.rmtree(home.path)


def lived(size: int, vkeys: Sequence[Vkey] = ()) -> Log:
    """A log of lives as `generate` makes them, but with signatures and rights in order."""
    log, lives, people, enrolled = Log(vkeys=vkeys), Lives(), dict[Any, Person](), dict[str, Person]()
    lives.versions = log.versions
    for topic, stream, data, *who in lives.acts():
        if len(log.entries) >= size:
            return log
        if topic.startswith(SKIPPED):
            continue
        actor, role, unit = who
        if (by := people.get(tuple(who))) is None:
            by = people[tuple(who)] = Person(role, unit, actor)
            if (known := enrolled.get(actor)) is None:
                log.enrol(by)
                enrolled[actor] = by
            else:
                by.private = known.private
                log.append("role.granted", {"role": role, "unit": unit}, log.admin, actor)
        log.append(topic, data, by, stream)
    raise AssertionError("lives never end")


def _published(home: Home, keys: LogKeys) -> str:
    """The genesis; nothing else stays in memory, as with an auditor."""
    log = lived(ENTRIES, keys.vkeys)
    Publisher(home, keys, Source(log)).publish()
    return leaf_hash(log.entries[0]).hex()


def _full(home: Home, ask: VerifyOptions) -> dict[str, Any]:
    def whole() -> None:
        verdict = verify(directory(home.trail), ask)
        assert verdict.ok, verdict.sentence

    assert LIBSODIUM is not None
    pairs = [(_bare(home, LIBSODIUM), _seconds(whole)) for _ in range(ROUNDS)]
    baseline, value = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return {
        "id": "verify-full",
        "what": f"full verification of {ENTRIES:,} entries, against their bare signatures on {CORES} cores"
        f" (by OpenSSL {_bare(home, OPENSSL):.2f} s)",
        "value": round(value, 2),
        "unit": "s",
        "baseline": round(baseline, 2),
        "ratio": round(value / baseline, 2),
        "target": SLOWEST,
        "ok": value / baseline <= SLOWEST,
    }


def _hashes(home: Home, ask: VerifyOptions) -> dict[str, Any]:
    rate = ENTRIES / median(_seconds(lambda: verify(directory(home.trail), ask)) for _ in range(ROUNDS))
    return {
        "id": "verify-no-signatures",
        "what": "hashes, tiles and root only",
        "value": round(rate),
        "unit": "entries/s",
        "target": FEWEST,
        "ok": rate >= FEWEST,
    }


def _bare(home: Home, library: Library) -> float:
    """Seconds for nothing but the signatures, in as many processes as there are cores."""
    context = get_context("fork")
    ready = context.Barrier(CORES + 1, timeout=PATIENCE)
    workers = [context.Process(target=_check, args=(home, part, library, ready)) for part in range(CORES)]
    for worker in workers:
        worker.start()
    ready.wait()
    seconds = _seconds(lambda: [worker.join() for worker in workers])
    assert [worker.exitcode for worker in workers] == [0] * CORES
    return seconds


def _check(home: Home, part: int, library: Library, ready: Barrier) -> None:
    signed = list(_signatures(home, part))
    ready.wait()
    for public, signature, message in signed:
        assert library.holds(public, signature, message)


def _signatures(home: Home, part: int) -> Iterator[Signed]:
    """One worker's share of what was published."""
    known = json.loads((home.trail / "keys.json").read_text())
    keys = {name: b64decode(key["pub"]) for name, key in known.items()}
    tiles = Tiles(directory(home.trail), ENTRIES)
    for number in range(part, -(-ENTRIES // WIDTH), CORES):
        for taken in map(parse, tiles.entries(number)):
            yield keys[taken.keyid], taken.signature, pae(taken.body)


def _seconds(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
