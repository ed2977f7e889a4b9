"""`xiaohao verify` and the one file that does the same without us: options, memory, exit codes, both languages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import venv
import zipfile
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import parse
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import COSIGNATURE, ED25519, ML_DSA_44, Note, NoteKey
from application.verifier.formats.promise import COMMITS, make
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Tiles, directory
from interface.cli.log.standalone import main as standalone
from interface.cli.log.verifier import archive
from interface.cli.main import main
from tests.application.verifier.attacked import AT, COSIGNED, POLICY, SEEN, SIZE, World, with_entries
from tests.logs import ORIGIN, Source


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture
def papers(world, tmp_path):
    """What somebody holds who doubts the service: the log's keys, a policy, the first entry's hash, an old checkpoint."""
    logs = "".join(f"log {vkey}\n" for vkey in world.keys.vkeys)
    witnesses = "".join(f"witness {each.name} {each.vkey} {each.url}\n" for each in POLICY.witnesses)
    (tmp_path / "policy").write_text(f"{logs}{witnesses}group both all w0 w1\nquorum both\n")
    (tmp_path / "old").write_bytes(world.old[SEEN])
    (tmp_path / "log.vkey").write_text("".join(f"{vkey}\n" for vkey in world.keys.vkeys))
    (tmp_path / "witnesses").write_text("".join(f"{each.vkey}\n" for each in POLICY.witnesses))
    shutil.copytree(world.trail, tmp_path / "trail")
    return tmp_path


@pytest.fixture(params=["xiaohao verify", "standalone"])
def run(request, papers, world, capsys, monkeypatch):
    """Ask in the folder of the papers: exit code, and everything that was said."""
    monkeypatch.chdir(papers)
    names = {"GENESIS": leaf_hash(world.log.entries[0]).hex()}

    def asked(line):
        words = [names.get(word, word) for word in line.split()]
        if request.param == "standalone":
            try:
                code = standalone(words)
            except SystemExit as usage:
                code = usage.code
            said = capsys.readouterr()
            return code, said.out + said.err
        result = CliRunner().invoke(main, ["verify", *words])
        return result.exit_code, result.output

    return asked


SENTENCES = ("proved", "not_proved", "unchecked")


def test_machines_get_every_sentence_in_both_languages(run, papers):
    _, lines = run("trail --vkey @log.vkey")
    code, said = run("trail --vkey @log.vkey --json")
    found = json.loads(said)

    assert (code, found["strength"], found["strength_en"]) == (0, "弱", "weak")
    for name in SENTENCES:
        assert found[name]
        assert len(found[name]) == len(found[f"{name}_en"])
        assert all(f"· {text}" in lines for text in found[name] + found[f"{name}_en"])
        assert all(text.isascii() for text in found[f"{name}_en"])
        assert not any(map(str.isascii, found[name]))


def test_machines_are_told_in_english_what_else_is_wrong(run, papers, world):
    (papers / "trail/checkpoints/700").write_bytes(world.old[SIZE])
    (papers / "trail/checkpoints/1000").write_bytes(b"x")
    code, said = run("trail --vkey @log.vkey --json")
    found = json.loads(said)

    assert (code, found["proved"], found["proved_en"]) == (1, [], [])
    assert found["further"]
    assert all(each["sentence_en"].isascii() for each in found["further"])


STRONG = "trail --policy policy --genesis GENESIS --state state"


def last(said):
    return said.strip().split("\n")[-1]


GOOD, STRONGLY = (f"核验通过：共 1000 条，未发现篡改（核验强度：{strength}）" for strength in "中强")


@pytest.fixture
def earlier(papers, world, tmp_path):
    """The folder as it was published at 700 entries."""
    return world.publish(world.log.entries, tmp_path / "earlier", [SEEN])


def test_a5_the_same_copy_looked_at_twice_makes_no_verdict_stronger(run, papers):
    first, said = run(STRONG)
    assert (first, last(said)) == (0, GOOD)
    assert (papers / "state").read_bytes() == (papers / "trail/checkpoint").read_bytes()

    for _ in range(2):
        code, said = run(STRONG)
        assert (code, last(said)) == (0, GOOD)
        assert "不增加核验强度" in said
    code, said = run(f"{STRONG} --require strong")
    assert (code, "[STRENGTH]" in said) == (1, True)
    assert not (papers / "state.before").exists()


def test_a5_from_paper_and_memory_a_verdict_gets_strong_and_stays_so(run, papers, earlier):
    asked = f"{STRONG} --require strong"
    assert run(STRONG.replace("trail", "earlier/trail", 1))[0] == 0

    for _ in range(3):
        code, said = run(asked)
        assert (code, last(said)) == (0, STRONGLY)
        assert "此前检查点：700 条" in said
        assert "verified: 1000 entries, nothing was altered (strength: strong)" in said

    assert (papers / "state").read_bytes() == (papers / "trail/checkpoint").read_bytes()
    assert (papers / "state.before").read_bytes() == (earlier / "checkpoint").read_bytes()


def test_a5_a_checkpoint_of_another_day_counts_though_nothing_was_recorded_since(run, papers, world):
    """A log that stands still is signed anew every hour; a month later that is another look at it, an hour later it isn't."""
    old = Note.parse(world.old[SIZE])
    for days, strength in ((1, "强"), (0.9, "中")):
        again = world.keys.sign(Checkpoint.parse(old.text), COSIGNED[SIZE] - 60 - int(days * 86_400))
        (papers / "a-day-before").write_bytes(again.to_bytes())
        assert last(run("trail --policy policy --genesis GENESIS --old a-day-before")[1])[-2] == strength


