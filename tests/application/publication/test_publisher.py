"""Publishing: what stands is never changed, a crash at any step is made good by the next run, other programs read it."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from shutil import rmtree
from threading import Lock

import pytest
from pymerkle import InmemoryTree
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from application.audit.published_check import PublishedFolder
from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole
from application.publication.publisher import Publisher
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from application.verifier.formats.tiles import Growing, directory
from application.verifier.verify import VerifyOptions, verify
from tests.application.verifier.attacked import with_entries
from tests.logs import ORIGIN, Log, Source

WITNESS = NoteKey("commission.test/w1", COSIGNATURE, bytes(32))


class Place:
    """A home with a publisher, over a log that grows."""

    def __init__(self, path):
        self.home, self.growing = Home(path), Lock()
        self.home.create()
        self.keys = LogKeys.create(self.home.keys, ORIGIN)
        self.log = Log(vkeys=self.keys.vkeys)

    def publisher(self, log=None, **more):
        return Publisher(self.home, self.keys, Source(log or self.log), **more)

    def publish(self, size):
        self.log.grow(size)
        return self.publisher().publish()

    def verdict(self):
        return verify(
            directory(self.home.trail), VerifyOptions(self.keys.vkeys, genesis=leaf_hash(self.log.entries[0]).hex())
        )

    def fsck(self):
        """What `xiaohao fsck` says of the folder."""
        faults, growing = [], Growing()
        folder = PublishedFolder(self.home.trail, self.keys.vkeys, lambda *fault: faults.append(fault))
        for entry in self.log.entries:
            folder.take(entry, growing, growing.add(leaf_hash(entry)))
        return faults

    def sizes(self):
        return sorted(int(path.name) for path in (self.home.trail / "checkpoints").iterdir())

    def widths(self, row):
        """Of the partial tiles that lie there."""
        return {int(path.name) for path in (self.home.trail / row).glob("*.p/*")}

    def files(self):
        root = self.home.trail
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.parametrize("size", [5, 255, 256, 257, 511, 512, 513])
def test_a_log_of_any_size_verifies(place, size):
    place.publish(size)

    assert place.verdict().sentence == f"核验通过（演练日志）：共 {size} 条，未发现篡改（核验强度：中）"


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
@pytest.mark.parametrize("same_process", [False, True], ids=["restarted", "goes on"])
def test_a_crash_at_any_step_is_made_good(tmp_path, done, same_process):
    """Every write is the last one once."""
    for step in range(1, 60):
        place = Place(tmp_path / f"{done}-{step}")
        place.publish(255)
        place.log.grow(300)
        publisher = crashed_at(place, step, done)
        if publisher is None:
            return
        place.log.grow(301)
        (publisher if same_process else place.publisher()).publish()
        assert place.verdict().ok
        assert place.fsck() == []
        assert (
            place.widths("tile/entries")
            == place.widths("tile/0")
            == {size % 256 for size in place.sizes() if size > 255}
        )
    raise AssertionError("it never came to an end")


def crashed_at(place, step, done):
    steps = iter(range(1, step))
    crashing = True

    def write(path, content):
        if not crashing or next(steps, None) is not None:
            return write_whole(path, content)
        if done:
            write_whole(path, content)
        raise Crash

    publisher = place.publisher(write=write)
    try:
        publisher.publish()
    except Crash:
        crashing = False
        return publisher
    return None


@pytest.mark.parametrize("done", [False, True], ids=["failed", "failed but done"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_crash_while_a_cosignature_is_added_is_made_good(place, step, done):
    place.publish(5)
    note = Note.parse((place.home.trail / "checkpoint").read_bytes())
    line = WITNESS.sign(note.text, int(time.time()))
    steps = iter(range(1, step))

    def write(path, content):
        if next(steps, None) is not None or done:
            write_whole(path, content)
        if next(steps, None) is None:
            raise Crash

    with suppress(Crash):
        place.publisher(write=write).gain(note.text, [line])
    place.publisher().publish()
    place.publisher().gain(note.text, [line])

    for name in ("checkpoint", "checkpoints/5"):
        assert Note.parse((place.home.trail / name).read_bytes()).lines == (*note.lines, line)
    assert (place.fsck(), place.verdict().ok) == ([], True)


def test_a_checkpoint_only_gains_lines(place):
    place.publish(5)
    name = place.home.trail / "checkpoints/5"
    first = Note.parse(name.read_bytes())
    older, newer = (WITNESS.sign(first.text, at) for at in (int(time.time()), int(time.time()) + 60))
    publisher = place.publisher()
    publisher.gain(first.text, [older])
    publisher.gain(first.text, [newer])
    place.publish(9)

    assert Note.parse(name.read_bytes()).lines == (*first.lines, older)
    with pytest.raises(OperatorError, match="no such checkpoint"):
        publisher.gain(first.text.replace("5", "6", 1), [older])


def test_a_renewed_signature_keeps_the_cosignatures(place):
    place.publish(5)
    checkpoint = place.home.trail / "checkpoint"
    note = Note.parse(checkpoint.read_bytes())
    older, newer = (WITNESS.sign(note.text, at) for at in (int(time.time()), int(time.time()) + 60))
    place.publisher().gain(note.text, [older])
    place.publisher().gain(note.text, [newer])
    before = checkpoint.read_bytes()

    place.publisher(clock=lambda: time.time() + 4_000).publish()

    assert checkpoint.read_bytes() != before
    assert Note.parse(checkpoint.read_bytes()).lines[-1] == newer


def test_two_publishers_at_once(place):
    """Eight hands, two of them at work on a log that grows, all on one home."""
    place.publish(3)
    sizes = range(4, 40)

    def work(number):
        publisher = place.publisher()
        for size in sizes[number::8]:
            with place.growing:
                place.log.grow(size)
            publisher.publish()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    place.publish(40)
    assert (place.fsck(), place.verdict().ok) == ([], True)
    assert place.sizes() == sorted(set(place.sizes()))


def test_partial_tiles_stay_for_every_published_size_until_the_full_one_stands(place):
    for size in (5, 9, 200):
        place.publish(size)
    assert place.widths("tile/0") == place.widths("tile/entries") == {5, 9, 200}

    place.publish(256)
    place.publish(260)

    assert place.widths("tile/0") == place.widths("tile/entries") == {4}
    assert place.widths("tile/1") == {1}


def test_what_a_crash_left_is_swept_at_the_start(place):
    place.publish(300)
    left = ["tile/0/001.p/77", "tile/entries/001.p/77", "tile/0/000.p/9", "tile/0/002.p/1", "tile/0/001.p/44.99.tmp"]
    for name in [*left, "tile/.DS_Store", "tile/0/other.p/1"]:
        (place.home.trail / name).parent.mkdir(exist_ok=True)
        (place.home.trail / name).write_bytes(b"left")

    place.publisher().publish()

    assert place.files().isdisjoint(left)
    assert "tile/0/001.p/44" in place.files()
    assert place.verdict().ok


def test_a_database_older_than_the_head_is_refused_even_if_the_store_is_as_old(place):
    """Database and HOME/publisher put back from one backup; the folder remembers what was signed since."""
    place.publish(200)
    backup = (place.home.publisher / "head").read_bytes()
    place.publish(300)
    (place.home.publisher / "head").write_bytes(backup)
    older = with_entries(place.log, place.log.entries[:200])

    with pytest.raises(OperatorError, match="has 200 entries, but 300 were published"):
        place.publisher(older).publish()
    (place.home.publisher / "head").unlink()
    with pytest.raises(OperatorError, match="has 200 entries, but 300 were published"):
        place.publisher(older).publish()


def test_a_lost_store_is_made_again_from_what_was_signed(place):
    place.publish(300)
    (place.home.publisher / "head").unlink()

    place.publish(301)

    assert (place.fsck(), place.verdict().ok) == ([], True)


def test_other_keys_do_not_go_on_with_a_log(tmp_path, place):
    place.publish(5)
    other = Place(tmp_path / "other")
    before = (place.home.trail / "checkpoint").read_bytes()

    with pytest.raises(OperatorError, match="is not signed by the keys of this home"):
        Publisher(place.home, other.keys, Source(place.log.grow(6))).publish()
    assert (place.home.trail / "checkpoint").read_bytes() == before


def test_a_past_that_was_changed_is_found_at_the_start(place):
    """The database's head says what it said; its third entry does not."""
    place.publish(300)
    source = Source(place.log)
    changed = [*place.log.entries[:2], b"another", *place.log.entries[3:]]
    source.entries = lambda first, stop: changed[first:stop]

    with pytest.raises(OperatorError, match="no longer leads to the head"):
        Publisher(place.home, place.keys, source).publish()


