"""The evidence pack verifies itself offline, with nothing but what lies in it and the key from paper."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import Note
from interface.cli.log.verifier import archive
from interface.cli.main import main
from tests.interface.web.conftest import Browser
from tests.matters import PHOTO


@pytest.fixture(name="problem")
def _problem(matters, publish, browser: Browser) -> str:
    problem = matters.closed_problem()
    publish()
    return str(problem)


@pytest.fixture(name="unpacked")
def _unpacked(browser: Browser, problem: str, tmp_path, monkeypatch):
    answer = browser.post(f"/matters/{problem}/pack", page=f"/matters/{problem}")
    assert answer.status_code == 200
    folder = tmp_path / "unpacked"
    ZipFile(BytesIO(answer.data)).extractall(folder)
    monkeypatch.chdir(folder)
    return folder


def verify(proof: str, entry: str):
    return CliRunner().invoke(main, ["verify", "--proof", proof, "--entry", entry, "--vkey", "@log.vkey"])


def test_every_entry_in_it_verifies_offline(unpacked, city):
    positions = json.loads((unpacked / "manifest.json").read_text())["positions"]

    assert [city.topics()[n - 1] for n in positions][::5] == ["problem.opened", "problem.closed"]
    for n in positions:
        assert verify(f"proofs/{n}.tlog-proof", f"entries/{n}.entry").exit_code == 0
    assert verify(f"proofs/{positions[0]}.tlog-proof", f"entries/{positions[1]}.entry").exit_code == 1


def test_a8_a_pack_of_a_training_log_says_so_on_every_page(unpacked):
    assert "演练日志：其中的一切都不是正式记录" in (unpacked / "index.html").read_text()


def test_one_command_verifies_all_of_it(unpacked, browser, problem, tmp_path):
    zip = tmp_path / "pack.zip"
    zip.write_bytes(browser.post(f"/matters/{problem}/pack", page=f"/matters/{problem}").data)
    key = (unpacked / "log.vkey").read_text().split()[0]
    count = len(json.loads((unpacked / "manifest.json").read_text())["positions"])

    for path in (zip, unpacked):
        told = CliRunner().invoke(main, ["verify", str(path), "--vkey", key, "--lang", "en"])
        assert (told.exit_code, told.output.splitlines()[-1].partition(" entries")[0]) == (
            0,
            f"verified (training log): {count}",
        )
    assert "xiaohao verify PACK.zip --vkey KEY" in (unpacked / "README.txt").read_text()


def test_the_one_file_verifies_it_and_prints_its_cover(unpacked, tmp_path):
    """The verifier on paper, not one that came with the pack."""
    (tmp_path / "xiaohao-verify.pyz").write_bytes(archive())
    key = (unpacked / "log.vkey").read_text().split()[0]
    command = [sys.executable, tmp_path / "xiaohao-verify.pyz", ".", "--vkey", key, "--lang", "en"]
    asked = {"cwd": unpacked, "env": {"PYTHONSAFEPATH": "1"}, "capture_output": True, "text": True}
    told = subprocess.run([*command, "--print", "-o", tmp_path / "cover.html"], **asked)

    assert (told.returncode, told.stdout.splitlines()[-1][:24]) == (0, "verified (training log):"), told.stderr
    assert (tmp_path / "cover.html").read_bytes() == (unpacked / "index.html").read_bytes()
    (unpacked / "verdict.pdf").write_bytes(b"%PDF")
    assert subprocess.run(command, **asked).returncode == 1


def test_the_lists_name_the_hash_of_every_file(unpacked):
    named = json.loads((unpacked / "manifest.json").read_text())["files"]
    files = {path.relative_to(unpacked).as_posix(): path for path in unpacked.rglob("*") if path.is_file()}

    assert files.keys() - named.keys() == {"manifest.json", "SHA256SUMS"}
    for name, digest in named.items():
        assert sha256(files[name].read_bytes()).hexdigest() == digest
    lines = (unpacked / "SHA256SUMS").read_text().splitlines()
    assert dict(reversed(line.split("  ")) for line in lines) == named


def test_evidence_lies_in_it_and_a_page_for_people(unpacked):
    [photo] = (unpacked / "files").iterdir()
    page = (unpacked / "index.html").read_text()

    assert photo.read_bytes() == PHOTO.content
    assert photo.stem == sha256(PHOTO.content).hexdigest()
    assert f"files/{photo.name}" in page
    assert "问题已销号" in page


def test_a2_names_and_owners_in_it_come_from_entries_of_the_log(unpacked, city):
    told, keys = (json.loads((unpacked / name).read_text()) for name in ("names.json", "keys.json"))
    manifest, page = json.loads((unpacked / "manifest.json").read_text()), (unpacked / "index.html").read_text()
    topics = {city.topics()[n - 1] for n in manifest["support"]}

    assert {"log.opened", "key.enrolled", "official.enrolled", "person.named", "unit.registered"} <= topics
    assert told
    assert all(one["name"] in page for one in told.values())
    assert {key["use"] for key in keys.values()} == {"official", "service"}
    assert not any("until_index" in key for key in keys.values())


def test_a2_neither_cover_nor_verifier_lies_in_it(unpacked, browser: Browser, problem: str):
    """What nobody can check again is handed out beside it."""
    names = {path.name for path in unpacked.iterdir()}
    assert names == {
        "entries", "proofs", "files", "checkpoints", "checkpoint", "log.vkey", "keys.json", "names.json", "index.html",
        "README.txt", "manifest.json", "SHA256SUMS",
    }  # fmt: skip

    answer = browser.post(f"/matters/{problem}/cover", page=f"/matters/{problem}")
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)

    checkpoint = Checkpoint.parse(Note.parse((unpacked / "checkpoint").read_bytes()).text)
    for words in (checkpoint.origin, f"共 {checkpoint.size} 条", checkpoint.root.hex(), "问题已销号", "files/"):
        assert words in said


def test_whoever_takes_it_is_recorded(unpacked, browser: Browser, problem: str):
    page = browser.get("/readings?kind=pack").text

    assert "证据包" in page
    assert f"/matters/{problem}" in page


def test_what_is_not_published_can_not_be_proved(browser: Browser, matters):
    problem = matters.problem()

    assert browser.post(f"/matters/{problem}/pack", page="/events").status_code == 404


def test_a_matter_that_is_none(browser: Browser):
    assert browser.get("/matters/00000000-0000-4000-8000-000000000000").status_code == 404