def test_what_is_weaker_than_asked_for_is_no_verdict_and_is_not_remembered(run, papers):
    code, said = run("trail --vkey @log.vkey --state state --require strong")
    assert code == 1
    assert "[STRENGTH]" in said
    assert not (papers / "state").exists()


def test_what_a_witness_has_just_written_on_the_stick_counts(run, papers):
    """The folder was copied before: its checkpoint has no line of a witness yet."""
    checkpoint = papers / "trail" / "checkpoint"
    whole = Note.parse(checkpoint.read_bytes())
    origin = whole.text.split("\n")[0]
    bare = Note(whole.text, tuple(line for line in whole.lines if line.name == origin))
    for path in (checkpoint, papers / "trail" / "checkpoints" / str(SIZE)):
        path.write_bytes(bare.to_bytes())
    (papers / "cosigned").write_bytes(whole.to_bytes())
    asked = "trail --policy policy --genesis GENESIS --old old --require strong"

    without = run(asked)
    given = run(f"{asked} --cosignature cosigned")
    other = run(f"{asked} --cosignature old")

    assert (without[0], "WITNESS_QUORUM" in without[1]) == (1, True)
    assert (given[0], "强" in given[1]) == (0, True)
    assert (other[0], "another checkpoint" in other[1]) == (2, True)


def test_the_memory_is_never_overwritten_after_a_failure(run, papers, world):
    assert run(STRONG)[0] == 0
    (papers / "trail/checkpoint").write_bytes(world.old[SEEN])
    (papers / f"trail/checkpoints/{SIZE}").unlink()
    before = (papers / "state").read_bytes()

    code, said = run(STRONG)

    assert (code, "[ROLLBACK]" in said) == (1, True)
    assert (papers / "state").read_bytes() == before
    assert not [path for path in papers.iterdir() if path.name.startswith(".state")]


def test_a_memory_of_something_else_is_no_checkpoint(run, papers):
    (papers / "state").write_text("hello")
    code, said = run(STRONG)
    assert (code, "[CHECKPOINT_SIGNATURE]" in said) == (1, True)
    assert (papers / "state").read_text() == "hello"


def test_several_old_checkpoints_and_witnesses_by_name(run, papers):
    shutil.copy(papers / "trail/checkpoint", papers / "again")
    code, said = run("trail --vkey @log.vkey --witness @witnesses --quorum 1 --old old --old again --lang en")
    assert (code, said.strip().split("\n")[-1]) == (0, "verified: 1000 entries, nothing was altered (strength: medium)")
    assert not any("\u4e00" <= character <= "\u9fff" for character in said)


def test_for_machines(run, papers):
    code, said = run("trail --policy policy --no-signatures --json")
    found = json.loads(said)
    assert (code, found["ok"], found["size"], found["strength"]) == (0, True, SIZE, "中")

    (papers / "trail/tile/entries/001").write_bytes(b"")
    code, said = run("trail --policy policy --json")
    found = json.loads(said)
    assert (code, found["ok"], found["code"], found["position"]) == (1, False, "ENTRIES_FORMAT", None)


