"""Whoever alters the published log is caught, with the code of the design's table (trail.md §8)."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import pytest

from application.store.home import Home
from application.trail.checkpoint import Checkpoint
from application.trail.entry import _outer, canonical, pae, parse, seal
from application.trail.logkeys import LogKeys
from application.trail.merkle import leaf_hash
from application.trail.note import Note
from application.trail.proof import prove
from application.trail.publish import Publisher
from application.trail.tiles import ENTRIES, Tiles, directory, join, path_of, split
from application.trail.verify import Ask, verify, verify_one
from tests.logs import ORIGIN, TOWN, Log, Person, Source

SIZE = 1_000
ALTERED = 421


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    """A published log of 1,000 entries, with the checkpoint of 700 beside it."""
    home = Home(tmp_path_factory.mktemp("published"))
    home.create()
    log, keys = Log().grow(700), LogKeys.create(home.keys, ORIGIN)
    Publisher(home, keys, Source(log)).publish()
    log.grow(SIZE)
    Publisher(home, keys, Source(log)).publish()
    return log, keys, home.path


class Published:
    """A copy of the published log that may be tampered with."""

    def __init__(self, master, folder: Path) -> None:
        self.log, self.keys, source = master
        shutil.copytree(source, folder, dirs_exist_ok=True)
        self.home = Home(folder)
        self.trail = self.home.trail

    @property
    def genesis(self):
        return leaf_hash(self.log.entries[0]).hex()

    def old(self, size):
        return (self.trail / f"checkpoints/{size}").read_bytes()

    def code(self, **asked):
        """The code of the fault, or ok; and where it is."""
        asked = {"vkeys": self.keys.vkeys} | asked
        verdict = verify(directory(self.trail), Ask(**asked))
        return "ok" if verdict.ok else verdict.fault.code

    def bundle(self, number):
        path = next(p for p in (self.trail / "tile/entries").glob(f"{number:03}*") if p.is_file() or p.is_dir())
        return path if path.is_file() else next(path.iterdir())

    def rewrite(self, index, entry):
        """An attacker with the files only: another entry in its bundle."""
        path = self.bundle(index // 256)
        entries = split(path.read_bytes(), 256 if path.suffix != "" or path.parent.name == "entries" else 232, "")
        entries[index % 256] = entry
        path.write_bytes(join(entries))

    def republish(self, log, folder):
        """An attacker with the log's key: everything rewritten and signed again."""
        home = Home(folder)
        home.create()
        Publisher(home, self.keys, Source(log)).publish()
        self.trail = home.trail
        return self


@pytest.fixture
def published(master, tmp_path):
    return Published(master, tmp_path / "copy")


def with_entries(log, entries):
    forged = Log.__new__(Log)
    forged.__dict__.update(log.__dict__)
    forged.entries, forged.versions = list(entries), dict(log.versions)
    return forged


def test_an_untouched_log_is_right(published):
    assert published.code(genesis=published.genesis, old=[published.old(700)]) == "ok"


def test_the_verdict_says_how_strong_it_is(published):
    weak = verify(directory(published.trail), Ask(published.keys.vkeys))
    firm = verify(directory(published.trail), Ask(published.keys.vkeys, genesis=published.genesis))

    assert (weak.strength, firm.strength) == ("弱", "中")
    assert "未给创世哈希" in "".join(weak.unchecked)


def test_every_byte_of_an_entry_counts(published):
    path = published.trail / path_of(ENTRIES, ALTERED // 256)
    raw = bytearray(path.read_bytes())
    raw[5_000] ^= 1
    path.write_bytes(raw)

    assert published.code(signatures=False) in ("ENTRY_MISMATCH", "ENTRIES_FORMAT")


def test_an_altered_entry_is_named(published):
    path = published.trail / path_of(ENTRIES, 1)
    entries = split(path.read_bytes(), 256, "")
    entries[ALTERED - 256] = entries[ALTERED - 256].replace(b'"sig":"', b'"sig":"A', 1)[:-1] + b"}"
    path.write_bytes(join(entries))

    verdict = verify(directory(published.trail), Ask(published.keys.vkeys))

    assert (verdict.fault.code, verdict.fault.index) == ("ENTRY_MISMATCH", ALTERED)
    assert f"第 {ALTERED + 1} 条" in verdict.sentence


def test_an_entry_altered_with_its_hash_does_not_fit_the_tile_above(published):
    bundle, tile = published.trail / path_of(ENTRIES, 1), published.trail / path_of(0, 1)
    entries, hashes = split(bundle.read_bytes(), 256, ""), bytearray(tile.read_bytes())
    entries[ALTERED - 256] = b"forged"
    place = (ALTERED - 256) * 32
    hashes[place : place + 32] = leaf_hash(b"forged")
    bundle.write_bytes(join(entries))
    tile.write_bytes(hashes)

    assert published.code(signatures=False) == "TILE_MISMATCH"


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda entries: entries[:165] + entries[166:], "ENTRIES_FORMAT"),
        (lambda entries: [*entries[:164], entries[165], entries[164], *entries[166:]], "ENTRY_MISMATCH"),
    ],
    ids=["S3 one deleted", "S4 two swapped"],
)
def test_a_bundle_with_other_entries(published, tamper, code):
    path = published.trail / path_of(ENTRIES, 1)
    path.write_bytes(join(tamper(split(path.read_bytes(), 256, ""))))

    assert published.code() == code


