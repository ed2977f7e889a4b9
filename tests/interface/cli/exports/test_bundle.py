"""`bundle` and `oversight --check` on an instance of their own."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from application.platform.home import Home
from interface.bootstrap import services
from interface.cli.main import main
from interface.demo.load import load
from interface.first_start import create


@pytest.fixture(name="home", scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("bundle") / "home")
    create(home, origin="t.example/campaign", training=True)
    load(home, problems=6, seed=1)
    return home


def run(home: Home, *arguments: str) -> tuple[int, dict]:
    told = CliRunner().invoke(main, ["--home", str(home.path), "--json", *arguments])
    return told.exit_code, json.loads(told.output.splitlines()[-1])


def test_the_whole_log_verifies_offline(home: Home, tmp_path: Path):
    assert run(home, "publish", "--once")[0] == 0
    code, told = run(home, "bundle", "-o", str(tmp_path / "log.zip"))
    assert code == 0, told
    ZipFile(tmp_path / "log.zip").extractall(tmp_path / "all")

    for path in ("log.zip", "all", "all/trail"):
        code, told = run(home, "verify", str(tmp_path / path), "--vkey", f"@{tmp_path / 'all/trail/log.vkey'}")
        assert (code, told["question"], told["entries"]) == (0, "log", None), path
        assert "不属于日志" not in "".join(told["unchecked"]), path


def test_a_problem_is_named_by_its_number(home: Home, tmp_path: Path):
    with services(home) as made, made.database.cursor() as cursor:
        made.projections.catch_up()
        cursor.execute("SELECT number, key FROM read.problem WHERE until IS NULL LIMIT 1")
        number, id = cursor.fetchone()

    for name in (number, id):
        code, told = run(home, "bundle", "-o", str(tmp_path / "one.zip"), "--problem", name)
        assert code == 0, told
        assert number in ZipFile(tmp_path / "one.zip").read("index.html").decode()


def test_a2_every_pack_of_the_campaign_verifies_and_prints(home: Home, tmp_path: Path):
    """Tips, refusals, corrections and deductions among them; the cover is beside the pack, or written from it."""
    with services(home) as made, made.database.cursor() as cursor:
        made.projections.catch_up()
        cursor.execute("SELECT number FROM read.problem WHERE until IS NULL ORDER BY number")
        numbers = [number for (number,) in cursor.fetchall()]
    key, pack, page = f"@{home.trail / 'log.vkey'}", str(tmp_path / "one.zip"), tmp_path / "cover.html"

    assert len(numbers) > 2
    for number in numbers:
        asked = ("bundle", "-o", pack, "--problem", number, "--cover", str(tmp_path / "cover.pdf"))
        assert run(home, *asked)[0] == 0
        code, told = run(home, "verify", pack, "--vkey", key, "--print", "-o", str(page))
        assert (code, told["question"]) == (0, "pack"), told
        assert number in page.read_text()
    assert (tmp_path / "cover.pdf").read_bytes().startswith(b"%PDF")


def test_an_unknown_problem_is_refused_and_leaves_no_file(home: Home, tmp_path: Path):
    code, told = run(home, "bundle", "-o", str(tmp_path / "no.zip"), "--problem", "没有")

    assert (code, told["ok"]) == (1, False)
    assert not (tmp_path / "no.zip").exists()


def test_the_verdict_is_told_on_the_command_line(home: Home):
    code, told = run(home, "oversight", "--check")

    assert (code, told["position"], told["strength"]) == (0, 0, "弱")
    assert told["verdict"].startswith("nothing was altered: ")
