"""What a verifier holds against a log beside the table of attacks: what lies in the folder, keys that changed, its strength."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from uuid import uuid1, uuid4

import pytest

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier import signed_heads
from application.verifier import verdict_text as words
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import canonical, parse, seal
from application.verifier.formats.merkle import EMPTY_ROOT, Edge, leaf_hash
from application.verifier.formats.note import ED25519, ML_DSA_44, Note, NoteKey
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Tiles, directory
from application.verifier.rules.entry_check import EntryCheck
from application.verifier.rules.signature_pool import SignaturePool
from application.verifier.rules.time_bounds import GRACE, Brackets, Seen
from application.verifier.single_entry import verify_one
from application.verifier.verify import VerifyOptions, verify
from domain import rules
from tests.application.verifier.attacked import AT, COSIGNED, POLICY, SEEN, SIZE, WITNESSES, World, with_entries
from tests.logs import COMMITS, ORIGIN, TOWN, Log, Person, Source


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def trail(world, tmp_path):
    """A copy that may be tampered with."""
    return shutil.copytree(world.trail, tmp_path / "trail")


def genesis(log):
    return leaf_hash(log.entries[0]).hex()


def look(trail, world, **asked):
    return verify(directory(trail), VerifyOptions(**{"vkeys": world.keys.vkeys, "signatures": False} | asked))


def code(verdict):
    return verdict.fault.code if verdict.fault else "ok"


# How strong


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("", "弱"),
        ("genesis", "中"),
        ("old", "中"),
        ("policy", "中"),
        ("genesis old", "中"),
        ("genesis policy", "中"),
        ("genesis old policy", "强"),
    ],
)
def test_the_verdict_says_how_strong_it_is(world, asked, strength):
    controls = {"genesis": genesis(world.log), "old": [world.old[SEEN]], "policy": POLICY}
    chosen = {name: controls[name] for name in asked.split()}
    assert look(world.trail, world, signatures=True, **chosen).strength == strength


def test_without_signatures_no_verdict_is_strong(world):
    verdict = look(world.trail, world, genesis=genesis(world.log), old=[world.old[SEEN]], policy=POLICY)
    assert (verdict.ok, verdict.strength) == (True, "中")


def test_what_was_not_checked_is_said(world):
    assert "未给创世哈希" in "".join(look(world.trail, world, signatures=True).unchecked)
    assert "未核验各条目的签名与权限" in look(world.trail, world).unchecked


def test_a_verdict_is_told_in_both_languages(world):
    verdict = look(world.trail, world, signatures=True, old=[world.old[SEEN]])
    zh, en = "\n".join(verdict.lines("zh")), "\n".join(verdict.lines("en"))

    assert "如实记下的假话仍是假话" in zh
    assert "a lie logged truthfully stays a lie" in en
    assert not any("\u4e00" <= character <= "\u9fff" for character in en + verdict.said("en"))
    assert verdict.said("en") == "verified: 1000 entries, nothing was altered (strength: medium)"


# What lies in the folder


def test_another_genesis_is_seen(world, tmp_path):
    assert code(look(world.trail, world, genesis="0" * 64)) == "GENESIS"
    empty = world.publish([], tmp_path, [0])
    assert code(look(empty, world, genesis=genesis(world.log))) == "GENESIS"
    assert code(look(empty, world)) == "ok"


def test_a_folder_without_a_checkpoint(world, trail):
    (trail / "checkpoint").unlink()
    assert code(look(trail, world)) == "CHECKPOINT_MISSING"


def test_a_checkpoint_that_is_too_old(world):
    signed = COSIGNED[SIZE] - 60
    assert code(look(world.trail, world, max_age=60, now=signed + 60)) == "ok"
    assert code(look(world.trail, world, max_age=60, now=signed + 61)) == "CHECKPOINT_AGE"


def test_every_earlier_checkpoint_of_the_folder_must_lead_here(world, trail):
    other = LogKeys(world.keys.keys).sign(Checkpoint(ORIGIN, 600, bytes(32)), COSIGNED[SEEN])
    (trail / "checkpoints/600").write_bytes(other.to_bytes())
    assert code(look(trail, world)) == "CONSISTENCY"


def test_a_second_checkpoint_of_the_same_size_is_a_fork(world, trail):
    other = LogKeys(world.keys.keys).sign(Checkpoint(ORIGIN, SIZE, bytes(32)), COSIGNED[SIZE])
    (trail / f"checkpoints/{SIZE}").write_bytes(other.to_bytes())
    assert code(look(trail, world)) == "FORK"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (str(SEEN), lambda raw: raw.replace(b"\n700\n", b"\n701\n")),
        ("699", lambda raw: raw),
        (str(SEEN), lambda raw: raw[:-20]),
        (str(SEEN), lambda raw: b""),
    ],
    ids=["altered", "misnamed", "cut", "emptied"],
)
def test_an_earlier_checkpoint_that_was_tampered_with(world, trail, name, change):
    (trail / f"checkpoints/{name}").write_bytes(change(world.old[SEEN]))
    verdict = look(trail, world)
    assert code(verdict) == "CHECKPOINT_SIGNATURE"
    assert f"checkpoints/{name}" in verdict.sentence


def test_an_earlier_checkpoint_by_a_stranger_is_passed_over_and_said(world, trail):
    stranger = LogKeys([NoteKey(ORIGIN, ED25519, bytes(32))])
    (trail / "checkpoints/600").write_bytes(stranger.sign(Checkpoint(ORIGIN, 600, bytes(32)), 0).to_bytes())
    verdict = look(trail, world)
    assert verdict.ok
    assert "其他密钥签署的早期检查点" in "".join(verdict.unchecked)


@pytest.fixture
def busy(world, trail):
    """A folder with a checkpoint of every hundred entries, and of each of the last forty."""
    edge, sizes = Edge(), {*range(100, SIZE, 100), *range(SIZE - 40, SIZE)}
    for entry in world.log.entries:
        edge = edge.grown(leaf_hash(entry))
        if edge.size in sizes:
            note = world.keys.sign(Checkpoint(ORIGIN, edge.size, edge.root), COSIGNED[SEEN])
            (trail / f"checkpoints/{edge.size}").write_bytes(note.to_bytes())
    return trail


@pytest.mark.parametrize("wave", [1, 7, 1_024])
def test_many_checkpoints_are_read_in_their_order_and_each_wrong_one_is_named(world, busy, wave, monkeypatch):
    monkeypatch.setattr(signed_heads, "WAVE", wave)
    monkeypatch.setattr(signed_heads, "PART", 2)
    assert code(look(busy, world)) == "ok"

    for name in ("300", "985"):
        raw = (busy / f"checkpoints/{name}").read_bytes()
        (busy / f"checkpoints/{name}").write_bytes(raw[:-20])
    other = LogKeys(world.keys.keys).sign(Checkpoint(ORIGIN, 990, bytes(32)), COSIGNED[SEEN])
    (busy / "checkpoints/990").write_bytes(other.to_bytes())
    verdict = look(busy, world)

    said = [fault.sentence.partition("：")[0] for fault in (verdict.fault, *verdict.further)]
    assert said == ["checkpoints/300", "checkpoints/985", "与此前看到的第 990 条检查点不一致"]


def test_brackets_are_those_of_the_nearest_cosignatures_on_either_side():
    random = Random(7)  # noqa: S311 (no secret)
    sizes = [random.randrange(40) for _ in range(60)]
    seen = [Seen(size, 10_000 * size + random.randrange(60_000), random.random() < 0.7) for size in sizes]
    brackets = Brackets(seen)
    for index in range(45):
        before = [each.time for each in seen if each.size <= index and each.at_once]
        after = [each.time for each in seen if each.size > index]
        first = max(before) - GRACE if before else 0
        last = min(after) + GRACE if after else 9_999_999
        for time in (first - 1, first, last, last + 1):
            wrong = brackets.wrong(index, f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%S.000000Z}")
            assert (wrong is None) == ((not before or time >= first) and (not after or time <= last)), (index, time)


def test_a_crash_between_two_checkpoints_is_no_rollback(world, trail):
    """The publisher keeps checkpoints/<size> first; the newest that it signed is what counts."""
    (trail / "checkpoint").write_bytes(world.old[SEEN])
    verdict = look(trail, world, old=[world.old[SIZE]])
    assert (code(verdict), verdict.checkpoint.size) == ("ok", SIZE)
    assert "落后于" in "".join(verdict.unchecked)


def test_cosignatures_that_came_later_lie_beside_the_kept_checkpoint(world, trail):
    note = Note.parse((trail / "checkpoint").read_bytes())
    (trail / "checkpoint").write_bytes(Note(note.text, note.lines[:2]).to_bytes())
    assert code(look(trail, world, policy=POLICY)) == "ok"


def test_how_far_witnesses_went_is_said(world, trail):
    for name in ("checkpoint", f"checkpoints/{SIZE}"):
        note = Note.parse((trail / name).read_bytes())
        (trail / name).write_bytes(Note(note.text, note.lines[:3]).to_bytes())
    verdict = look(trail, world, policy=POLICY)
    assert code(verdict) == "WITNESS_QUORUM"
    assert f"见证充分的最新检查点为 {SEEN} 条" in verdict.sentence


@pytest.mark.parametrize(
    ("change", "due"),
    [
        (lambda keys: keys, "ok"),
        (lambda keys: dict(list(keys.items())[1:]), "EVENT_KEY"),
        (lambda keys: keys | {"ed25519:new": {"from_index": SIZE}}, "EVENT_KEY"),
        (lambda keys: keys | {"ed25519:new": {"from_index": SIZE + 1}}, "ok"),
        (lambda keys: {name: key | {"owner": "service"} for name, key in keys.items()}, "EVENT_KEY"),
        (lambda keys: {name: key | {"until_index": SIZE} for name, key in keys.items()}, "EVENT_KEY"),
        (lambda keys: {name: key | {"until_index": SIZE + 1} for name, key in keys.items()}, "ok"),
        (lambda keys: dict.fromkeys(keys, 1), "EVENT_KEY"),
    ],
    ids=["same", "one gone", "one more", "a later one", "owner", "revoked", "revoked later", "nonsense"],
)
def test_the_key_directory_is_computed_again(world, trail, change, due):
    keys = json.loads((trail / "keys.json").read_bytes())
    (trail / "keys.json").write_text(json.dumps(change(keys)))
    assert code(look(trail, world, signatures=True)) == due


def test_a_folder_without_a_key_directory_is_said(world, trail):
    (trail / "keys.json").unlink()
    assert "没有 keys.json" in "".join(look(trail, world, signatures=True).unchecked)


@pytest.mark.parametrize("loss", ["removed", "emptied", "a blank line", "a folder"])
def test_e10_a_folder_without_the_logs_key_is_said(world, trail, loss):
    """Whoever has no paper learns the key from this file: that there is none is no fault, and no secret."""
    path = trail / "log.vkey"
    path.write_text("".join(f"{vkey}\n" for vkey in world.keys.vkeys))
    assert "log.vkey" not in "".join(look(trail, world, signatures=True).unchecked)
    path.write_text("\n" if loss == "a blank line" else "")
    if loss in ("removed", "a folder"):
        path.unlink()
    if loss == "a folder":
        path.mkdir()

    found = look(trail, world, signatures=True)

    assert (code(found), "没有 log.vkey" in "".join(found.unchecked)) == ("ok", True)


# Times


def test_an_offline_witness_bounds_times_from_above_only(world, tmp_path):
    offline = replace(POLICY, witnesses=tuple(replace(each, url="") for each in POLICY.witnesses))
    early = world.publish([*world.log.entries, world.tip(SIZE)], tmp_path, [SEEN, SIZE, SIZE + 1])
    asked = {"signatures": True, "old": [world.old[SIZE]]}

    verdict = look(early, world, policy=offline, **asked)

    assert (code(verdict), verdict.fault.index) == ("WITNESS_QUORUM", None)
    assert "只核对了上限" in "".join(verdict.unchecked)
    assert code(look(early, world, policy=POLICY, **asked)) == "EVENT_TIME"


def test_a_simulated_clock_is_not_held_against_witnesses(tmp_path):
    world, home = World.__new__(World), Home(tmp_path)
    home.create()
    world.keys = LogKeys.create(home.keys, ORIGIN)
    world.log = Log(vkeys=world.keys.vkeys).grow(SEEN - 1)
    world.log.tip(recorded_at="2099-01-01T00:00:00.000000Z")
    trail = world.publish(world.log.entries, tmp_path, [SEEN])

    verdict = look(trail, world, signatures=True, policy=POLICY)

    assert code(verdict) == "ok"
    assert "模拟时钟" in "".join(verdict.unchecked)


# Keys of the log that changed


class Rotated:
    """A log whose Ed25519 key handed over to another one at index `at`."""

    def __init__(self, folder, proof=None):
        self.old, self.new = (NoteKey(ORIGIN, ED25519, bytes([n]) * 32) for n in (1, 2))
        self.pq = NoteKey(ORIGIN, ML_DSA_44, bytes([3]) * 32)
        self.log, self.keeper = Log(vkeys=[self.old.vkey, self.pq.vkey]), Person("key_admin")
        self.log.enrol(self.keeper)
        self.log.grow(300)
        self.at = len(self.log.entries)
        signed = self.old.sign(str(self.new.vkey), 0).signature
        data = {"old": str(self.old.vkey), "new": str(self.new.vkey), "proof": b64encode(proof or signed).decode()}
        self.log.append("log.key_rotated", data, self.keeper)
        self.log.grow(400)
        self.home = Home(folder)
        self.home.create()

    def publish(self, *keys, size=400):
        source = Source(with_entries(self.log, self.log.entries[:size]))
        Publisher(self.home, LogKeys(list(keys)), source).publish()
        return self.home.trail

    def code(self, trail, *keys, **asked):
        return code(verify(directory(trail), VerifyOptions([key.vkey for key in keys], **asked)))


def test_whoever_holds_the_old_key_follows_to_the_new_one(tmp_path):
    log = Rotated(tmp_path)
    trail = log.publish(log.new)

    assert log.code(trail, log.new) == "ok"
    assert log.code(trail, log.old) == "ok"
    assert log.code(trail, log.old, old=[(trail / "checkpoint").read_bytes()]) == "ok"
    assert log.code(trail, log.old, signatures=False) == "CHECKPOINT_SIGNATURE"
    assert log.code(trail, NoteKey(ORIGIN, ED25519, bytes([9]) * 32)) == "CHECKPOINT_SIGNATURE"


def test_two_lines_for_a_transition(tmp_path):
    log = Rotated(tmp_path)
    trail = log.publish(log.old, log.new)
    assert [log.code(trail, log.old), log.code(trail, log.new)] == ["ok", "ok"]


def test_the_new_key_is_none_before_its_index(tmp_path):
    log = Rotated(tmp_path)
    trail = log.publish(log.new, size=log.at)
    assert log.code(trail, log.old) == "CHECKPOINT_SIGNATURE"


def test_the_new_key_speaks_for_no_earlier_checkpoint(tmp_path):
    log = Rotated(tmp_path)
    trail = log.publish(log.old, log.new)
    for size, due in {log.at: "CHECKPOINT_SIGNATURE", log.at + 1: "CONSISTENCY"}.items():
        early = LogKeys([log.new]).sign(Checkpoint(ORIGIN, size, bytes(32)), 0).to_bytes()
        assert log.code(trail, log.old, old=[early]) == due


def test_a_key_that_the_first_entry_does_not_name_is_none_of_the_log(world, tmp_path):
    """Somebody else's line beside the honest ones, and the key handed over as the log's."""
    own = NoteKey(ORIGIN, ED25519, bytes([9]) * 32)
    note = Note.parse((world.trail / "checkpoint").read_bytes())
    trail = shutil.copytree(world.trail, tmp_path / "trail")
    (trail / "checkpoint").write_bytes(note.gained([own.sign(note.text, 0)]).to_bytes())

    for vkeys in ([own.vkey], [*world.keys.vkeys, own.vkey]):
        verdict = verify(directory(trail), VerifyOptions(vkeys))
        assert (code(verdict), verdict.fault.index) == ("GENESIS", 0)
        assert f"首条没有写明所给的日志公钥 {ORIGIN}+{own.vkey.key_id.hex()}" in verdict.sentence
        assert f"does not name the log's key {ORIGIN}+{own.vkey.key_id.hex()}" in verdict.said("en")
    assert code(verify(directory(trail), VerifyOptions([own.vkey], signatures=False))) == "ok"
    assert (
        code(
            verify(
                directory(trail), VerifyOptions([NoteKey("other.log/x", ED25519, bytes(32)).vkey, *world.keys.vkeys])
            )
        )
        == "ok"
    )


def test_a_key_that_took_over_from_an_heir_is_followed_too(tmp_path):
    log, newest = Rotated(tmp_path), NoteKey(ORIGIN, ED25519, bytes([7]) * 32)
    proof = b64encode(log.new.sign(str(newest.vkey), 0).signature).decode()
    log.log.append("log.key_rotated", {"old": str(log.new.vkey), "new": str(newest.vkey), "proof": proof}, log.keeper)
    trail = log.publish(newest, size=401)
    assert [log.code(trail, each) for each in (log.old, log.new, newest)] == ["ok", "ok", "ok"]


def test_a_rotation_from_a_key_that_is_none_of_the_log_leads_nowhere(tmp_path):
    log = Rotated(tmp_path)
    own, heir = (NoteKey(ORIGIN, ED25519, bytes([n]) * 32) for n in (8, 9))
    proof = b64encode(own.sign(str(heir.vkey), 0).signature).decode()
    log.log.append("log.key_rotated", {"old": str(own.vkey), "new": str(heir.vkey), "proof": proof}, log.keeper)
    trail = log.publish(log.new, own, heir, size=401)
    (trail / "log.vkey").write_text(f"{log.new.vkey}\n")
    assert [log.code(trail, each) for each in (log.old, log.new, own, heir)] == ["ok", "ok", "GENESIS", "GENESIS"]


def test_a_later_kind_of_key_takes_over_by_its_own_signature(tmp_path):
    log = Rotated(tmp_path)
    pq, next_pq = log.pq, NoteKey(ORIGIN, ML_DSA_44, bytes([4]) * 32)
    signed = pq.sign_raw(str(next_pq.vkey).encode())
    data = {"old": str(pq.vkey), "new": str(next_pq.vkey), "proof": b64encode(signed).decode()}
    log.log.append("log.key_rotated", data, log.keeper)
    trail = log.publish(next_pq, size=401)
    assert [log.code(trail, pq), log.code(trail, log.old)] == ["ok", "CHECKPOINT_SIGNATURE"]


def test_a_rotation_that_the_old_key_did_not_sign_is_named(tmp_path):
    log = Rotated(tmp_path, proof=bytes(64))
    trail = log.publish(log.old)
    verdict = verify(directory(trail), VerifyOptions([log.old.vkey]))
    assert (code(verdict), verdict.fault.index) == ("EVENT_KEY", log.at)

    other = Rotated(tmp_path / "other", proof=bytes(64))
    assert other.code(other.publish(other.new), other.old) == "CHECKPOINT_SIGNATURE"


def test_a_frozen_log_is_said_to_be_frozen(tmp_path):
    log = Rotated(tmp_path)
    log.log.append("log.frozen", {"reason": "日志密钥失窃"}, log.keeper)
    verdict = verify(directory(log.publish(log.new, size=401)), VerifyOptions([log.new.vkey]))
    assert verdict.sentence == "核验通过（演练日志）：共 401 条，未发现篡改（核验强度：弱）；日志已于第 401 条冻结"


# Entries


@pytest.mark.parametrize(
    ("members", "due"),
    [
        ({"actor": "system:import", "role": "system"}, "EVENT_SIGNATURE"),
        ({"surprise": 1}, "EVENT_FORMAT"),
        ({"id": str(uuid1())}, "EVENT_FORMAT"),
        ({"id": "00000000-0000-4000-0000-000000000000"}, "EVENT_FORMAT"),
        ({"recorded_at": "2020-01-01T00:00:00.000000Z"}, "EVENT_TIME"),
        ({"data": {"commits": {}}}, "EVENT_FORMAT"),
        ({"data": {"commits": COMMITS | {"text": "0" * 63}}}, "EVENT_FORMAT"),
        ({"data": {"commits": COMMITS | {"text": 1}}}, "EVENT_FORMAT"),
        ({"data": {"commits": COMMITS | {"name": "0" * 64}}}, "EVENT_FORMAT"),
        ({"type": "tip.supplemented", "data": {"commits": COMMITS}}, "EVENT_FORMAT"),
        ({"unit": TOWN}, "EVENT_AUTHORITY"),
    ],
    ids=[
        "service's name",
        "member",
        "id of a machine",
        "id of no kind",
        "time goes back",
        "none",
        "short",
        "number",
        "one more",
        "not these",
        "unit",
    ],
)
def test_an_entry_that_claims_too_much(world, tmp_path, members, due):
    trail = world.publish([*world.log.entries, world.tip(SIZE, **members)], tmp_path, [SIZE + 1])
    verdict = look(trail, world, signatures=True)
    assert (code(verdict), verdict.fault.index) == (due, SIZE)


def test_a_wrong_signature_outweighs_whatever_stands_over_it(world, tmp_path):
    taken = parse(world.log.entries[AT])
    forged = world.log.entries[AT].replace(b64encode(taken.body), b64encode(canonical(taken.payload | {"role": "x"})))
    trail = world.publish([*world.log.entries[:AT], forged], tmp_path, [AT + 1])
    assert code(look(trail, world, signatures=True)) == "EVENT_SIGNATURE"


@pytest.mark.parametrize("workers", [0, 2])
def test_signatures_are_verified_in_other_processes_as_they_are_here(world, workers):
    """The first fault is named, whichever process finds it, and also where judging finds a later one sooner."""
    entries = list(world.log.entries)
    for number in (600, 700):
        entries[number] = entries[number].replace(b64encode(parse(entries[number]).signature), b64encode(bytes(64)))
    for batches in (entries, [*entries[:650], b"{}"]):
        examiner = EntryCheck(ORIGIN)
        examiner._crew = SignaturePool(0, workers)
        try:
            for start in range(0, len(batches), 64):
                if examiner.batch(batches[start : start + 64]) is not None:
                    break
            fault = examiner.finish()
        finally:
            examiner.close()
        assert (fault.code, fault.index) == ("EVENT_SIGNATURE", 600)


def test_a_worker_that_is_gone_verifies_nothing(world):
    crew = SignaturePool(0, 2)
    taken = [parse(entry) for entry in world.log.entries[:3]]
    crew._workers[0]._process.terminate()
    crew._workers[0]._process.join()
    batch = [(bytes(32), each.signature, each.body) for each in taken]
    with pytest.raises((EOFError, OSError)):
        crew.submit(0, batch) or crew.wait()
    crew.close()


# One entry


def test_one_entry_is_proved_by_itself(world):
    note = Note.parse((world.trail / "checkpoint").read_bytes())
    proof = prove(AT, note, Tiles(directory(world.trail), SIZE)).to_bytes()
    entry, vkeys = world.log.entries[AT], world.keys.vkeys
    bare = prove(AT, Note(note.text, note.lines[:2]), Tiles(directory(world.trail), SIZE)).to_bytes()

    assert verify_one(proof, entry, vkeys).strength == "弱"
    assert verify_one(proof, entry, vkeys).said("en").startswith("verified: 1 entry stands in the log of 1000")
    assert verify_one(proof, entry, vkeys, POLICY).strength == "中"
    assert code(verify_one(bare, entry, vkeys, POLICY)) == "WITNESS_QUORUM"
    assert code(verify_one(proof, world.log.entries[420], vkeys)) == "PROOF"
    assert code(verify_one(proof, entry, [NoteKey("other.log/x", ED25519, bytes(32)).vkey])) == ("CHECKPOINT_SIGNATURE")


# Clocks


def signed_by_witnesses(trail, size, time):
    """The copies of that checkpoint with both witnesses' lines of that time, and no other line of theirs."""
    for path in (trail / f"checkpoints/{size}", trail / "checkpoint"):
        note = Note.parse(path.read_bytes())
        if note.text.split("\n")[1] == str(size):
            lines = [line for line in note.lines if line.name == ORIGIN]
            lines += [key.sign(note.text, time) for key in WITNESSES]
            path.write_bytes(Note(note.text, tuple(lines)).to_bytes())