def other(content: bytes) -> bytes:
    """Other bytes, whatever these are: a hash may end in any."""
    return content[:-1] + bytes([content[-1] ^ 1])


def test_a_disk_that_writes_other_bytes_is_noticed_before_anything_is_signed(place):
    def write(path, content):
        write_whole(path, other(content) if "tile" in path.parts else content)

    place.log.grow(5)
    with pytest.raises(OperatorError, match="holds other bytes"):
        place.publisher(write=write).publish()
    assert "checkpoint" not in place.files()


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/000"])
def test_what_was_written_is_hashed_again_before_anything_is_signed(place, name):
    """A tile and a bundle that were right a moment ago."""

    def write(path, content):
        write_whole(path, content)
        if path == place.home.trail / "tile/entries/001.p/44":
            damaged = place.home.trail / name
            damaged.write_bytes(other(damaged.read_bytes()))

    place.log.grow(300)
    with pytest.raises(OperatorError, match="was not written as it should be"):
        place.publisher(write=write).publish()
    assert "checkpoint" not in place.files()


def test_only_its_owner_may_enter_the_trail(place):
    place.home.trail.chmod(0o755)
    place.publish(300)

    assert place.home.trail.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in place.home.trail.rglob("*") if path.is_file()} == {0}


def test_a_log_that_lost_entries_is_not_published(place):
    place.publish(300)
    with pytest.raises(OperatorError, match="has 200 entries, but 300 were published"):
        place.publisher(with_entries(place.log, place.log.entries[:200])).publish()