def test_one_entry_with_its_proof(run, papers, world):
    note = Note.parse((papers / "trail/checkpoint").read_bytes())
    proof = prove(AT, note, Tiles(directory(papers / "trail"), SIZE)).to_bytes()
    (papers / "e.tlog-proof").write_bytes(proof)
    (papers / "e").write_bytes(world.log.entries[AT])
    assert run("--policy policy --proof e.tlog-proof --entry e")[0] == 0
    assert run("--policy policy --proof e.tlog-proof --entry policy")[0] == 1


def promised(world, data, **other):
    said = {
        "log": ORIGIN,
        "commits": data["commits"],
        "received_on": data["received_on"],
        "promised_by": "2026-03-02T05:00:00Z",
    }
    return make(**said | other, signer=world.log.service.signer)


@pytest.fixture
def receipt(papers, world):
    """What somebody has who handed in a tip: the entry and its proof; returns what the entry says."""
    note = Note.parse((papers / "trail/checkpoint").read_bytes())
    (papers / "e.tlog-proof").write_bytes(prove(AT, note, Tiles(directory(papers / "trail"), SIZE)).to_bytes())
    (papers / "e").write_bytes(world.log.entries[AT])
    return parse(world.log.entries[AT]).payload["data"]


ONE = "--policy policy --proof e.tlog-proof --entry e"


def test_a6_promise_proof_and_entry_are_held_against_one_another_without_the_log(run, papers, world, receipt):
    (papers / "p").write_bytes(promised(world, receipt))
    code, said = run(f"{ONE} --promise p")

    assert code == 0
    assert "its commitments and its day of receipt" in said
    assert "the promise's own signature was not verified" in said
    assert "its commitments" not in run(ONE)[1]


