"""What the machine refuses is a sentence on the command line, never a trace."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from application.audit.published_check import PublishedFolder
from application.platform.home import Home
from domain.errors import Unavailable
from interface.cli.main import main
from interface.cli.verdict import cause
from interface.first_start import create


def last_line(home: Home, *arguments: str, code: int = 1) -> str:
    result = CliRunner().invoke(main, ["--home", str(home.path), *arguments])
    assert (result.exit_code, type(result.exception)) == (code, SystemExit if code else type(None)), result.output
    return result.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("sentences") / "home")
    create(home, origin="t.example/campaign", training=True)
    assert CliRunner().invoke(main, ["--home", str(home.path), "publish", "--once"]).exit_code == 0
    return home


def test_a_proof_where_no_file_can_be_written(home):
    assert last_line(home, "proof", "1", "-o", "/nonexistent/p").startswith(
        "couldn't use /nonexistent/p.tlog-proof: No"
    )


def test_a_database_url_that_is_none(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "not a url")

    assert last_line(home, "fsck").startswith("couldn't reach the database of DATABASE_URL:")


def test_a_master_key_of_another_length(home):
    master = home.keys / "master.key"
    kept = master.read_bytes()
    master.write_bytes(b"short")
    try:
        assert "the master key has 32 bytes, not 5" in last_line(home, "fsck")
    finally:
        master.write_bytes(kept)


def test_a_checkpoint_that_can_not_be_read_is_a_fault(tmp_path):
    (tmp_path / "checkpoint").mkdir()
    told = []

    PublishedFolder(tmp_path, [], lambda sentence, _: told.append(sentence))

    assert told == ["checkpoint can't be read: Is a directory"]


def test_a_publishers_head_that_was_cut_off(home):
    """Moved away as the sentence says, it is made again, and publishing goes on."""
    head = home.publisher / "head"
    assert "published" in last_line(home, "publish", "--once", code=0)
    head.write_text('{"origin": "t.exam')

    assert "is damaged; move it away" in last_line(home, "publish", "--once")

    head.unlink()
    assert "published" in last_line(home, "publish", "--once", code=0)


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (
            "服务器时钟异常（与数据库的时钟相差 60 分钟），暂停受理；请通知管理员校准服务器和数据库的时钟后再提交",
            "The server's clock differs from the database's by 60 minutes",
        ),
        ("尚未登记市纪委监委的接收公钥，检举线索暂不能转送；请联系系统管理员", "ask the administrator"),
    ],
)
def test_why_nothing_is_recorded_now_is_plain_english_here(refused, told):
    assert told in cause(Unavailable(refused))
    assert cause(Unavailable(refused)).isascii()


@pytest.mark.parametrize(
    "line",
    [
        "publish --once --add-cosignature x",
        "publish --once --new-mirror-token x",
        "publish --add-cosignature x --new-mirror-token y",
        "oversight --check --port 8001",
        "oversight --check --host 127.0.0.1",
        "init --origin a.example/x --since 2026-01-01",
        "init --origin a.example/x --continues-vkey x",
        "init --origin a.example/x --origin b.example/y",
        "--home a fsck --home b",
        "--home a --home b fsck",
        "fsck --home a --home b",
        "keys revoke x --as a --as b --reason y",
        "lead key -o a -o b",
        "proof 1 -o a -o b",
        "import tips x --map a --map b --as c",
        "witness init --home a --name b --name c --log d",
        "serve --port 8001 --port 8002",
    ],
)
def test_a6_no_option_is_passed_over_in_silence(tmp_path, monkeypatch, line):
    monkeypatch.setenv("XIAOHAO_HOME", str(tmp_path / "none"))
    result = CliRunner().invoke(main, line.split())

    assert (result.exit_code, "Error: " in result.output) == (2, True), result.output
    assert not list(tmp_path.iterdir())
