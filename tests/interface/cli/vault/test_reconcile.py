"""Every promise to a reporter against the log: by the office, and by the commission on its own machine."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from application.platform.home import Home
from application.tips.public_tips import hand_in, register_public_tips
from application.verifier.formats.promise import parse
from interface.bootstrap import services
from interface.cli.main import main
from interface.first_start import create


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("reconcile") / "home")
    create(home, origin="t.example/campaign", training=True)
    return home


def run(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.output.strip().splitlines()


def test_the_office_counts_and_the_commission_counts_again(home, tmp_path):
    office, promises = ("--home", home.path), tmp_path / "promises.jsonl"
    commission = ("verify", home.trail, "--vkey", f"@{home.trail / 'log.vkey'}", "--promise", promises)
    assert run(*office, "reconcile")[1] == ["clean: 0 promises: 0 kept, 0 not due yet"]
    with services(home) as made:
        for form in ("one", "two"):
            hand_in(made.ledger, form, f"电梯 {form}", ("", ""), digest=str)
        assert run(*office, "publish", "--once")[0] == 0
        written = run(*office, "reconcile", "--promises", promises)
        waiting = run(*commission, "--lang", "en")
        register_public_tips(made.ledger)
        assert run(*office, "publish", "--once")[0] == 0
        kept = run(*commission, "--lang", "zh")

    assert written == (0, [f"wrote 2 promises to {promises}", "clean: 2 promises: 0 kept, 2 not due yet"])
    assert len({parse(line).commits["text"] for line in promises.read_bytes().splitlines()}) == 2
    assert promises.stat().st_mode & 0o077 == 0
    assert (
        "  · of the 2 promises given to reporters 0 were kept, each by exactly one entry; 2 are not due yet"
        in waiting[1]
    )
    assert "  · 所给的 2 份收件承诺：2 份已兑现，各恰有一条登记；0 份还没有到期" in kept[1]


def test_where_the_promises_can_not_be_written_is_said(home):
    code, said = run("--home", home.path, "reconcile", "--promises", "/nonexistent/p")
    assert (code, said[-1][:30]) == (1, "couldn't write /nonexistent/p."), said


def test_for_machines(home, tmp_path):
    code, [line] = run("--home", home.path, "reconcile", "--json", "--promises", tmp_path / "p")
    assert (code, json.loads(line)["ok"]) == (0, True)
