"""Whoever verifies for the first time, with the wrong file in hand: a clear sentence and no trace, from both programs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from interface.cli.main import main
from tests.interface.cli.log.test_verify import papers, run, world  # noqa: F401 (fixtures)


@pytest.fixture
def drawer(papers):  # noqa: F811
    """What may lie around beside the right papers."""
    (papers / "binary").write_bytes(bytes(range(256)))
    (papers / "nothing").write_bytes(b"")
    (papers / "huge").touch()
    os.truncate(papers / "huge", 1 << 40)
    (papers / "folder").mkdir()
    (papers / "link").symlink_to("trail")
    return papers


def ask(run, line):  # noqa: F811
    code, said = run(line)
    assert "Traceback" not in said
    return code, said.strip().split("\n")[-1]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nowhere --vkey @log.vkey", "there is no folder nowhere"),
        ("trail --vkey log.vkey", "for the keys in a file write @log.vkey"),
        ("trail --vkey @binary", "binary must hold one key on each line: not a key of a kind we know: '\\x00"),
        ("trail --vkey @nothing", "nothing is empty: it must hold one key on each line"),
        ("trail --vkey @folder", "couldn't read folder: Is a directory"),
        ("trail --vkey @huge", "huge is too large"),
        ("trail --vkey @log.vkey --old huge", "huge is too large"),
        ("trail --vkey @log.vkey --state huge", "huge is too large"),
        ("trail --vkey @log.vkey --promise huge", "huge is too large"),
        ("trail --vkey @log.vkey --promise binary", "binary holds no promises"),
        ("--vkey @log.vkey --proof huge --entry old", "huge is too large"),
        ("--vkey @log.vkey --proof /dev/zero --entry old", "/dev/zero is too large"),
        ("trail --vkey @log.vkey --policy binary", "binary is no policy: line 1"),
        ("trail --vkey @log.vkey --cosignature nothing", "name those that count with --policy or --witness"),
        ("trail --vkey @log.vkey --witness @witnesses --cosignature nothing", "couldn't take in the cosignatures"),
    ],
)
def test_a_question_that_can_not_be_asked_so(run, drawer, line, sentence):  # noqa: F811
    code, last = ask(run, line)
    assert (code, sentence in last) == (2, True), last


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("folder --vkey @log.vkey", "没有 checkpoint 文件 [CHECKPOINT_MISSING]"),
        ("trail/tile --vkey @log.vkey", "没有 checkpoint 文件 [CHECKPOINT_MISSING]"),
        ("trail --vkey @witnesses", "检查点不是由所给密钥签署 [CHECKPOINT_SIGNATURE]"),
        ("trail --vkey @log.vkey --old binary", "所给的此前检查点不可用：检查点已损坏或被改动（"),
        ("trail --vkey @log.vkey --old nothing", "所给的此前检查点不可用：检查点已损坏或被改动（"),
        ("trail --vkey @log.vkey --state binary", "所给的此前检查点不可用：检查点已损坏或被改动（"),
        ("--vkey @log.vkey --proof binary --entry old", "证明文件已损坏，或与条目、检查点不符（"),
        ("--vkey @log.vkey --proof old --entry nothing", "证明文件已损坏，或与条目、检查点不符（"),
    ],
)
def test_what_is_not_what_it_should_be_is_no_good_verdict(run, drawer, line, sentence):  # noqa: F811
    code, last = ask(run, line)
    assert (code, sentence in last) == (1, True), last


def test_a_folder_by_another_name_is_the_same(run, drawer):  # noqa: F811
    assert ask(run, "link --vkey @log.vkey")[0] == 0


LINKED = "目录中有链接或特殊文件：tile/0/001 [FOLDER]"


@pytest.mark.parametrize(
    ("damage", "code", "sentence"),
    [
        (lambda path: os.truncate(path, 100), 1, "哈希文件 tile/0/001 的长度不对 [TILE_MISMATCH]"),
        (lambda path: os.truncate(path, 0), 1, "哈希文件 tile/0/001 的长度不对 [TILE_MISMATCH]"),
        (lambda path: os.truncate(path, 1 << 40), 1, "哈希文件 tile/0/001 的长度不对 [TILE_MISMATCH]"),
        (lambda path: (path.unlink(), path.mkdir()), 1, "缺少哈希文件 tile/0/001 [TILE_MISSING]"),
        (lambda path: (path.unlink(), os.mkfifo(path)), 1, LINKED),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), 1, LINKED),
        (lambda path: (path.unlink(), path.symlink_to(path.name)), 1, LINKED),
    ],
    ids=["cut", "emptied", "huge", "folder", "pipe", "device", "loop"],
)
def test_a_file_of_the_log_that_is_none(run, drawer, damage, code, sentence):  # noqa: F811
    damage(drawer / "trail/tile/0/001")
    found, last = ask(run, "trail --vkey @log.vkey --no-signatures")
    assert (found, sentence in last) == (code, True), last


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints/700", "keys.json", "tile/entries/001"])
@pytest.mark.parametrize("size", [0, 40, 1 << 40])
def test_a_file_that_was_cut_or_blown_up_is_named(run, drawer, name, size):  # noqa: F811
    os.truncate(drawer / "trail" / name, size)
    assert ask(run, "trail --vkey @log.vkey")[0] == 1


def test_names_that_are_no_text_are_passed_over(run, drawer):  # noqa: F811
    (drawer / "trail/checkpoints" / os.fsdecode(b"7\xff")).write_bytes(b"x")
    assert ask(run, "trail --vkey @log.vkey")[0] == 0


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("@nothing", "nothing is empty: it must hold one key on each line"),
        ("@binary", "binary must hold one key on each line"),
        ("@huge", "huge is too large"),
        ("log.vkey", "for the keys in a file write @log.vkey"),
    ],
)
def test_a_witness_that_would_know_no_log_is_not_made(drawer, monkeypatch, log, sentence):
    monkeypatch.chdir(drawer)
    made = CliRunner().invoke(main, ["witness", "init", "--home", "own", "--name", "w.test/1", "--log", log])
    assert (made.exit_code, sentence in made.output, (drawer / "own").exists()) == (2, True, False), made.output


def test_a_terminal_that_knows_no_chinese(drawer):
    for program in (
        ["-m", "tests.application.publication.killed", "", "^$", "verify"],
        ["-m", "interface.cli.log.standalone"],
    ):
        done = subprocess.run(
            [sys.executable, *program, drawer / "trail", "--vkey", f"@{drawer / 'log.vkey'}", "--lang", "zh"],
            env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
