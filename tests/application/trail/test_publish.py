"""Publishing: what stands is never changed, a crash at any step is made good by the next run, other programs read it."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest
from pymerkle import InmemoryTree
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from application.failures import CouldNot
from application.store.home import Home, write_whole
from application.trail.logkeys import LogKeys
from application.trail.merkle import leaf_hash
from application.trail.publish import Publisher
from application.trail.tiles import directory
from application.trail.verify import Ask, verify
from tests.application.trail.attacked import with_entries
from tests.logs import ORIGIN, Log, Source


class Place:
    """A home with a publisher, over a log that grows."""

    def __init__(self, path):
        self.home, self.log = Home(path), Log()
        self.home.create()
        self.keys = LogKeys.create(self.home.keys, ORIGIN)

    def publisher(self, log=None, **more):
        return Publisher(self.home, self.keys, Source(log or self.log), **more)

    def publish(self, size):
        self.log.grow(size)
        return self.publisher().publish()

    def verdict(self):
        return verify(directory(self.home.trail), Ask(self.keys.vkeys, genesis=leaf_hash(self.log.entries[0]).hex()))

    def files(self):
        root = self.home.trail
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.parametrize("size", [5, 255, 256, 257, 511, 512, 513])
def test_a_log_of_any_size_verifies(place, size):
    place.publish(size)

    assert place.verdict().sentence == f"核验通过：共 {size} 条，未发现篡改（核验强度：中）"


def test_growing_step_by_step_gives_the_same_files_as_at_once(place, tmp_path):
    for size in (5, 100, 256, 300, 600):
        place.publish(size)
    other = Place(tmp_path / "other")
    other.keys = place.keys
    other.log = place.log
    other.publish(600)

    assert place.verdict().ok
    at_once = {name for name in other.files() if name.startswith("tile/")}
    assert at_once <= place.files()  # tiles that were partial at a published size stay until their full tile stands
    for name in at_once:
        assert (place.home.trail / name).read_bytes() == (other.home.trail / name).read_bytes()


def test_every_published_size_keeps_its_checkpoint(place):
    for size in (5, 9):
        place.publish(size)
    assert {"checkpoints/5", "checkpoints/9", "log.vkey", "keys.json", "checkpoint"} <= place.files()


class Crash(Exception):
    pass


@pytest.mark.parametrize("done", [False, True], ids=["failed", "failed but done"])
def test_a_crash_at_any_step_is_made_good(tmp_path, done):
    """Every write is the last one once."""
    for step in range(1, 60):
        place = Place(tmp_path / f"{done}-{step}")
        place.publish(255)
        place.log.grow(300)
        if not crashes_at(place, step, done):
            return
        place.publish(301)
        assert place.verdict().ok
    raise AssertionError("it never came to an end")


def crashes_at(place, step, done):
    steps = iter(range(1, step))

    def write(path, content):
        if next(steps, None) is not None:
            return write_whole(path, content)
        if done:
            write_whole(path, content)
        raise Crash

    try:
        place.publisher(write=write).publish()
    except Crash:
        return True
    return False


def test_a_log_that_lost_entries_is_not_published(place):
    place.publish(300)
    with pytest.raises(CouldNot, match="has 200 entries, but 300 were published"):
        place.publisher(with_entries(place.log, place.log.entries[:200])).publish()


def test_a_log_whose_past_was_changed_is_not_published(place):
    place.publish(300)
    other = Log().grow(400)
    with pytest.raises(CouldNot, match="couldn't publish"):
        place.publisher(other).publish()


def test_a_file_that_was_tampered_with_is_not_overwritten(place):
    place.publish(200)
    (place.home.trail / "tile/entries").mkdir(exist_ok=True)
    (place.home.trail / "tile/entries/000").write_bytes(b"other")
    with pytest.raises(CouldNot, match="holds other bytes"):
        place.publish(256)


def test_nothing_new_only_renews_the_signature_once_an_hour(place):
    place.publish(5)
    before = (place.home.trail / "checkpoint").read_bytes()
    now = (place.home.trail / "checkpoint").stat().st_mtime
    place.publisher(clock=lambda: now + 10).publish()
    assert (place.home.trail / "checkpoint").read_bytes() == before

    place.publisher(clock=lambda: now + 4_000).publish()

    assert (place.home.trail / "checkpoint").read_bytes() != before
    assert place.verdict().ok


def test_other_programs_verify_the_envelopes(place):
    """securesystemslib knows nothing of us."""
    place.publish(30)
    desk = place.log.desk.members
    key = SSlibKey(desk["keyid"], "ed25519", "ed25519", {"public": b64decode(desk["pub"]).hex()})

    assert Envelope.from_dict(json.loads(place.log.entries[-1])).verify([key], 1)


def test_other_programs_agree_on_the_root(place):
    place.publish(300)
    tree = InmemoryTree(algorithm="sha256")
    for entry in place.log.entries:
        tree.append_entry(entry)
    assert tree.get_root() == place.log.head().root
