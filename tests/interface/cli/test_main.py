"""Whatever the machine says no to is one sentence in plain English, and exit 1."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from application.store.home import Home
from interface.cli.main import main
from interface.init import create


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("home") / "h")
    create(home, origin="t.example/city", training=True)
    return home


def told(*arguments, **env):
    answer = CliRunner().invoke(main, [str(one) for one in arguments], env=env)
    assert answer.exit_code == 1, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return answer.output


def test_a_proof_that_can_not_be_written(home, tmp_path):
    CliRunner().invoke(main, ["publish", "--once", "--home", str(home.path)])

    said = told("proof", 1, "-o", tmp_path / "no" / "p", "--home", home.path)

    assert "No such file or directory" in said


def test_a_database_that_is_no_address(home):
    assert "couldn't reach the database of DATABASE_URL" in told("fsck", "--home", home.path, DATABASE_URL="not a url")


def test_a_master_key_of_another_length(home):
    key = home.keys / "master.key"
    right = key.read_bytes()
    key.write_bytes(right[:-1])

    said = told("fsck", "--home", home.path)

    key.write_bytes(right)
    assert "has 32 bytes, not 31" in said


def test_a_refusal_speaks_english(home):
    said = told(
        "import",
        "withdraw",
        "00000000-0000-4000-8000-000000000000",
        "--reason",
        "x",
        "--as",
        "admin",
        "--home",
        home.path,
    )

    assert said.isascii()