@pytest.mark.parametrize("size", [SEEN, SIZE])
@pytest.mark.parametrize("off", [-2 * 86_400, -2_000 - 301])
def test_a3_a_witness_whose_clock_was_slow_accuses_no_entry(world, trail, size, off):
    """Every entry seems to be recorded after it was seen; that is the fault of a clock, and is said with both times."""
    signed_by_witnesses(trail, size, COSIGNED[size] - 60 + off)
    asked = {"signatures": True, "policy": POLICY, "genesis": genesis(world.log), "old": [world.old[SEEN]]}

    verdict = look(trail, world, **asked)

    assert (code(verdict), verdict.strength) == ("ok", "中")
    assert "两边必有一台时钟不准" in "".join(verdict.unchecked)
    assert "accuses nobody" in "\n".join(verdict.lines("en"))


def test_a3_a_stick_days_later_does_not_make_honest_entries_look_backdated(world, trail):
    """Its witness has an address too, and was asked by hand: between copy and signature others were recorded."""
    signed_by_witnesses(trail, SEEN, COSIGNED[SEEN] + 20 * 3_600)
    assert code(look(trail, world, signatures=True, policy=POLICY)) == "ok"


@pytest.mark.parametrize("time", [COSIGNED[SIZE] + 301, COSIGNED[SIZE] + 10 * 366 * 86_400, 2**63 - 1])
def test_a5_a_time_that_has_not_come_counts_for_nothing(world, trail, time):
    signed_by_witnesses(trail, SIZE, time)
    now = COSIGNED[SIZE]

    for more in ({}, {"max_age": 3_600}):
        verdict = look(trail, world, policy=POLICY, now=now, **more)
        assert [verdict.fault.code, *(each.code for each in verdict.further)] == ["CLOCK", "WITNESS_QUORUM"]
    assert "核对本机时钟" in verdict.sentence
    assert verdict.witnesses == ()
    signed_by_witnesses(trail, SIZE, now + 300)
    assert code(look(trail, world, policy=POLICY, now=now, max_age=3_600)) == "ok"


