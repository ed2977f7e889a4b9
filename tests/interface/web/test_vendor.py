"""Foreign scripts are what they were when they were taken in."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import interface.web

VENDOR = Path(interface.web.__file__).parent / "static" / "vendor"


def listed() -> dict[str, str]:
    lines = (VENDOR / "sha256.txt").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_vendored_files_have_the_listed_hashes():
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir() if path.name != "sha256.txt"}

    assert found == listed()


def test_every_vendored_script_has_its_licence():
    for script in VENDOR.glob("*.js"):
        assert (VENDOR / f"{script.name.split('.')[0]}.LICENSE.txt").is_file()
