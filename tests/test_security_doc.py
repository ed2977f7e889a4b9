"""docs/security.md against reality: every requirement once, every test that it names, every primitive that is imported."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text()
LEVELS = dict(
    line.split() for line in (ROOT / "tests/data/asvs_5.0.0_levels_1_2.txt").read_text().splitlines() if line[0] != "#"
)
ROW = re.compile(r"^\| v5\.0\.0-(?P<number>[\d.]+) \|(?P<rest>.*)\|$", re.MULTILINE)
ROWS = {match["number"]: [cell.strip() for cell in match["rest"].split("|")] for match in ROW.finditer(PAGE)}
ANSWER = re.compile(r"(met|open|not applicable)\b")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FAULT = re.compile(r"this part: (row “\w+”|[ABCE]\d+)")
CRYPTO = ("cryptography.hazmat", "hashlib", "hmac", "secrets", "nacl.bindings")


@cache
def functions(path: str) -> set[str]:
    file = ROOT / path
    return (
        {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}
        if file.exists()
        else set()
    )


def test_every_requirement_of_levels_1_and_2_stands_here_once():
    counted = Counter(match["number"] for match in ROW.finditer(PAGE))

    assert (len(LEVELS), Counter(LEVELS.values())) == (253, {"2": 183, "1": 70})
    assert counted == dict.fromkeys(LEVELS, 1)
    assert {number: cells[1] for number, cells in ROWS.items()} == LEVELS


@pytest.mark.parametrize("number", LEVELS)
def test_no_row_is_empty(number):
    """`met` names a test, a section of this page or the row of the list of faults that brings it; the rest says why or what."""
    wanted, _level, how, shown = ROWS[number]

    assert wanted
    assert ANSWER.match(how), how
    if how.startswith("met"):
        assert NAMED.search(shown) or FAULT.match(shown) or shown.removeprefix("§ ") in sections(), shown
    else:
        assert how.partition(": ")[2], how


def sections() -> set[str]:
    return set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))


def test_every_test_that_is_named_exists():
    named = set(NAMED.findall(PAGE))

    assert len(named) > 100
    assert sorted(name for name in named if name[1] not in functions(name[0])) == []


def test_every_file_that_is_named_exists():
    """One that the present list of faults brings stands in brackets beside its row and may still be missing."""
    now = re.sub(r"\([^()]*this part:[^()]*\)", "", PAGE)
    files = set(re.findall(r"`((?:domain|application|interface|projections|docs)/[\w/.]+\.\w+)`", now))

    assert len(files) > 10
    assert sorted(file for file in files if not (ROOT / file).exists()) == []


def test_what_is_open_is_gathered_at_the_end():
    body, _heading, end = PAGE.partition("# What is open")
    open_rows = {number for number, cells in ROWS.items() if re.search(r"\b[Oo]pen: ", cells[2])}

    assert body
    assert set(re.findall(r"\b\d+\.\d+\.\d+\b", end)) == open_rows


def test_every_primitive_that_is_imported_stands_in_the_inventory():
    imported = {
        name for part in ("domain", "application", "projections", "interface") for name in primitives(ROOT / part)
    }
    listed = set(re.findall(r"`(\w+)`", PAGE.partition("## Keys and algorithms")[2].partition("\n## ")[0]))

    assert len(imported) > 15
    assert sorted(imported - listed) == []


def primitives(folder: Path) -> set[str]:
    """Names taken from a library of cryptography, and what is called on such a module."""
    found = set()
    for tree in (ast.parse(path.read_text()) for path in folder.rglob("*.py")):
        nodes = list(ast.walk(tree))
        modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names} & set(CRYPTO)
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(CRYPTO):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in modules:
                found.add(node.attr)
    return found


def test_every_library_that_the_program_needs_is_pinned_by_hash():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = dict(
        re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==[^\n]*\\\n\s+(--hash=sha256:[0-9a-f]{64})", lock, re.MULTILINE)
    )
    versions = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE)

    assert sorted({re.split(r"[\[<>=!~ ]", one)[0] for one in wanted} - set(pinned)) == []
    assert sorted(set(versions) - set(pinned)) == []