def test_a5_a_head_that_is_old_is_old_however_new_its_cosignatures_are(world, trail):
    month = COSIGNED[SIZE] + 30 * 86_400
    signed_by_witnesses(trail, SIZE, month)

    verdict = look(trail, world, policy=POLICY, now=month + 60, max_age=86_400)

    assert (code(verdict), verdict.further) == ("CHECKPOINT_AGE", ())
    assert code(look(trail, world, policy=POLICY, now=month + 60, max_age=31 * 86_400)) == "ok"


def test_a5_without_a_time_in_the_logs_signature_nothing_is_new(world):
    verdict = look(world.trail, world, vkeys=world.keys.vkeys[:1], now=COSIGNED[SIZE], max_age=10**9)
    assert (code(verdict), "ML-DSA-44" in verdict.sentence) == ("CHECKPOINT_AGE", True)


def test_a4_a_bound_that_is_off_is_said(world):
    offline = replace(POLICY, witnesses=tuple(replace(each, url="") for each in POLICY.witnesses))
    told = [
        look(world.trail, world, signatures=True, **asked).unchecked
        for asked in ({"policy": POLICY}, {"policy": offline}, {"policy": POLICY, "vkeys": world.keys.vkeys[:1]})
    ]
    assert words.ONE_SIDED not in told[0]
    assert words.ONE_SIDED in told[1]
    assert words.UNBOUNDED in told[2]


