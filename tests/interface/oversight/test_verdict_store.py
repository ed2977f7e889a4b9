"""What the job finds: a log in order, and the first entry that somebody altered or dropped behind the program's back."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from application.platform.home import Home
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from application.verifier.request import VerifyRequest, answer
from interface.oversight.verdict_store import (
    ALTERED,
    BAD_POLICY,
    COLUMN,
    ENOUGH,
    HASH,
    HEAD,
    MISSING,
    NOT_YET,
    SAME,
    SHORT,
    Finding,
)
from interface.oversight.verification_job import Examination
from tests.cities import City
from tests.interface.oversight.conftest import TIME, WITNESS, cosign, know
from tests.interface.web.conftest import Browser


@pytest.fixture
def size(city: City, matters, publish) -> int:
    matters.closed_problem()
    return publish()


def test_a_log_in_order_passes(examination: Examination, size: int):
    found = examination.run()

    assert found.ok
    assert (found.table, found.position, found.rows, found.size) == (SAME, 0, size, size)
    assert found.strength == "弱"


def test_the_next_verdict_holds_the_last_good_checkpoint_and_the_genesis_against_it(
    examination: Examination, size: int, matters, publish
):
    first = examination.run()
    matters.problem()
    publish()

    found = examination.run()

    assert (found.ok, found.strength, found.genesis) == (True, "中", first.genesis)


@pytest.mark.parametrize(
    ("statement", "sentence", "position"),
    [
        ("DELETE FROM log.event WHERE position = 20", MISSING, 20),
        (
            "UPDATE log.event SET entry = (SELECT entry FROM log.event WHERE position = 21) WHERE position = 20",
            ALTERED,
            20,
        ),
        ("UPDATE log.event SET leaf_hash = '' WHERE position = 20", HASH, 20),
        ("UPDATE log.event SET topic = 'problem.closed' WHERE position = 20", COLUMN, 20),
        ("UPDATE log.head SET edge = decode(repeat('00', octet_length(edge)), 'hex')", HEAD, 0),
    ],
)
def test_what_was_done_by_hand_is_named_while_the_folder_still_verifies(
    examination: Examination, size: int, by_hand, statement: str, sentence: str, position: int
):
    by_hand(statement)

    found = examination.run()

    assert not found.ok
    assert found.folder_ok
    assert (found.table, found.position) == (sentence, position)


def test_the_last_entry_is_missed_too(examination: Examination, size: int, by_hand):
    by_hand(f"DELETE FROM log.event WHERE position = {size}")

    found = examination.run()

    assert (found.folder_ok, found.table, found.position) == (True, MISSING, size)


def test_a_published_file_that_was_altered_is_named(examination: Examination, size: int, home: Home):
    [bundle] = (home.trail / "tile/entries").rglob(f"*.p/{size}")
    bundle.write_bytes(bundle.read_bytes().replace(b"payloadType", b"payloadtype", 1))

    found = examination.run()

    assert (found.ok, found.folder_ok, found.position) == (False, False, 1)


@pytest.mark.parametrize("name", ["keys.json", "log.vkey"])
def test_a9_a_list_of_keys_that_is_altered_between_two_looks_is_named(
    examination: Examination, size: int, home: Home, name: str
):
    """No root covers it, and nothing else has changed."""
    assert [examination.run().ok for _ in range(3)] == [True] * 3
    key = NoteKey("log.test/other", COSIGNATURE, bytes(32)).vkey
    altered = {"keys.json": b"{}", "log.vkey": (home.trail / name).read_bytes() + f"{key}\n".encode()}
    (home.trail / name).write_bytes(altered[name])

    found = examination.run()

    assert (found.folder_ok, found.table_ok) == (name == "log.vkey", True)
    assert name in found.folder + "".join(found.unchecked)


def test_a1_a_file_that_is_put_beside_between_two_looks_is_named(examination: Examination, size: int, home: Home):
    assert [examination.run().ok for _ in range(3)] == [True] * 3
    (home.trail / "核验结论.pdf").write_bytes(b"%PDF")
    assert "核验结论.pdf" in "".join(examination.run().unchecked)
    (home.trail / "核验结论.pdf").unlink()
    assert "核验结论.pdf" not in "".join(examination.run().unchecked)


def test_a_verdict_is_due_at_first_when_asked_for_and_not_in_between(examination: Examination, size: int):
    assert examination.verdicts.is_due()
    examination.run_if_due()
    assert not examination.verdicts.is_due()

    examination.verdicts.ask()
    assert examination.verdicts.is_due()
    examination.run_if_due()

    assert not examination.verdicts.is_waited_for()
    assert len(examination.verdicts.latest(10)) == 2


def test_before_the_first_publishing_there_is_nothing_to_judge_and_afterwards_a_missing_folder_is_a_fault(
    examination: Examination, home: Home, city: City, request
):
    examination.run_if_due()
    assert examination.verdicts.newest() is None

    request.getfixturevalue("publish")
    (home.trail / "checkpoint").unlink()
    examination.run_if_due()

    given = examination.verdicts.newest()
    assert given is not None
    assert (given.ok, given.found.folder_ok, given.found.table_ok) == (False, False, True)


def by_policy(home: Home, first: Finding, old: bytes) -> str:
    """How strong `xiaohao verify --policy` calls it, with the same papers."""
    seen = home.path / "seen"
    seen.write_bytes(old)
    keys = [f"@{home.trail / 'log.vkey'}"]
    return answer(VerifyRequest(home.trail, vkeys=keys, policy=home.policy, genesis=first.genesis, old=[seen])).strength


def test_witnesses_of_the_policy_make_it_strong(examination: Examination, size: int, home: Home, matters, publish):
    first, old = examination.run(), (home.trail / "checkpoint").read_bytes()
    matters.problem()
    more = publish()
    know(home, WITNESS)
    cosign(home, WITNESS, time=int(time.time()))

    found = examination.run()

    assert (found.ok, found.strength, found.witness, found.witnessed) == (True, "强", ENOUGH, more)
    assert found.strength == by_policy(home, first, old)
    assert found.left_out("zh") == ["训练日志使用模拟时钟，未将记录时间与见证时间比对"]
    assert examination.run() == found  # without verifying signatures again


def test_what_its_witnesses_have_not_seen_yet_is_weaker_and_not_red(
    examination: Examination, size: int, home: Home, matters, publish
):
    examination.run()
    know(home, WITNESS)
    waiting = examination.run()
    cosign(home, WITNESS)
    examination.run()
    matters.problem()
    publish()

    found = examination.run()

    assert (waiting.ok, waiting.strength, waiting.witness) == (True, "中", NOT_YET)
    assert (found.ok, found.strength, found.witness, found.witnessed) == (True, "中", SHORT, size)


def test_a_cosignature_that_comes_later_counts_at_once(examination: Examination, size: int, home: Home):
    know(home, WITNESS)
    before = [examination.run() for _ in range(2)]
    cosign(home, WITNESS)
    after = examination.run()

    assert [(each.strength, each.witness) for each in before] == [("弱", NOT_YET), ("中", NOT_YET)]
    assert (after.strength, after.witness) == ("中", ENOUGH)  # nothing was recorded since it looked last


def test_a_policy_that_is_none_is_said_and_counts_nobody(examination: Examination, size: int, home: Home):
    cosign(home, WITNESS)
    home.policy.write_text("witness broken\n")

    found = examination.run()

    assert (found.ok, found.strength, found.witness) == (True, "弱", BAD_POLICY)


def test_a_forged_line_of_a_known_witness_is_red(examination: Examination, size: int, home: Home):
    know(home, WITNESS)
    cosign(home, NoteKey(WITNESS.name, COSIGNATURE, bytes(32)))
    assert examination.run().ok  # a key that nobody knows
    note = Note.parse((home.trail / "checkpoint").read_bytes())
    line = WITNESS.sign(note.text, TIME)
    path = home.trail / f"checkpoints/{size}"
    path.write_bytes(note.gained([replace(line, signature=bytes(72))]).to_bytes())

    found = examination.run()

    assert (found.folder_ok, "[CHECKPOINT_SIGNATURE]" in found.of_folder("en")) == (False, True)


def test_an_older_head_put_back_is_a_rollback(examination: Examination, size: int, home: Home, matters, publish):
    matters.problem()
    publish()
    examination.run()
    newest = int((home.trail / "checkpoint").read_text().split("\n")[1])
    (home.trail / "checkpoint").write_bytes((home.trail / f"checkpoints/{size}").read_bytes())
    (home.trail / f"checkpoints/{newest}").unlink()  # beside it the newer one would be taken for the head

    found = examination.run()

    assert not found.folder_ok
    assert "[ROLLBACK]" in found.folder


def test_the_page_turns_red_and_says_that_the_folder_still_verifies(
    browser: Browser, examination: Examination, size: int, by_hand
):
    by_hand("DELETE FROM log.event WHERE position = 20")
    browser.post("/verdict", page="/")
    examination.run_if_due()

    page = browser.get("/").text

    for words in ("异常：第 20 条", "已发布的日志仍核验通过", "由被核验的服务器计算，仅供参考", "这个结论不能证明什么"):
        assert words in page
    assert "数据库中缺少此条" in browser.get("/events/20").text


def test_every_verdict_and_every_checkpoint_can_be_looked_up(
    browser: Browser, examination: Examination, size: int, by_hand
):
    examination.run()
    by_hand("DELETE FROM log.event WHERE position = 20")
    examination.run()

    every, red = browser.get("/verdicts").text, browser.get("/verdicts?red=1").text
    heads = browser.get(f"/checkpoints?upto={size}").text

    assert [page.count('<td data-label="核验时间"') for page in (every, red)] == [2, 1]
    assert "数据库中缺少此条" in red
    assert f">{size}</td>" in heads
    assert f">{size}</td>" not in browser.get(f"/checkpoints?upto={size - 1}").text
    assert browser.get("/verdicts?before=x").status_code == 200