def test_bytes_after_the_last_entry(published):
    path = published.trail / path_of(ENTRIES, 1)
    path.write_bytes(path.read_bytes() + b"\0")
    assert published.code() == "ENTRIES_FORMAT"


def test_a_bundle_that_is_gone(published):
    (published.trail / path_of(ENTRIES, 1)).unlink()
    assert published.code() == "ENTRIES_MISSING"


def test_a_damaged_tile_of_the_second_row(published):
    path = published.trail / path_of(1, 0, SIZE // 256)
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    assert published.code() == "TILE_MISMATCH"


def test_a_checkpoint_with_another_size(published):
    path = published.trail / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n1000\n", b"\n1001\n"))
    assert published.code() == "CHECKPOINT_SIGNATURE"


def test_a_checkpoint_signed_by_somebody_else(published, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    stranger = LogKeys.create(other, ORIGIN)
    checkpoint = Checkpoint(ORIGIN, SIZE, published.log.head().root)
    (published.trail / "checkpoint").write_bytes(stranger.sign(checkpoint, 1).to_bytes())
    assert published.code() == "CHECKPOINT_SIGNATURE"


def test_no_bit_of_a_checkpoint_can_be_turned(published):
    raw = (published.trail / "checkpoint").read_bytes()
    note = Note.parse(raw)
    ask = Ask(published.keys.vkeys[:1], signatures=False)  # a line by a key that isn't named may say what it likes
    for place in range(len(note.text) + len(str(note.lines[0]))):
        flipped = bytearray(raw)
        flipped[place] ^= 1
        verdict = verify(lambda path, data=bytes(flipped): data if path == "checkpoint" else None, ask)
        assert verdict.fault.code == "CHECKPOINT_SIGNATURE", place


def test_the_old_checkpoint_put_back_is_a_rollback(published):
    newest = published.old(SIZE)
    (published.trail / "checkpoint").write_bytes(published.old(700))
    (published.trail / f"checkpoints/{SIZE}").unlink()

    assert published.code() == "ok"
    assert published.code(old=[newest]) == "ROLLBACK"


@pytest.mark.parametrize(
    ("forge", "alone", "earlier", "latest", "events"),
    [
        (
            lambda e: [*e[:ALTERED], altered(e[ALTERED]), *e[ALTERED + 1 :]],
            "ok",
            "CONSISTENCY",
            "FORK",
            "EVENT_SIGNATURE",
        ),
        (lambda e: [*e[:ALTERED], *e[ALTERED + 1 :]], "ok", "CONSISTENCY", "ROLLBACK", "EVENT_ORDER"),
        (lambda e: [*e[:420], e[421], e[420], *e[422:]], "ok", "CONSISTENCY", "FORK", "EVENT_ORDER"),
        (lambda e: e[:900], "ok", "ok", "ROLLBACK", "ok"),
        (lambda e: [*e, e[ALTERED]], "ok", "ok", "ok", "EVENT_ORDER"),
    ],
    ids=["L1 altered", "L2 deleted", "L3 swapped", "L4 cut", "L5 replayed"],
)
def test_whoever_holds_the_logs_key(published, tmp_path, forge, alone, earlier, latest, events):
    """Each control by itself, as in the table: ok means that this one alone is blind to it."""
    old, newest, genesis = published.old(700), published.old(SIZE), published.genesis
    forged = published.republish(with_entries(published.log, forge(published.log.entries)), tmp_path / "forged")

    assert forged.code(signatures=False) == alone
    assert forged.code(signatures=False, old=[old]) == earlier
    assert forged.code(signatures=False, old=[newest]) == latest
    assert forged.code(genesis=genesis) == events


def altered(entry):
    taken = parse(entry)
    body = canonical(taken.payload | {"recorded_at": taken.payload["recorded_at"].replace("2026", "2025")})
    return entry.replace(b64encode(taken.body), b64encode(body))


def test_another_genesis_is_seen(published):
    assert published.code(genesis="0" * 64) == "GENESIS"


def appended(tmp_path, published, entries):
    """What a verifier says of a log that goes on with these entries."""
    forged = with_entries(published.log, [*published.log.entries, *entries])
    return published.republish(forged, tmp_path / "forged").code(genesis=published.genesis)


def forged_tip(log, by, signer=None, /, **members):
    payload = with_entries(log, log.entries).payload(
        "tip.registered", {"channel": "12345", "received_on": "2026-03-02", "commits": {}}, by
    )
    return seal(payload | members, signer or by.signer)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"role": "town_closer", "unit": TOWN}, "EVENT_AUTHORITY"),
        ({"version": 2}, "EVENT_ORDER"),
        ({"log": "another.log/x"}, "EVENT_LOG"),
        ({"type": "tip.vanished"}, "EVENT_AUTHORITY"),
        ({"recorded_at": "2020-01-01T00:00:00.000000Z"}, "EVENT_TIME"),
        ({"actor": "system:import", "role": "system"}, "EVENT_SIGNATURE"),
        ({"surprise": 1}, "EVENT_FORMAT"),
    ],
    ids=["A1 role", "A5 version", "A7 log", "A8 type", "A6 time", "service's name", "member"],
)
def test_an_entry_that_claims_too_much(published, tmp_path, members, code):
    assert appended(tmp_path, published, [forged_tip(published.log, published.log.desk, **members)]) == code


