"""Set-up that can't destroy (faults.md E1): whatever is missing from a home, nothing that another process made is deleted."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest
from click.testing import CliRunner, Result

from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home
from interface import bootstrap
from interface.bootstrap import services
from interface.cli.instance import serve
from interface.cli.main import main
from interface.first_start import create
from tests import servers
from tests.homes import ORIGIN

COMMAND = [sys.executable, "-c", "from interface.cli.main import main; main()"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def served(home: Home) -> None:
    """What `make run` does before the first page is served."""
    serve._prepare(home)
    with services(home, serving=True):
        pass


def kept(home: Home) -> dict[str, str]:
    """Everything that must never go: keys, epochs, what was published, and which cluster there is."""
    names = ("keys", "vault", "trail", "publisher", "cluster.path", "cluster")
    files = [path for path in home.path.rglob("*") if path.is_file() and "run" not in path.parts]
    files = [path for path in files if path.relative_to(home.path).parts[0] in names]
    return {path.relative_to(home.path).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def no_cluster(home: Home) -> None:
    (home.path / "cluster.path").unlink()


LOSSES = {
    "instance.json removed": lambda home: home.instance.unlink(),
    "instance.json emptied": lambda home: home.instance.write_bytes(b""),
    "instance.json with a bit changed": lambda home: home.instance.write_text(
        home.instance.read_text().replace("mode", "modd")
    ),
    "instance.json a folder": lambda home: [home.instance.unlink(), home.instance.mkdir()],
    "keys moved": lambda home: home.keys.rename(home.path.parent / "keys"),
    "keys emptied": lambda home: [home.keys.rename(home.path.parent / "keys"), home.keys.mkdir()],
    "cluster.path removed": no_cluster,
    "cluster.path emptied": lambda home: (home.path / "cluster.path").write_text(""),
    "cluster.path to nowhere": lambda home: (home.path / "cluster.path").write_text(f"{home.path}/nowhere/cluster"),
    "cluster an empty folder": lambda home: [no_cluster(home), home.cluster.mkdir()],
    "keys and instance.json": lambda home: [home.keys.rename(home.path.parent / "keys"), home.instance.unlink()],
    "cluster and instance.json": lambda home: [no_cluster(home), home.instance.unlink()],
    "all but the epochs": lambda home: [
        shutil.rmtree(path) if path.is_dir() else path.unlink() for path in home.path.iterdir() if path.name != "vault"
    ],
}


@pytest.mark.parametrize("loss", LOSSES)
def test_e1_whatever_is_lost_neither_serve_nor_init_deletes_anything(copy, loss):
    LOSSES[loss](copy)
    before = kept(copy)

    for arguments in (["init", "--origin", "f.example/other"], ["publish", "--once"]):
        refused = run(*arguments, "--home", copy.path)
        assert (refused.exit_code, refused.output.splitlines()[-1][:8]) == (1, "couldn't"), refused.output
        assert kept(copy) == before, arguments
    with pytest.raises(OperatorError, match=r"couldn't (open|read|use|make)"):
        served(copy)
    assert kept(copy) == before


def test_e1_instance_json_is_written_again_from_the_log(attached):
    said = json.loads(attached.instance.read_text())
    attached.instance.unlink()

    with pytest.raises(OperatorError, match="`xiaohao describe`"):
        served(attached)
    written = run("describe", "--home", attached.path)
    again = run("describe", "--home", attached.path)

    assert (written.exit_code, json.loads(attached.instance.read_text())) == (0, said)
    assert (again.exit_code, "there is one already" in again.output) == (1, True)
    assert run("publish", "--once", "--home", attached.path).exit_code == 0


def test_e1_instance_json_is_not_written_for_keys_of_another_log(attached):
    attached.instance.unlink()
    for name in ("log.ed25519", "log.mldsa44"):
        (attached.keys / name).unlink()
    LogKeys.create(attached.keys, ORIGIN)

    refused = run("describe", "--home", attached.path)

    assert (refused.exit_code, "not of one log" in refused.output) == (1, True)
    assert not attached.instance.exists()


@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.5])
def test_e1_an_init_that_was_killed_is_begun_anew_and_what_it_left_is_kept(tmp_path, seconds):
    home = Home(tmp_path / "home")
    began = [*COMMAND, "init", "--home", str(home.path), "--origin", ORIGIN, "--training"]
    with subprocess.Popen(began, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 20
        while not home.unfinished.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
    finished = process.returncode == 0 or not home.unfinished.exists()
    left = {path.read_bytes() for path in home.path.rglob("master.key")}
    if not finished:
        opened = run("publish", "--once", "--home", home.path)
        assert (opened.exit_code, "`xiaohao init` was cut off" in opened.output) == (1, True)

    again = run("init", "--home", home.path, "--origin", ORIGIN, "--training")

    assert (again.exit_code, "there is one already" in again.output) == (int(finished), finished), again.output
    assert left <= {path.read_bytes() for path in home.path.rglob("master.key")}
    assert run("fsck", "--home", home.path).exit_code == 0


def test_e1_a_marker_in_a_home_with_work_is_never_taken_for_half_an_init(copy):
    home = copy
    home.unfinished.write_text("1\n")
    before = kept(home)

    made, opened = run("init", "--home", home.path, "--origin", ORIGIN), run("fsck", "--home", home.path)

    assert (made.exit_code, "demo.json was made later" in made.output) == (1, True)
    assert (opened.exit_code, f"then remove {home.unfinished}" in opened.output) == (1, True)
    assert kept(home) == before


def test_e1_two_inits_at_once_make_one_instance(tmp_path):
    home = Home(tmp_path / "home")
    began = [*COMMAND, "init", "--home", str(home.path), "--origin", ORIGIN, "--training", "--json"]
    processes = [subprocess.Popen(began, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=120)[0] for process in processes]

    made = [json.loads(text) for process, text in zip(processes, told, strict=True) if process.returncode == 0]
    assert len(made) == 1, told
    with services(home) as opened:
        assert opened.ledger.table.leaf(1)[0].hex() == made[0]["genesis"]


def test_e1_an_init_at_work_is_left_alone(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    with home.unfinished.open("a") as marker:
        fcntl.flock(marker, fcntl.LOCK_EX)
        (home.keys / "master.key").write_bytes(bytes(32))

        with pytest.raises(OperatorError, match="another `init` is at work there"):
            create(home, origin=ORIGIN, training=True)

    assert (home.keys / "master.key").read_bytes() == bytes(32)


def test_e1_a_database_with_a_log_is_refused_before_anything_is_made(copy, tmp_path, monkeypatch, city, dsn):
    home = copy
    monkeypatch.setenv("DATABASE_URL", dsn)

    refused = run("init", "--home", tmp_path / "new", "--origin", ORIGIN)
    home.instance.unlink()
    before, again = kept(home), run("init", "--home", home.path, "--origin", ORIGIN)

    assert (refused.exit_code, "already holds a log" in refused.output) == (1, True)
    assert not (tmp_path / "new").exists()
    assert (again.exit_code, kept(home)) == (1, before)


def test_e1_a_database_out_of_reach_is_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    refused = run("init", "--home", tmp_path / "new", "--origin", ORIGIN)

    assert (refused.exit_code, "couldn't reach the database" in refused.output) == (1, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "command", [["oversight", "--check"], ["publish", "--once"], ["fsck"], ["restore"], ["describe"]]
)
def test_e1_a_command_on_a_folder_without_an_instance_makes_nothing(tmp_path, command):
    refused = run(*command, "--home", tmp_path / "new")

    assert (refused.exit_code, "there is no instance here" in refused.output) == (1, True), refused.output
    assert not (tmp_path / "new").exists()


def test_e1_an_init_that_fails_takes_away_what_it_made_and_nothing_else(tmp_path, monkeypatch):
    dsn = servers.fresh()
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("DATABASE_OWNER_URL", dsn.replace("dbname=", "dbname=no_"))
    home = Home(tmp_path / "home")
    home.path.mkdir()
    (home.path / "unfinished-1").mkdir()
    (home.path / "unfinished-1" / "kept").write_text("")

    with pytest.raises(OperatorError):
        create(home, origin=ORIGIN, training=True)

    servers.drop(dsn)
    assert [path.name for path in home.path.rglob("*")] == ["unfinished-1", "kept"]
    assert os.listdir(home.path / "unfinished-1") == ["kept"]


def test_a_log_of_another_format_is_told_to_be_made_anew_and_nothing_is_touched(attached, monkeypatch):
    before = kept(attached)
    monkeypatch.setattr(bootstrap, "FORMAT", 2)

    refused = run("publish", "--once", "--home", attached.path)
    assert refused.exit_code == 1
    assert "of format 1, this program reads and writes format 2 only" in refused.output
    assert "make a new one" in refused.output
    assert kept(attached) == before