# What a reader must know of a log


def test_a8_changed_rules_and_what_somebody_gave_to_themselves_is_told(world, tmp_path):
    log = with_entries(world.log, world.log.entries)
    admin, keeper = log.admin, world.keeper
    adopted = rules.adopted() | {"version": 2, "exclusive_roles": []}
    log.append("rules.adopted", adopted, admin)
    log.append("official.enrolled", {"person": str(uuid4())}, admin, admin.id)
    log.append("role.granted", {"role": "role_admin", "unit": "320581"}, admin, admin.id)
    log.append("role.granted", {"role": "city_desk", "unit": "320581"}, admin, keeper.id)
    verdict = look(world.publish(log.entries, tmp_path, [len(log.entries)]), world, signatures=True)

    assert code(verdict) == "ok"
    assert verdict.notices == (
        f"第 {SIZE + 1} 条改了权限规则：此后各条按新规则核验",
        f"第 {SIZE + 3} 条由本人给自己授予：角色 role_admin@320581",
    )
    assert f"entry {SIZE + 1} changed the rules" in "\n".join(verdict.lines("en"))
    assert look(world.trail, world, signatures=True).notices == ()


def test_rules_of_a_language_that_is_not_known_here_are_neither_good_nor_bad(world, tmp_path):
    log = with_entries(world.log, world.log.entries)
    log.append("rules.adopted", rules.adopted() | {"version": 2, "level": 2}, log.admin)
    verdict = look(world.publish(log.entries, tmp_path, [len(log.entries)]), world, signatures=True)

    assert (verdict.ok, verdict.status, code(verdict)) == (False, 3, "RULES_LEVEL")
    assert verdict.said("zh").startswith(f"无法判断：第 {SIZE + 1} 条：")
    assert verdict.said("en").startswith(f"CANNOT JUDGE: entry {SIZE + 1}: ")