def test_a_log_whose_past_was_changed_is_not_published(place):
    place.publish(300)
    other = Log().grow(400)
    with pytest.raises(OperatorError, match="couldn't publish"):
        place.publisher(other).publish()


def test_a_file_that_was_tampered_with_is_not_overwritten(place):
    place.publish(200)
    (place.home.trail / "tile/entries").mkdir(exist_ok=True)
    (place.home.trail / "tile/entries/000").write_bytes(b"other")
    with pytest.raises(OperatorError, match="holds other bytes"):
        place.publish(256)


@pytest.mark.parametrize("lost", ["tile/entries/000", "tile/0/000", "tile/entries/001.p/44", "tile/1/000.p/1", "tile"])
def test_what_the_folder_lost_is_written_again_from_the_log(place, lost):
    place.publish(300)
    before = {path: (place.home.trail / path).read_bytes() for path in place.files()}
    gone = place.home.trail / lost
    rmtree(gone) if gone.is_dir() else gone.unlink()
    assert not place.verdict().ok

    place.publisher().publish()

    assert {path: (place.home.trail / path).read_bytes() for path in place.files()} == before
    assert (place.verdict().ok, place.fsck()) == (True, [])


def test_what_is_written_again_is_what_was_published(place):
    place.publish(300)
    (place.home.trail / "tile/entries/000").unlink()
    altered = place.home.trail / "tile/entries/001.p/44"
    altered.write_bytes(b"other")

    with pytest.raises(OperatorError, match=r"entries/001\.p/44 holds other bytes"):
        place.publisher().publish()
    with pytest.raises(OperatorError, match="no longer leads"):
        place.publisher(Log().grow(300)).publish()
    assert altered.read_bytes() == b"other"


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
