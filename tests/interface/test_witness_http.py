"""The witness's door over real HTTP, and its command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner

from application.publication.cosigning import Witnesses
from application.publication.publication_state import standing
from application.publication.witness import LARGEST_REQUEST
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import Note, Vkey
from interface.cli.main import main
from tests.application.publication.published import Site, request
from tests.logs import ORIGIN

NAME = "commission.test/w1"
LOG = sha256(ORIGIN.encode()).hexdigest()


def run(*arguments):
    return CliRunner().invoke(main, ["witness", *map(str, arguments)])


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path / "service")
    site.now = int(time.time()) - 3_600
    site.publish(5)
    return site


@pytest.fixture
def home(tmp_path, site):
    made = run("init", "--home", tmp_path / "w", "--name", NAME, "--log", f"@{site.home.trail}/log.vkey", "--json")
    assert made.exit_code == 0, made.output
    return tmp_path / "w"


@pytest.fixture
def door(home):
    """A witness's own process: its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from interface.cli.main import main; main()", "witness", "run"]
    with (home / "said").open("w") as said:
        options = {"stdout": subprocess.PIPE, "stderr": said, "text": True}
        process = subprocess.Popen([*command, "--home", home, "--port", str(port)], **options)
    assert process.stdout is not None
    assert "the witness answers" in process.stdout.readline()
    yield port
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()


def ask(port, method, path, body=b""):
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()
    finally:
        connection.close()


def test_it_speaks_the_protocol(door, home, site):
    status, _, body = ask(door, "POST", "/add-checkpoint", site.request(0, 5))
    vkeys = [Vkey.parse(line) for line in (home / "witness.vkey").read_text().splitlines()]
    note = site.note(5)

    assert status == 200
    assert len(Note.parse(f"{note.text}\n".encode() + body).verified(vkeys)) == 2
    assert ask(door, "POST", "/add-checkpoint", site.request(0, 5)) == (409, "text/x.tlog.size", b"5\n")
    last = ask(door, "GET", f"/{LOG}/checkpoint")
    assert (last[0], last[1]) == (200, "text/plain; charset=utf-8")
    assert Note.parse(last[2]).text == note.text


def test_the_service_is_its_client(door, home, site):
    vkeys = (home / "witness.vkey").read_text().splitlines()
    policy = [f"witness w{number} {vkey} http://127.0.0.1:{door}/\n" for number, vkey in enumerate(vkeys)]
    site.home.policy.write_text("".join(policy) + "quorum none\n")
    witnesses = Witnesses(site.home, site.publisher)
    site.now = int(time.time()) - 60

    first = witnesses.ask()
    site.publish(300)

    assert [(one.names, one.trouble) for one in first + witnesses.ask()] == [((NAME,), "")] * 2
    assert standing(site.home, 300).witnesses[0].name == NAME


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 405),
        ("GET", "/", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("POST", f"/{LOG}/checkpoint", 404),
        ("GET", "/../keys/witness.ed25519", 404),
        ("POST", "/add-checkpoint", 400),
    ],
)
def test_nothing_else_is_answered(door, method, path, status):
    assert ask(door, method, path)[0] == status


def test_a_witness_that_forgot_says_so_and_tells_nothing_else(door, home, site):
    ask(door, "POST", "/add-checkpoint", site.request(0, 5))
    (home / "logs" / LOG / "checkpoint").write_bytes(b"damaged")

    status, _, body = ask(door, "POST", "/add-checkpoint", site.request(5, 5))

    assert (status, body.startswith(b"this witness can't sign"), str(home).encode() in body) == (500, True, False)


def test_whoever_keeps_it_is_told_what_contradicts(door, home, site, tmp_path):
    """A publisher with the log's own key: a fork, a fork that grew, a rollback, and what a stranger may send with them."""
    ask(door, "POST", "/add-checkpoint", site.request(0, 5))
    fork = site.fork(tmp_path / "fork")
    forks = [request(5, [], fork.publish(5)), fork.request(5, 9) if fork.publish(9) else b""]
    older = site.keys.sign(Checkpoint(ORIGIN, 3, bytes(32)), site.now + 60)
    stranger = Site(tmp_path / "stranger").publish(7)
    bodies = [*forks, request(3, [], older), request(5, [], stranger), b"old 5\n\nnonsense"]

    statuses = [ask(door, "POST", "/add-checkpoint", body)[0] for body in bodies * 2]

    assert statuses == [422, 422, 409, 403, 400] * 2
    said = [line for line in (home / "said").read_text().splitlines() if line.startswith("EVIDENCE")]
    assert [line.partition("signed ")[2].partition(" ")[0] for line in said] == ["contradicts", "came", "is"]
    assert all(Path(line.rpartition(" ")[2]).is_file() for line in said)
    assert Note.parse((home / "logs" / LOG / "checkpoint").read_bytes()).text == site.note(5).text


def test_of_many_at_once_one_is_cosigned(door, site):
    for size in range(6, 18):
        site.publish(size)
    ask(door, "POST", "/add-checkpoint", site.request(0, 5))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda size: ask(door, "POST", "/add-checkpoint", site.request(5, size)), range(6, 18)))

    assert sorted(status for status, *_ in answers) == [200, *[409] * 11]
    (last,) = {int(body) for status, _, body in answers if status == 409}
    assert answers[last - 6][0] == 200


def test_a_large_body_is_refused(door):
    assert ask(door, "POST", "/add-checkpoint", b"x" * (LARGEST_REQUEST + 1))[0] == 413


def test_a_stick_goes_there_and_back(home, site, tmp_path):
    out = tmp_path / "cosigned"

    first = run("cosign", "--home", home, site.home.trail, "-o", out, "--json")

    assert (first.exit_code, json.loads(first.stdout)["size"]) == (0, 5)
    vkeys = [Vkey.parse(line) for line in (home / "witness.vkey").read_text().splitlines()]
    assert len(Note.parse(out.read_bytes()).verified(vkeys)) == 2


def test_a_stick_with_a_fork_is_refused_and_says_where_it_is_kept(home, site, tmp_path):
    run("cosign", "--home", home, site.home.trail, "-o", tmp_path / "cosigned")
    fork = site.fork(tmp_path / "fork")
    fork.publish(5)

    refused = run("cosign", "--home", home, fork.home.trail, "-o", tmp_path / "no")

    assert refused.exit_code == 1
    assert (
        "not cosigned: another root was cosigned for 5 entries; 1 contradicting checkpoints are kept" in refused.stdout
    )
    assert not (tmp_path / "no").exists()


def test_without_a_witness_it_says_what_to_do(tmp_path, site):
    refused = run("cosign", "--home", tmp_path / "none", site.home.trail, "-o", tmp_path / "no")

    assert (refused.exit_code, "make one with `witness init`" in refused.stdout) == (1, True)


def test_a_witness_is_made_once_and_its_keys_are_its_own(home, site):
    again = run("init", "--home", home, "--name", NAME, "--log", f"@{site.home.trail}/log.vkey")

    assert (again.exit_code, "there is one already" in again.stdout) == (1, True)
    assert {path.stat().st_mode & 0o777 for path in (home / "keys").iterdir()} == {0o600}
    assert run("init", "--home", home, "--name", "with blank", "--log", "x").exit_code == 2
