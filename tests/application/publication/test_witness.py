"""The witness: every answer of the protocol, what survives a race, what is kept of a log that lies."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import pytest

from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.publication.witness import LARGEST_REQUEST, Refused, Witness
from application.publication.witness_store import WitnessStore
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import EMPTY_ROOT
from application.verifier.formats.note import ED25519, LATEST_TIME, Line, Note, NoteKey, Vkey
from application.verifier.formats.tiles import Growing, Tiles, directory
from tests.application.publication.published import Site, head, request
from tests.logs import ORIGIN

NAME = "commission.test/w1"
DAY = 24 * 3_600
PUBLISHED = json.loads((Path(__file__).parents[2] / "data/vectors/add_checkpoint.json").read_text())


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path / "service")


@pytest.fixture
def notebook(tmp_path, site):
    notebook = WitnessStore(tmp_path / "witness")
    notebook.create(NAME, site.keys.vkeys)
    return notebook


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def witness(notebook, clock):
    return Witness(*notebook.open(), notebook, clock=clock)


def lines(answer, note):
    return Note.parse(f"{note.text}\n".encode() + answer.body).lines


def test_the_first_checkpoint_is_cosigned_with_both_keys(site, witness):
    note = site.publish(5)

    answer = witness.add_checkpoint(site.request(0, 5))

    assert answer.status == 200
    verified = Note(note.text, lines(answer, note)).verified([key.vkey for key in witness.keys])
    assert [(vkey.kind, line.time) for vkey, line in verified] == [(4, 1_800_000_000), (6, 1_800_000_000)]


@pytest.mark.parametrize(("old", "size"), [(5, 6), (5, 300), (255, 256), (256, 257), (256, 700)])
def test_a_tree_that_extends_the_last_is_cosigned(site, witness, old, size):
    site.publish(old)
    site.publish(size)

    assert witness.add_checkpoint(site.request(0, old)).status == 200
    assert witness.add_checkpoint(site.request(old, size)).status == 200
    assert head(witness.memory.last(ORIGIN)).size == size


def test_sizes_around_a_full_tile_of_tiles(site, witness):
    """Published, then proved from the tiles to the witness, with an entry as large as may be."""
    site.log.grow(65_534)
    site.log.append(b"x" * 65_535)
    for old, size in [(0, 65_535), (65_535, 65_536), (65_536, 65_537)]:
        site.publish(size)
        assert witness.add_checkpoint(site.request(old, size)).status == 200
        assert Growing.resumed(Tiles(directory(site.home.trail), size), size).edge == site.log.edge

    assert Tiles(directory(site.home.trail), 65_537).entry(65_534) == b"x" * 65_535


def test_an_empty_log_is_published(site, witness):
    site.publish(0)

    assert head(witness.cosign(directory(site.home.trail))).size == 0


def test_an_empty_log_is_cosigned(site, witness):
    note = site.keys.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT), site.now)

    assert witness.add_checkpoint(request(0, [], note)).status == 200


def test_the_same_size_again_gives_a_newer_time(site, witness, clock):
    note = site.publish(5)
    first = lines(witness.add_checkpoint(site.request(0, 5)), note)
    clock.now += 290
    second = lines(witness.add_checkpoint(site.request(5, 5)), note)
    clock.now -= 280
    third = lines(witness.add_checkpoint(site.request(5, 5)), note)

    assert [each[0].time - first[0].time for each in (first, second, third)] == [0, 290, 290]


@pytest.mark.parametrize(
    "body",
    [
        lambda good, note: b"",
        lambda good, note: good.replace(b"old 0", b"old 00"),
        lambda good, note: good.replace(b"old 0", b"old -1"),
        lambda good, note: good.replace(b"old 0", b"size 0"),
        lambda good, note: good.replace(b"old 0\n\n", b"old 0\n"),
        lambda good, note: request(0, [b"short"], note),
        lambda good, note: request(0, [bytes(32)] * 64, note),
        lambda good, note: good.replace(b"old 0\n", b"old 0\n%%%\n"),
        lambda good, note: good[:-1],
        lambda good, note: good.replace(b"\n5\n", b"\n05\n"),
        lambda good, note: request(6, [], note),
    ],
    ids=["empty", "zeros", "negative", "word", "no blank", "short", "64", "base64", "cut", "zeros in size", "old larger"],
)  # fmt: skip
def test_what_is_malformed_is_400(site, witness, body):
    note = site.publish(5)

    assert witness.add_checkpoint(body(site.request(0, 5), note)).status == 400
    assert witness.memory.last(ORIGIN) is None


def test_a_body_without_end_is_not_read(witness):
    assert witness.add_checkpoint(b"old 0\n" * LARGEST_REQUEST).status == 413


def test_a_stranger_is_403(tmp_path, site, witness):
    other = LogKeys.create(Site(tmp_path / "other").home.keys.parent, ORIGIN)
    site.publish(5)

    assert witness.add_checkpoint(request(0, [], other.sign(head(site.note(5)), 1))).status == 403


def test_a_known_key_whose_signature_fails_is_403(site, witness):
    note = site.publish(5)
    forged = Note(note.text, (note.lines[0], site.publish(6).lines[1]))

    assert witness.add_checkpoint(request(0, [], forged)).status == 403


def test_an_unknown_log_is_404(site, witness):
    note = site.keys.sign(Checkpoint("other.test/log", 5, bytes(32)), 1)

    assert witness.add_checkpoint(request(0, [], note)).status == 404


def test_another_old_size_is_409_with_the_last_one(site, witness):
    site.publish(5)
    site.publish(9)
    witness.add_checkpoint(site.request(0, 5))

    answer = witness.add_checkpoint(site.request(0, 9))

    assert answer == (409, b"5\n", "text/x.tlog.size")


def test_a_bad_proof_is_422(site, witness):
    site.publish(5)
    site.publish(9)
    witness.add_checkpoint(site.request(0, 5))

    assert witness.add_checkpoint(request(5, [bytes(32)] * len(site.proof(5, 9)), site.note(9))).status == 422
    assert head(witness.memory.last(ORIGIN)).size == 5


def test_a10_a_fork_is_422_and_kept_whole(tmp_path, site, witness, notebook):
    site.publish(5)
    witness.add_checkpoint(site.request(0, 5))
    fork = site.fork(tmp_path / "fork")
    forked = fork.publish(5)

    answers = [witness.add_checkpoint(request(5, [], forked)) for _ in range(2)]

    assert answers == [(422, b"another root was cosigned for 5 entries\n", "text/plain; charset=utf-8")] * 2
    (kept,) = notebook.evidence()
    assert kept.read_bytes() == forked.to_bytes()
    before = Note.parse(kept.with_name(f"{kept.name}.cosigned-before").read_bytes())
    assert before.text == site.note(5).text
    assert before.verified(site.keys.vkeys)


def test_a_fork_that_grew_is_kept_whole(tmp_path, site, witness, notebook):
    site.publish(5)
    witness.add_checkpoint(site.request(0, 5))
    fork = site.fork(tmp_path / "fork")
    fork.publish(5)
    grown = fork.publish(9)

    assert witness.add_checkpoint(fork.request(5, 9)).status == 422
    assert [path.read_bytes() for path in notebook.evidence()] == [grown.to_bytes()]


def test_a_smaller_tree_signed_later_is_kept_as_rollback(tmp_path, site, witness, notebook):
    site.publish(5)
    site.publish(9)
    witness.add_checkpoint(site.request(0, 9))
    assert witness.add_checkpoint(site.request(0, 5)).status == 409  # an old one, sent again by anybody
    assert notebook.evidence() == []

    site.now += 1
    again = site.keys.sign(head(site.note(5)), site.now)

    assert witness.add_checkpoint(request(0, [], again)).status == 409
    assert [path.read_bytes() for path in notebook.evidence()] == [again.to_bytes()]


def test_evidence_is_never_overwritten(tmp_path, site, witness, notebook):
    site.publish(5)
    witness.add_checkpoint(site.request(0, 5))
    forked = site.fork(tmp_path / "fork").publish(5)
    witness.add_checkpoint(request(5, [], forked))
    (kept,) = notebook.evidence()
    kept.write_bytes(b"as it was")

    witness.add_checkpoint(request(5, [], forked))

    assert kept.read_bytes() == b"as it was"


def test_parallel_requests_never_roll_back(site, notebook):
    """C2SP's race: two are checked at once, and the smaller is stored last. Each witness here is a process's worth."""
    site.now = int(time.time()) - 3_600
    sizes = list(range(1, 25))
    for size in sizes:
        site.publish(size)
    start = Barrier(8)

    def client(number):
        witness = Witness(*notebook.open(), notebook)
        start.wait()
        cosigned = []
        for size in sizes[number % 3 :: 2]:
            last = witness.memory.last(ORIGIN)
            old = head(last).size if last else 0
            if old <= size and witness.add_checkpoint(site.request(old, size)).status == 200:
                cosigned.append((old, size))
        return cosigned

    with ThreadPoolExecutor(8) as pool:
        steps = [step for steps in pool.map(client, range(8)) for step in steps]

    grown = sorted((old, size) for old, size in steps if old != size)
    assert [old for old, _ in grown] == [0, *(size for _, size in grown[:-1])]  # one chain, no branch and no way back
    assert head(notebook.last(ORIGIN)).size == max(size for _, size in steps)


def test_it_remembers_before_it_answers(site, notebook):
    class Full(WitnessStore):
        def remember(self, origin, note):
            raise OSError("no space left")

    site.publish(5)
    full = Full(notebook.folder)
    with pytest.raises(OSError, match="no space"):
        Witness(*full.open(), full, clock=Clock()).add_checkpoint(site.request(0, 5))


def test_a_damaged_memory_cosigns_nothing(site, notebook, witness):
    site.publish(5)
    witness.add_checkpoint(site.request(0, 5))
    place = notebook.folder / "logs" / sha256(ORIGIN.encode()).hexdigest() / "checkpoint"
    place.write_bytes(place.read_bytes()[:100])

    with pytest.raises(OperatorError, match="couldn't read"):
        witness.add_checkpoint(site.request(5, 5))


def test_the_last_checkpoint_can_be_read(site, witness):
    site.publish(5)
    name = sha256(ORIGIN.encode()).hexdigest()
    assert witness.newest(name) is None

    witness.add_checkpoint(site.request(0, 5))

    read = Note.parse(witness.newest(name) or b"")
    assert len(read.verified([*site.keys.vkeys, *(key.vkey for key in witness.keys)])) == 4
    assert witness.newest("0" * 64) is None


def test_a_folder_is_cosigned_from_its_own_tiles(site, witness):
    site.publish(300)
    witness.cosign(directory(site.home.trail))
    site.publish(700)

    note = witness.cosign(directory(site.home.trail))

    assert len(note.verified([*site.keys.vkeys, *(key.vkey for key in witness.keys)])) == 4
    assert head(note).size == 700


def test_a_folder_that_was_rolled_back_is_refused_and_kept(site, witness, notebook):
    site.publish(300)
    site.publish(700)
    witness.cosign(directory(site.home.trail))
    old = site.note(300).to_bytes()
    (site.home.trail / "checkpoint").write_bytes(old)

    with pytest.raises(Refused, match="it has 300 entries, but 700 were cosigned before"):
        witness.cosign(directory(site.home.trail))

    assert [path.read_bytes() for path in notebook.evidence()] == [old]


@pytest.mark.parametrize("size", [300, 500])
def test_a_folder_that_forked_is_refused_and_kept(tmp_path, site, witness, notebook, size):
    site.publish(300)
    witness.cosign(directory(site.home.trail))
    fork = site.fork(tmp_path / "fork")
    forked = fork.publish(size)

    with pytest.raises(Refused):
        witness.cosign(directory(fork.home.trail))

    assert [path.read_bytes() for path in notebook.evidence()] == [forked.to_bytes()]
    assert head(notebook.last(ORIGIN)) == head(site.note(300))


@pytest.mark.parametrize("damage", ["remove", "change"])
def test_a_damaged_folder_is_refused_and_no_evidence(site, witness, notebook, damage):
    site.publish(300)
    tile = site.home.trail / "tile/0/000"
    if damage == "remove":
        tile.unlink()
    (site.home.trail / "tile/1/000.p/1").write_bytes(bytes(32))

    with pytest.raises(Refused, match=r"damaged|do not lead"):
        witness.cosign(directory(site.home.trail))

    assert notebook.evidence() == []


def test_a_witness_is_made_once(notebook, site):
    with pytest.raises(OperatorError, match="there is one already"):
        notebook.create(NAME, site.keys.vkeys)


def test_a10_the_published_requests_get_the_published_answers(tmp_path):
    """litewitness's own test. It answers 403 for a log that it does not know, where the specification says 404."""
    log = Vkey(PUBLISHED["log_origin"], ED25519, bytes.fromhex(PUBLISHED["log_public_key_hex"]))
    notebook = WitnessStore(tmp_path / "published")
    notebook.create("example.com/witness", [log])
    witness = Witness(*notebook.open(), notebook)

    answers = [witness.add_checkpoint(case["body"].encode()) for case in PUBLISHED["cases"]]

    assert [answer.status for answer in answers] == [
        404 if "unknown log" in case["note"] else case["status"] for case in PUBLISHED["cases"]
    ]
    for case, answer in zip(PUBLISHED["cases"], answers, strict=True):
        assert answer.status != 200 or "— example.com/witness".encode() in answer.body
        assert answer.status != 409 or f'"{answer.body.decode()!r}'[2:-1] in case["note"]


