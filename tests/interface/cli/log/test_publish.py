"""`publish` on a real instance: witnesses over the stick, tokens of mirrors, and what is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from application.platform.home import Home
from application.publication.mirror_tokens import MirrorTokens
from application.publication.publication_state import standing
from interface.cli.main import main
from interface.first_start import create

ORIGIN = "t.example/campaign"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("publish") / "home")
    create(home, origin=ORIGIN, training=True)
    return home


def run(home: Home, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), *map(str, arguments)])


def test_a_stick_goes_to_the_commission_and_back(home, tmp_path):
    published = run(home, "publish", "--once", "--json")
    size = json.loads(published.stdout)["size"]
    commission = tmp_path / "commission"
    made = run(
        home, "witness", "init", "--home", commission, "--name", "w.example/1", "--log", f"@{home.trail}/log.vkey"
    )
    run(home, "witness", "cosign", "--home", commission, home.trail, "-o", tmp_path / "cosigned")
    refused = run(home, "publish", "--add-cosignature", tmp_path / "cosigned")
    vkeys = (commission / "witness.vkey").read_text().splitlines()
    home.policy.write_text("".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys)) + "quorum none\n")

    added = run(home, "publish", "--add-cosignature", tmp_path / "cosigned")

    assert (published.exit_code, made.exit_code) == (0, 0)
    assert (refused.exit_code, "no line in it is of a witness" in refused.stdout) == (1, True)
    assert (added.exit_code, added.stdout) == (0, "added the cosignature of w.example/1\n")
    assert standing(home, size).state == "witnessed"
    assert run(home, "fsck").exit_code == 0
    proof = run(home, "proof", "1", "-o", tmp_path / "one")
    assert (proof.exit_code, f"(position 1 of {size})" in proof.stdout) == (0, True)


def test_publishing_goes_on_when_a_witness_is_out_of_reach(home, tmp_path):
    commission = tmp_path / "commission"
    run(home, "publish", "--once")
    run(home, "witness", "init", "--home", commission, "--name", "w.example/2", "--log", f"@{home.trail}/log.vkey")
    vkey = (commission / "witness.vkey").read_text().splitlines()[0]
    home.policy.write_text(f"witness w {vkey} http://127.0.0.1:1\nquorum w\n")

    published = run(home, "publish", "--once")

    assert published.exit_code == 0
    assert published.stdout.startswith("not cosigned by http://127.0.0.1:1: ")
    home.policy.unlink()


def test_a_mirrors_token_is_shown_once_and_only_its_hash_is_kept(home):
    made = run(home, "publish", "--new-mirror-token", "mirror-1", "--json")
    token = json.loads(made.stdout)["token"]

    again = run(home, "publish", "--new-mirror-token", "mirror-1")

    assert (again.exit_code, "is called mirror-1 already" in again.stdout) == (1, True)
    assert MirrorTokens(home.keys).know(token)
    assert not MirrorTokens(home.keys).know(token[:-1])
    kept = (home.keys / "mirrors.json").read_text()
    assert (token in kept, sha256(token.encode()).hexdigest() in kept) == (False, True)
    assert (home.keys / "mirrors.json").stat().st_mode & 0o777 == 0o600