def test_a_key_that_nobody_enrolled(published, tmp_path):
    stranger = Person()
    entry = forged_tip(published.log, published.log.desk, stranger.signer)
    assert appended(tmp_path, published, [entry]) == "EVENT_KEY"


def test_the_services_key_signs_for_no_official(published, tmp_path):
    entry = forged_tip(published.log, published.log.desk, published.log.service.signer)
    assert appended(tmp_path, published, [entry]) == "EVENT_SIGNATURE"


def test_an_id_that_is_used_twice(published, tmp_path):
    id = parse(published.log.entries[ALTERED]).payload["id"]
    assert appended(tmp_path, published, [forged_tip(published.log, published.log.desk, id=id)]) == "EVENT_REPLAY"


@pytest.mark.parametrize("signatures", ["[]", "twice"])
def test_a_signature_stripped_or_doubled(published, tmp_path, signatures):
    outer = json.loads(forged_tip(published.log, published.log.desk))
    outer["signatures"] = [] if signatures == "[]" else outer["signatures"] * 2
    entry = json.dumps(outer, separators=(",", ":"), sort_keys=True).encode()
    assert appended(tmp_path, published, [entry]) == "EVENT_SIGNATURE"


def test_a_member_that_stands_twice(published, tmp_path):
    body = parse(forged_tip(published.log, published.log.desk)).body.replace(b'{"actor"', b'{"actor":"x","actor"')
    desk = published.log.desk
    entry = _outer(body, desk.members["keyid"], desk.private.sign(pae(body)))
    assert appended(tmp_path, published, [entry]) == "EVENT_FORMAT"


def test_a_revoked_key_signs_no_more(master, tmp_path):
    log, home = Log().grow(300), Home(tmp_path)
    home.create()
    log.append("role.granted", {"role": "key_admin", "unit": "320581"}, log.admin, log.desk.id)
    keeper = Person("key_admin")
    log.enrol(keeper)
    log.append("key.revoked", {"keyid": log.desk.members["keyid"], "reason": "遗失"}, keeper, log.desk.id)
    log.tip()
    keys = LogKeys.create(home.keys, ORIGIN)
    Publisher(home, keys, Source(log)).publish()

    verdict = verify(directory(home.trail), Ask(keys.vkeys, genesis=leaf_hash(log.entries[0]).hex()))

    assert (verdict.fault.code, verdict.fault.index) == ("EVENT_KEY", len(log.entries) - 1)


def test_one_entry_is_proved_by_itself(published):
    note = Note.parse((published.trail / "checkpoint").read_bytes())
    proof = prove(ALTERED, note, Tiles(directory(published.trail), SIZE)).to_bytes()
    entry = published.log.entries[ALTERED]

    assert verify_one(proof, entry, published.keys.vkeys).ok
    assert verify_one(proof, published.log.entries[420], published.keys.vkeys).fault.code == "PROOF"


def test_no_bit_of_a_proof_can_be_turned(published):
    note = Note.parse((published.trail / "checkpoint").read_bytes())
    proof = prove(ALTERED, note, Tiles(directory(published.trail), SIZE)).to_bytes()
    entry = published.log.entries[ALTERED]
    keys = published.keys.vkeys[:1]
    for place in range(proof.index(b"\n\n") + 2 + len(note.text) + len(str(note.lines[0]))):
        flipped = bytearray(proof)
        flipped[place] ^= 1
        assert not verify_one(bytes(flipped), entry, keys).ok, place


def test_another_logs_key_proves_nothing(published, tmp_path):
    other = LogKeys.create(tmp_path, f"other.log/{uuid4()}")
    assert published.code(vkeys=other.vkeys) == "CHECKPOINT_SIGNATURE"
