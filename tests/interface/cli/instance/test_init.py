"""`init` and what a training instance begins with: whole, or finished at the next start."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import uuid4

import pytest
from click.testing import CliRunner

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.vault.crypto import place
from application.vault.letterbox import Letterbox, read_letter
from application.vault.mnemonic import from_words
from interface.cli.instance import serve
from interface.cli.main import main
from interface.first_start import create

NAME = "t.example/city"


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def test_what_belongs_on_paper_is_whole(tmp_path):
    answer = run("init", "--home", str(tmp_path / "h"), "--origin", NAME, "--json")
    told = json.loads(answer.output)

    assert answer.exit_code == 0
    assert from_words(told["master_key"]) == (tmp_path / "h/keys/master.key").read_bytes()
    assert (tmp_path / "h/trail/log.vkey").read_text().split() == told["vkeys"]


def test_the_commission_keeps_its_key_to_itself(tmp_path):
    home, key = Home(tmp_path / "home"), tmp_path / "key"
    public = json.loads(run("lead", "key", "-o", str(key), "--json").stdout)["public"]
    again = run("lead", "key", "-o", str(key))
    made = json.loads(
        run("init", "--home", str(home.path), "--origin", NAME, "--commission-key", public, "--json").stdout
    )

    assert (again.exit_code, key.stat().st_mode & 0o777) == (1, 0o600)
    assert made["commission_private_key"] == ""
    lead = uuid4()
    sealed = Letterbox(home.path / "vault" / "commission.pub").seal(b'{"text": "x"}', place(lead, "lead"))
    assert read_letter(sealed, key.read_text(), lead) == {"text": "x"}


@pytest.mark.parametrize("key", ["x", "MA==", b64encode(bytes(32)).decode()])
def test_what_is_no_key_for_letters_makes_no_instance(tmp_path, key):
    refused = run("init", "--home", str(tmp_path / "home"), "--origin", NAME, "--commission-key", key)

    assert (refused.exit_code, "lead-key" in refused.output) == (1, True)
    assert not Home(tmp_path / "home").is_instance


def test_the_master_key_is_written_again_from_its_words(tmp_path):
    arguments = ["--home", str(tmp_path / "h")]
    made = CliRunner().invoke(main, ["init", *arguments, "--origin", "t.example/city", "--json"])
    words, path = json.loads(made.output)["master_key"], tmp_path / "h/keys/master.key"
    key = path.read_bytes()
    path.unlink()

    misread = CliRunner().invoke(main, ["master-key", *arguments], input=words.replace(words[:5], "zuzuz", 1))
    right = CliRunner().invoke(main, ["master-key", *arguments], input=words)

    assert (misread.exit_code, "misread" in misread.output) == (1, True)
    assert (right.exit_code, path.read_bytes(), path.stat().st_mode & 0o777) == (0, key, 0o600)


@pytest.mark.parametrize("origin", ["two words", "a+b", "", "x" * 256], ids=["space", "plus", "empty", "long"])
def test_a_name_that_no_key_can_have_is_refused_at_once(tmp_path, origin):
    with pytest.raises(OperatorError, match="a log's name has no space"):
        create(Home(tmp_path / "h"), origin=origin, training=True)

    assert not (tmp_path / "h").exists()


def test_a_training_instance_whose_loading_was_cut_off_is_loaded_at_the_next_start(tmp_path, monkeypatch):
    home = Home(tmp_path / "h")
    monkeypatch.setattr(serve, "FIRST_PROBLEMS", 2)
    create(home, origin="t.example/city", training=True, demo=True)
    assert home.read()["demo"] == "due"

    serve._prepare(home)

    assert {**home.read(), "commission": ""} == {"origin": "t.example/city", "mode": "training", "commission": ""}
    assert {account["login"] for account in json.loads((home.path / "demo.json").read_text())} >= {
        "city_desk",
        "town_handler-003",
        "town_handler-101",
    }
