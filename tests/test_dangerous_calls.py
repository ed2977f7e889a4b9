"""What no file of ours calls: a text that becomes code, a shell, an unsafe reader, a hash or a chance that is no good."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = sorted(
    path for part in ("domain", "application", "projections", "interface") for path in (ROOT / part).rglob("*.py")
)
PAGES = sorted((ROOT / "interface").rglob("templates/**/*.html"))
SCRIPTS = sorted((ROOT / "interface/kit/static").glob("*.js"))

CALLED = {"eval", "exec", "__import__", "Markup", "render_template_string", "urlopen", "system", "popen"}
IMPORTED = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "yaml",
    "xml",
    "lxml",
    "ldap3",
    "smtplib",
    "telnetlib",
    "ftplib",
    "requests",
}
WEAK = {"md5", "sha1", "DES", "TripleDES", "ARC4", "RC4", "CBC", "CTR", "OFB", "CFB", "PKCS1v15", "ECB"}
CHANCE = {"random"}  # what is drawn for a secret comes from the operating system: secrets, os.urandom, SystemRandom
# Each for its reason: a keyed permutation of single blocks, which encrypts nothing; bytes between a process and its own child.
ALLOWED = {("application/vault/similarity.py", "ECB"), ("application/verifier/rules/signature_pool.py", "marshal")}
ESCAPES = "xml.sax.saxutils"  # escapes and parses nothing
DEMO = "interface/demo/"  # its chance makes training logs and no secret
IN_BROWSER = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setTimeout\(\s*['\"]|postMessage"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|Object\.assign|__proto__|XMLHttpRequest|fetch\("
)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def names(path: Path) -> Iterator[str]:
    """Whatever is called, and whatever is taken from a library, by its last name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def modules(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} == {"SystemRandom"}:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != ESCAPES:
            yield node.module.partition(".")[0]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_look_at():
    assert (len(SOURCE) > 250, len(PAGES) > 40, len(SCRIPTS) >= 2) == (True, True, True)


def found(words: set[str], seen: Callable[[Path], Iterator[str]]) -> list[tuple[str, str]]:
    hits = [(place(path), name) for path in SOURCE for name in seen(path) if name in words]
    return sorted(set(hits) - ALLOWED)


def test_no_text_becomes_code():
    assert found(CALLED, names) == []


def test_no_reader_is_there_that_makes_objects_or_follows_entities_and_no_client_of_other_services():
    assert found(IMPORTED, modules) == []


def test_no_process_is_started_through_a_shell():
    shells = [
        place(path)
        for path in SOURCE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "shell"
    ]
    assert shells == []


def test_no_page_marks_a_text_as_safe():
    assert [place(path) for path in PAGES if re.search(r"\|\s*safe\b|autoescape false|Markup", path.read_text())] == []


def test_our_own_scripts_write_no_markup_keep_nothing_and_speak_to_nobody():
    assert [(place(path), hit) for path in SCRIPTS for hit in IN_BROWSER.findall(path.read_text())] == []


def test_no_weak_hash_mode_or_chance():
    assert found(WEAK, names) == []
    assert [hit for hit in found(CHANCE, modules) if not hit[0].startswith(DEMO)] == []


@pytest.mark.parametrize("line", ["eval('1')", "import pickle", "from hashlib import md5", "from random import Random"])
def test_these_tests_see_what_they_look_for(tmp_path, line):
    path = tmp_path / "bad.py"
    path.write_text(line)

    assert {*names(path), *modules(path)} & (CALLED | IMPORTED | WEAK | CHANCE)