def test_a8_a_training_log_says_so_loudly(tmp_path):
    world, home = World.__new__(World), Home(tmp_path)
    home.create()
    world.keys = LogKeys.create(home.keys, ORIGIN)
    world.log = Log("training", world.keys.vkeys).grow(20)
    trail = world.publish(world.log.entries, tmp_path, [20])

    for signatures in (True, False):
        verdict = look(trail, world, signatures=signatures)
        assert verdict.sentence.startswith("核验通过（演练日志）")
        assert verdict.said("en").startswith("verified (training log)")
        assert "演练日志：其中的一切都不是正式记录" in next(verdict.lines("zh"))
        assert verdict.members()["mode"] == "training"


@pytest.mark.parametrize("continues", ["nonsense", "a\n1\nx\n\n— a b\n", ""])
def test_a7_a_log_that_names_no_readable_end_is_told(tmp_path, continues):
    world, home = World.__new__(World), Home(tmp_path)
    home.create()
    world.keys = LogKeys.create(home.keys, ORIGIN)
    world.log = Log("production", world.keys.vkeys)
    first = parse(world.log.entries[0]).payload
    world.log.entries[0] = seal(first | {"data": first["data"] | {"continues": continues}}, world.log.admin.signer)
    trail = world.publish(world.log.entries, tmp_path, [len(world.log.entries)])

    verdict = look(trail, world, signatures=True)

    assert verdict.opened.continues == ("", 0)
    assert "所写的检查点不能读取" in "\n".join(verdict.lines("zh"))


# What README says that it does not do


def test_a5_an_empty_log_seen_before_makes_nothing_stronger(world):
    empty = world.keys.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT), COSIGNED[SEEN] - 3_600).to_bytes()
    verdict = look(world.trail, world, signatures=True, old=[empty])
    assert (code(verdict), verdict.strength, verdict.earlier) == ("ok", "弱", ())


def test_a12_either_of_the_logs_two_signatures_is_enough_for_whoever_has_both_keys(world, trail):
    for name in ("checkpoint", f"checkpoints/{SIZE}"):
        note = Note.parse((trail / name).read_bytes())
        (trail / name).write_bytes(Note(note.text, note.lines[:1]).to_bytes())
    assert code(look(trail, world)) == "ok"


def test_a12_a_replaced_key_that_was_stolen_still_signs_for_whoever_holds_only_it(tmp_path):
    log = Rotated(tmp_path)
    trail = log.publish(log.old)
    assert code(verify(directory(trail), VerifyOptions([log.old.vkey]))) == "ok"
    assert code(verify(directory(trail), VerifyOptions([log.new.vkey]))) == "CHECKPOINT_SIGNATURE"