def test_a10_an_empty_log_with_a_root_is_422(site, witness, notebook):
    note = site.keys.sign(Checkpoint(ORIGIN, 0, bytes(32)), site.now)

    assert witness.add_checkpoint(request(0, [], note)).status == 422
    assert len(notebook.evidence()) == 1
    assert notebook.last(ORIGIN) is None


def test_a10_a_line_that_is_not_canonical_is_no_signature(site, witness):
    """Of a known key it is 403; an unknown key's is passed over, however long its name."""
    note = site.publish(5)
    line = str(note.lines[1])
    assert line.endswith("=\n")
    second = line[:-3] + chr(ord(line[-3]) + 1) + line[-2:] if not line.endswith("==\n") else ""
    second = second or line[:-4] + chr(ord(line[-4]) + 1) + line[-3:]
    assert b64decode(second.split()[-1]) == b64decode(line.split()[-1])  # the same bytes, spelled in another way
    good = site.request(0, 5)

    forged = good.replace(line.encode(), second.encode())
    strangers = good + f"— {'x' * 300}/y AAAAAAB=\n— z AAAAAAB=\n".encode()

    assert forged != good
    assert witness.add_checkpoint(forged).status == 403
    assert witness.add_checkpoint(strangers).status == 200


@pytest.mark.parametrize("time", [LATEST_TIME + 1, 2**64 - 1])
def test_a10_no_time_beyond_the_last_is_signed_or_believed(time):
    key = NoteKey(NAME, 4, bytes(32))
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    forged = Line(NAME, key.vkey.key_id, time.to_bytes(8) + key.sign_raw(message))

    with pytest.raises(ValueError, match="not a time"):
        key.sign(text, time)
    with pytest.raises(ValueError, match="is none"):
        key.vkey.verify(text, forged)
    key.vkey.verify(text, key.sign(text, LATEST_TIME))