@pytest.mark.parametrize(
    "other",
    [
        {"commits": dict.fromkeys(COMMITS, "9" * 64)},
        {"received_on": "2026-03-03"},
        {"log": "other.log/x"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a6_a_promise_about_something_else_is_named(run, papers, world, receipt, other):
    (papers / "p").write_bytes(promised(world, receipt, **other))
    (papers / "good").write_bytes(promised(world, receipt))
    code, said = run(f"{ONE} --promise good --promise p --lang en")

    assert (code, last(said)[:15], last(said)[-9:]) == (1, "NOT VERIFIED: p", "[PROMISE]")


def test_a6_a_promise_about_an_entry_that_is_no_tip_is_named(run, papers, world, receipt):
    (papers / "p").write_bytes(promised(world, receipt))
    note = Note.parse((papers / "trail/checkpoint").read_bytes())
    (papers / "e.tlog-proof").write_bytes(prove(0, note, Tiles(directory(papers / "trail"), SIZE)).to_bytes())
    (papers / "e").write_bytes(world.log.entries[0])

    assert "registers no tip" in last(run(f"{ONE} --promise p --lang en")[1])


def test_a6_the_age_of_a_proof_is_asked_for_too(run, papers, receipt):
    """It was signed in March 2026."""
    assert run(f"{ONE} --max-age 9999d")[0] == 0
    code, said = run(f"{ONE} --max-age 1s")
    assert (code, "[WITNESS_QUORUM]" in said, "[CHECKPOINT_AGE]" in said) == (1, True, True)


def test_a8_a_verdict_names_the_log_its_mode_its_times_and_witnesses(run, papers, world):
    _, said = run("trail --policy policy")
    for line in (
        f"日志：{ORIGIN}（正式日志）",
        f"Log: {ORIGIN} (a production log)",
        "检查点：1000 条，日志签署于 2026-03-02 13:15:40 UTC+8",
        "见证：w1.test/commission，2026-03-02 13:16:40 UTC+8",
        "Witness: w2.test/commission, at 2026-03-02 13:16:40 UTC+8",
    ):
        assert line in said.splitlines()
    found = json.loads(run("trail --policy policy --json")[1])

    assert (found["origin"], found["mode"], found["continues"]) == (ORIGIN, "production", None)
    assert found["signed_at"] == COSIGNED[SIZE] - 60
    assert found["witnesses"] == [{"name": f"w{n}.test/commission", "time": COSIGNED[SIZE]} for n in (1, 2)]
    assert found["about"][0] == f"日志：{ORIGIN}（正式日志）"


def test_a8_of_a_single_entry_it_is_not_known_whether_it_is_training(run, receipt):
    _, said = run(ONE)
    assert f"日志：{ORIGIN}（未见首条，不知是正式日志还是演练日志）" in said


def test_a_promise_that_the_log_does_not_keep(run, papers, world):
    promises = [
        make(
            log=ORIGIN,
            commits=dict.fromkeys(COMMITS, digit * 64),
            received_on="2026-03-02",
            promised_by=due,
            signer=signer,
        )
        for digit, due, signer in (
            ("1", "2026-03-02T04:01:00.000000Z", world.log.service.signer),
            ("2", "2099-03-02T05:00:00Z", world.log.service.signer),
            ("3", "2026-03-02T05:00:00Z", world.log.desk.signer),
        )
    ]
    (papers / "promises").write_bytes(b"".join(each + b"\n" for each in promises[1:]))
    (papers / "one").write_bytes(promises[0])

    code, said = run("trail --policy policy --promise promises --promise one --lang en --state state")

    last = "NOT VERIFIED: promises:2 is no promise of this log's service [PROMISE]"
    assert (code, said.strip().split("\n")[-1]) == (1, last)
    assert "the promise one was broken: received on 2026-03-02, and the log does not have it [PROMISE]" in said
    assert not (papers / "state").exists()
    (papers / "promises").write_bytes(promises[1] + b"\n" + promises[1])
    assert run("trail --policy policy --promise promises")[0] == 0


WHOLE_LOG = (
    "--genesis GENESIS",
    "--old old",
    "--state state",
    "--require strong",
    "--cosignature old",
    "--no-signatures",
    "--quorum 1",
)


@pytest.mark.parametrize(
    "line",
    [
        "trail",
        "--vkey @log.vkey",
        "trail --vkey nonsense",
        "trail --vkey @nowhere",
        "trail --policy log.vkey",
        "trail --policy policy --quorum 1",
        "trail --vkey @log.vkey --witness @witnesses --quorum 3",
        "trail --vkey @log.vkey --quorum 1",
        "trail --vkey @log.vkey --genesis 12",
        "trail --vkey @log.vkey --max-age soon",
        "trail --vkey @log.vkey --old nowhere",
        "trail --vkey @log.vkey --proof old",
        "trail --vkey @log.vkey --promise old",
        "trail --vkey @log.vkey --promise nowhere",
        "--policy policy --proof old --entry old --require strong",
        "trail --vkey @log.vkey --require weak",
        *(f"--policy policy --proof old --entry old {option}" for option in WHOLE_LOG),
    ],
)
def test_what_can_not_be_asked_is_no_verdict(run, line):
    code, said = run(line)
    assert (code, "核验" in said) == (2, False)


@pytest.fixture
def zip(papers):
    """Its list is right; what would be wrong with it is not reached."""
    with zipfile.ZipFile(papers / "pack.zip", "w") as out:
        out.writestr("manifest.json", "{}")
    return papers / "pack.zip"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pack.zip --vkey @log.vkey --entry old", "--entry"),
        ("trail --vkey @log.vkey --cosignature trail/checkpoint", "--cosignature"),
        ("trail --vkey @log.vkey --genesis GENESIS --genesis GENESIS", "--genesis is given"),
        ("trail --vkey @log.vkey --state a --state b", "--state is given"),
        ("trail --vkey @log.vkey --max-age 1h --max-age 9999d", "--max-age is given"),
        ("trail --policy policy --policy policy", "--policy is given"),
        ("trail --vkey @log.vkey --lang en --lang zh", "--lang is given"),
        ("pack.zip --vkey @log.vkey --print --json", "-o"),
        ("pack.zip --vkey @log.vkey --print -o pack.zip", "a file of your own"),
        ("trail --vkey @log.vkey --old trail/checkpoints/700", "a file of your own"),
        ("trail --vkey @log.vkey --state trail/state", "a file of your own"),
        ("trail --policy trail/policy", "a file of your own"),
        ("--policy policy --proof e.tlog-proof --entry e --promise empty", "without any promise"),
    ],
)
def test_a6_whatever_would_not_be_answered_is_refused(run, papers, receipt, zip, line, why):
    shutil.copy(papers / "policy", papers / "trail/policy")
    (papers / "empty").write_bytes(b"")
    before = sorted(papers.rglob("*"))
    code, said = run(line)

    assert (code, why in said) == (2, True), said
    assert sorted(papers.rglob("*")) == before


def test_a6_what_lies_in_the_folder_by_way_of_a_link_lies_in_it(run, papers):
    (papers / "mine").symlink_to(papers / "trail/checkpoints")
    assert run("trail --vkey @log.vkey --old mine/700")[0] == 2


def test_a6_a_list_without_promises_is_answered(run, papers):
    """As in the first month: nobody has handed in anything yet."""
    (papers / "empty").write_bytes(b"")
    code, said = run("trail --vkey @log.vkey --promise empty --lang en")
    assert (code, "of the 0 promises given" in said) == (0, True)
    assert run("trail --vkey @log.vkey --promise empty --no-signatures")[0] == 2


def test_a6_a_key_of_another_log_is_named_and_not_passed_over(run, papers, receipt):
    other = NoteKey("other.test/log", ED25519, bytes(32)).vkey
    for asked in ("trail --vkey @log.vkey", "--vkey @log.vkey --proof e.tlog-proof --entry e"):
        code, said = run(f"{asked} --vkey {other} --lang en")
        assert (code, f"were not used: {other.label}" in said) == (0, True)


def test_a8_a_key_that_the_folder_brought_itself_is_no_paper(run):
    told = "the log's key comes from the very folder that is verified"
    assert told in run("trail --vkey @trail/log.vkey --lang en")[1]
    assert told in run("trail --vkey @trail/log.vkey --genesis GENESIS --no-signatures --lang en")[1]
    assert told not in run("trail --vkey @trail/log.vkey --genesis GENESIS --lang en")[1]
    assert told not in run("trail --vkey @log.vkey --lang en")[1]


def test_a5_the_log_is_no_witness_of_itself(run, papers, world):
    """Neither by an option nor by a policy, nor under another name: it would make any verdict stronger."""
    ed25519, ml_dsa = world.keys.vkeys
    renamed = replace(ml_dsa, name="w.test/other")
    for witness in (ed25519, ml_dsa, renamed):
        assert run(f"trail --vkey @log.vkey --witness {witness} --quorum 1")[0] == 2
    for witness in (ml_dsa, renamed):
        (papers / "own").write_text(f"log {ed25519}\nlog {ml_dsa}\nwitness w {witness}\nquorum w\n")
        assert run("trail --policy own")[0] == 2
    code, said = run(f"trail --vkey {ed25519} --witness {ml_dsa}")
    assert (code, "[WITNESS_QUORUM]" in said) == (1, True)


def test_a5_one_witness_counts_once_whatever_its_keys_are_called(run, papers, world):
    note = Note.parse((papers / "trail/checkpoint").read_bytes())
    one, same = (NoteKey(name, COSIGNATURE, bytes([7]) * 32) for name in ("w7.test/a", "w7.test/b"))
    later = NoteKey("w7.test/a", ML_DSA_44, bytes([8]) * 32)
    lines = [key.sign(note.text, COSIGNED[SIZE]) for key in (one, same, later)]
    (papers / "lines").write_bytes(note.gained(lines).to_bytes())
    asked = f"trail --vkey @log.vkey --cosignature lines --witness {one.vkey} --witness"

    assert run(f"{asked} {same.vkey} --quorum 2")[0] == 2
    assert run(f"{asked} {later.vkey} --quorum 2")[0] == 2
    assert run(f"{asked} {later.vkey} --quorum 1")[0] == 0
    (papers / "lines").write_bytes(note.gained(lines[:2]).to_bytes())
    assert run(f"{asked} {later.vkey}")[0] == 1


# One file


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A Python with cryptography and nothing of ours."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "venv", symlinks=True)
    [packages] = (folder / "venv/lib").glob("python*/site-packages")
    for name in ("cryptography", "cffi", "_cffi_backend"):
        place = find_spec(name)
        origin = Path(place.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (packages / source.name).symlink_to(source)
    (folder / "verify.pyz").write_bytes(archive())
    return folder


def python(alone, *words, cwd=None):
    return subprocess.run(
        [alone / "venv/bin/python", "-I", *words], capture_output=True, text=True, cwd=cwd, check=False
    )


def test_one_file_verifies_where_nothing_of_ours_is(alone, papers, world):
    assert python(alone, "-c", "import application").returncode == 1
    words = [
        "trail",
        "--policy",
        "policy",
        "--genesis",
        leaf_hash(world.log.entries[0]).hex(),
        "--old",
        "old",
    ]

    good = python(alone, alone / "verify.pyz", *words, "--require", "strong", "--lang", "zh", cwd=papers)
    (papers / "trail/tile/0/001").write_bytes(bytes(8_192))
    bad = python(alone, alone / "verify.pyz", *words, "--lang", "en", cwd=papers)

    assert (good.returncode, good.stdout.strip().split("\n")[-1]) == (
        0,
        "核验通过：共 1000 条，未发现篡改（核验强度：强）",
    )
    assert (bad.returncode, bad.stdout.strip().split("\n")[-1][:24]) == (1, "NOT VERIFIED: entry 257:")


class Office:
    """The commission's own computer: a folder, the one file, and a clock that may be off; on the stick comes what was published."""

    def __init__(self, alone, folder, world):
        self.alone, self.folder, self.world, self.off = alone, folder, world, 0
        folder.mkdir()
        self.home = Home(folder.parent / "service")
        self.home.create()
        (folder / "log.vkey").write_text("".join(f"{vkey}\n" for vkey in world.keys.vkeys))
        self.genesis = leaf_hash(world.log.entries[0]).hex()

    def stick(self, size, age=3_600):
        """The folder `trail` as it was published, signed so many seconds ago."""
        source = Source(with_entries(self.world.log, self.world.log.entries[:size]))
        Publisher(self.home, self.world.keys, source, clock=lambda: time.time() - age).publish()
        shutil.rmtree(self.folder / "trail", ignore_errors=True)
        shutil.copytree(self.home.trail, self.folder / "trail")

    def types(self, line):
        """A command of docs/commission.html. Python's clock is off as the computer's is."""
        words = [{"创世哈希": self.genesis}.get(word, word) for word in line.split()]
        program = (
            "import runpy, sys, time; now = time.time; off, sys.argv = float(sys.argv[1]), sys.argv[2:];"
            "time.time = lambda: now() + off; sys.path.insert(0, sys.argv[0]); runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        found = python(self.alone, "-c", program, str(self.off), self.alone / "verify.pyz", *words, cwd=self.folder)
        return found.returncode, found.stdout + found.stderr


INIT = "witness init --home 见证 --name 常熟市纪委监委见证 --log @log.vkey"
COSIGN = "witness cosign trail --home 见证 -o 见证.txt"
VERIFY = (
    "trail --policy 见证/verify.policy --cosignature 见证.txt --state state --genesis 创世哈希 --max-age 24h "
    "--require strong"
)


@pytest.fixture
def office(alone, tmp_path, world):
    return Office(alone, tmp_path / "office", world)


def test_the_commissions_page_has_these_commands():
    page = (Path(__file__).parents[4] / "docs/commission.html").read_text()
    assert all(f"python xiaohao-verify.pyz {line}" in page for line in (INIT, COSIGN, VERIFY))


WHOLE_FAMILIES = ("ENTRY_", "TILE_", "ENTRIES_", "EVENT_")


def test_a12_every_code_of_a_verdict_stands_on_the_page():
    page = (Path(__file__).parents[4] / "docs/commission.html").read_text()
    sources = [path.read_text() for path in sorted((Path(__file__).parents[4] / "application/verifier").rglob("*.py"))]
    codes = {code for text in sources for code in re.findall(r'\b(?:Fault|Reason)\(\s*"([A-Z_]+)"', text)}

    assert len(codes) > 20
    assert {"ENTRY_、TILE_、ENTRIES_ 开头", "EVENT_ 开头"} <= set(re.findall("[A-Z_、]+_ 开头", page))
    assert [code for code in sorted(codes) if code not in page and not code.startswith(WHOLE_FAMILIES)] == []


def test_a12_a_clock_that_is_less_than_a_day_fast_is_not_seen_until_it_is_right(office):
    """So the page says that the service sends the cosignature back (test_cosigning.py), not that witnessing stops."""
    office.stick(SIZE)
    assert office.types(INIT)[0] == 0
    office.off = 7_200
    assert (office.types(COSIGN)[0], office.types(VERIFY.replace(" --require strong", ""))[0]) == (0, 0)

    office.off = 0
    code, said = office.types(VERIFY)
    assert (code, "[CLOCK]" in said, "EVENT_" in said) == (1, True, False)
    assert office.types(COSIGN)[0] == 0
    assert office.types(VERIFY.replace(" --require strong", ""))[0] == 0


def test_the_commission_needs_no_other_file_to_witness_and_to_verify(office):
    """docs/commission.html, as it is printed: the first month, then the second."""
    office.stick(SEEN)
    done = [office.types(line) for line in (INIT, INIT, INIT.replace("@", ""), COSIGN, VERIFY)]
    assert [code for code, _ in done] == [0, 1, 2, 0, 1], done
    assert "[STRENGTH]" in done[-1][1]
    first = office.types(VERIFY.replace(" --require strong", ""))
    assert (first[0], "核验强度：中" in first[1]) == (0, True)

    office.stick(SIZE)
    assert office.types(f"{COSIGN} -o 另一份.txt")[0] == 2
    assert office.types(COSIGN)[0] == 0
    for _ in range(2):
        code, said = office.types(VERIFY)
        root = Checkpoint.parse(Note.parse(office.world.old[SIZE]).text).root.hex()
        assert (code, f"根哈希：{root}" in said, last(said)) == (0, True, STRONGLY)

    (office.folder / "trail/checkpoint").write_bytes((office.folder / "trail/checkpoints/700").read_bytes())
    code, said = office.types("witness cosign trail --home 见证 -o 其他.txt")
    assert (code, said.startswith("not cosigned: "), (office.folder / "其他.txt").exists()) == (1, True, False)


@pytest.mark.parametrize(
    ("days", "found"), [(-2, "[CLOCK]"), (2, "[CHECKPOINT_AGE]"), (-365, "[CLOCK]"), (365, "[CHECKPOINT_AGE]")]
)
def test_a3_on_a_computer_whose_clock_is_off_the_page_accuses_nobody_and_says_what_to_do(office, days, found):
    office.stick(SIZE)
    assert office.types(INIT)[0] == 0
    office.off = days * 86_400

    refused = office.types(COSIGN)
    (office.folder / "见证.txt").write_bytes(
        (office.folder / "trail/checkpoint").read_bytes()
    )  # as if it had been written
    verdict = office.types(VERIFY)

    assert (refused[0], "set this clock" in refused[1]) == (1, True)
    assert (verdict[0], found in verdict[1], "核对本机时钟" in verdict[1], "EVENT_" in verdict[1]) == (
        1,
        True,
        True,
        False,
    )
    office.off = 0
    assert office.types(COSIGN)[0] == 0
    assert office.types(VERIFY.replace(" --require strong", ""))[0] == 0


def test_its_processes_start_from_the_archive_too(alone):
    """As on a machine that can't fork: two workers, started anew, with the archive as their only source."""
    program = (
        "import sys, threading; sys.path.insert(0, sys.argv[1])\n"
        "from application.verifier.rules.signature_pool import SignaturePool\n"
        "if __name__ == '__main__':\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "    crew = SignaturePool(0, 2); crew.submit(7, [(bytes(32), bytes(64), b'')]); print(crew.wait()); crew.close()\n"
    )
    (alone / "program.py").write_text(program)
    result = python(alone, alone / "program.py", alone / "verify.pyz")
    assert (result.stdout.strip(), result.returncode) == ("7", 0), result.stderr


def test_the_file_is_the_same_whenever_it_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["verifier", "--json"])
    made = json.loads(result.output)
    content = (tmp_path / "xiaohao-verify.pyz").read_bytes()

    assert content == archive()
    assert made["sha256"] == sha256(content).hexdigest()
    assert {name.partition("/")[0] for name in zipfile.ZipFile(tmp_path / "xiaohao-verify.pyz").namelist()} == {
        "__main__.py",
        "application",
        "domain",
        "interface",
    }
