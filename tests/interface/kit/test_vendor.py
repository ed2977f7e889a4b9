"""Foreign scripts are what they were when they were taken in."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import interface.kit

VENDOR = Path(interface.kit.__file__).parent / "static" / "vendor"


def listed() -> dict[str, str]:
    lines = (VENDOR / "sha256.txt").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_vendored_files_have_the_listed_hashes():
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir() if path.name != "sha256.txt"}

    assert found == listed()


def test_every_vendored_script_has_its_licence():
    for script in VENDOR.glob("*.js"):
        assert (VENDOR / f"{script.name.split('.')[0]}.LICENSE.txt").is_file()


def test_our_own_scripts_ask_for_no_date():
    """What day it is, the service says; so the browser's clock, which may be wrong, decides nothing."""
    for script in VENDOR.parent.glob("*.js"):
        assert "Date" not in script.read_text("utf-8")