def test_a10_a_name_with_a_comment_in_it_is_refused(tmp_path, site):
    notebook = WitnessStore(tmp_path / "other")
    with pytest.raises(OperatorError, match="may hold no #"):
        notebook.create("commission.test/w#1", site.keys.vkeys)
    notebook.create("commission.test/w1", site.keys.vkeys)
    assert "#" not in notebook.verify_file.read_text()


@pytest.mark.parametrize("off", [-2 * DAY, -301, DAY + 61, 2 * DAY, 365 * DAY])
@pytest.mark.parametrize("by", ["stick", "http"])
def test_a3_a_witness_whose_clock_is_off_cosigns_nothing_and_says_what_to_do(site, witness, clock, off, by):
    site.publish(5)
    clock.now = site.now + off

    if by == "http":
        answer = witness.add_checkpoint(site.request(0, 5))
        assert (answer.status, b"set this clock" in answer.body) == (503, True)
    else:
        with pytest.raises(Refused, match=r"this computer.s clock says 20.*set this clock"):
            witness.cosign(directory(site.home.trail))

    assert witness.memory.last(ORIGIN) is None
    assert witness.memory.evidence() == []


@pytest.mark.parametrize("off", [-300, 0, 3_600, DAY])
def test_a3_a_copy_of_the_day_is_cosigned(site, witness, clock, off):
    site.publish(5)
    clock.now = site.now + off

    note = witness.cosign(directory(site.home.trail))

    assert note.lines[-1].time == clock.now


