"""What commands write is for its owner, or for whoever could read what it was made from."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import interface.cli
from interface.cli.private_file import open_private, write_private

CLI = Path(interface.cli.__file__).parent
OPEN_TO_ALL = {"verifier.py"}  # a program, the same for everybody


@pytest.fixture(autouse=True)
def _open_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_e15_a_file_is_for_its_owner_also_where_an_open_one_was(tmp_path):
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"earlier and longer")
    old.chmod(0o644)
    for path in (old, tmp_path / "new.xlsx"):
        write_private(path, b"now")

        assert (mode(path), path.read_bytes()) == (0o600, b"now")


@pytest.mark.parametrize(
    ("source", "made"), [(0o600, 0o600), (0o640, 0o640), (0o644, 0o644), (0o400, 0o600), (0o755, 0o644)]
)
def test_e15_what_is_made_from_a_file_is_as_open_as_that(tmp_path, source, made):
    (tmp_path / "orders.xlsx").write_bytes(b"")
    (tmp_path / "orders.xlsx").chmod(source)
    write_private(tmp_path / "report.xlsx", b"x", like=tmp_path / "orders.xlsx")

    assert mode(tmp_path / "report.xlsx") == made


def test_what_goes_to_a_device_changes_no_mode():
    before = os.stat("/dev/null").st_mode
    with open_private(os.devnull) as file:
        file.write(b"x")

    assert os.stat("/dev/null").st_mode == before


def test_e15_no_command_writes_a_file_in_another_way():
    """Neither with the usual mode, which is open to all, nor half."""
    ways = (".write_bytes(", ".write_text(", 'open("w', '"wb")', '"w")')
    found = {
        path.name
        for path in CLI.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if any(way in line for way in ways) and "0o600" not in line and path.name != "private_file.py"
    }

    assert found <= OPEN_TO_ALL