def test_a3_an_older_copy_is_cosigned_by_whoever_says_so_but_never_with_a_slow_clock(site, witness, clock):
    site.publish(5)
    clock.now = site.now + 30 * DAY
    assert witness.cosign(directory(site.home.trail), old_copy=True).lines[-1].time == clock.now
    clock.now = site.now - DAY
    with pytest.raises(Refused, match="set this clock"):
        witness.cosign(directory(site.home.trail), old_copy=True)


def test_a3_a_witness_whose_clock_ran_ahead_finds_back_and_the_evidence_accuses_nobody(site, notebook, clock):
    told = []
    notebook = WitnessStore(notebook.folder, told=told.append)
    witness = Witness(*notebook.open(), notebook, clock=clock)
    site.publish(5)
    clock.now = site.now + 365 * DAY
    witness.cosign(directory(site.home.trail), old_copy=True)
    ahead = notebook.last(ORIGIN)
    clock.now = float(site.now + 60)
    site.publish(9)

    lines = witness.cosign(directory(site.home.trail)).lines

    assert [line.time for line in lines[-2:]] == [int(clock.now)] * 2
    (kept,) = [path for path in notebook.folder.glob("logs/*/evidence/ahead-*") if not path.suffix]
    assert kept.read_bytes() == ahead.to_bytes()
    assert notebook.evidence() == []  # of a log that lies
    assert "ran ahead then" in told[0]
    clock.now += 1
    assert witness.cosign(directory(site.home.trail)).lines[-1].time == int(clock.now)
    assert len(told) == 1
