"""Rules of the house that hold for every file: who may import whom, what is pure, how long things may grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "domain": {"domain", "eventsourcing"},
    "application": {"application", "domain", "eventsourcing", "psycopg2", "cryptography", "nacl"},
    "projections": {"projections", "domain", "psycopg2", "orjson", "structlog"},
    "interface": {"interface", "application", "projections", "domain", "psycopg2", "structlog"}
    | {"flask", "flask_wtf", "flask_babel", "babel", "wtforms", "jinja2", "werkzeug", "waitress"}
    | {"apscheduler", "click", "rich", "PIL", "segno", "reportlab"},
}
# Further libraries that one folder alone needs.
BESIDES = {"application/exchange": {"xlsxwriter", "python_calamine", "openpyxl"}}
# A verifier that shares nothing with the service: Python and cryptography, PyNaCl where it is there, and each other
# (docs/format.md §6.6).
PURE = [
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "application/verifier").rglob("*.py")),
    "interface/cli/log/standalone.py",
    "interface/cli/log/verify_options.py",
]
# What projections may know of the domain beside its events: values without rules.
VALUES = {"domain.base", "domain.calendar", "domain.errors", "domain.recorded", "domain.values"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Also those inside functions: a rule that a late import goes around is none."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below(layer):
    for path in files(layer):
        besides = {more for folder, names in BESIDES.items() if name(path).startswith(folder) for more in names}
        allowed = MAY_IMPORT[layer] | besides | sys.stdlib_module_names
        assert {module.partition(".")[0] for module in imports(path)} <= allowed, path


def test_projections_know_events_and_values_of_the_domain_only():
    """What a read model shows follows from the log, never from today's rules; what waits for whom follows from the rules."""
    for path in files("projections"):
        modules = {node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
        domain = {module for module in modules if module and module.partition(".")[0] == "domain"}
        ends = (".events", ".actions") if name(path) == "projections/todo.py" else (".events",)
        assert all(module in VALUES or module.endswith(ends) for module in domain), path


def test_whoever_verifies_needs_none_of_the_service():
    pure = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in PURE}
    for path in PURE:
        for module in imports(ROOT / path):
            top = module.partition(".")[0]
            may_be_absent = path == "application/verifier/formats/signature.py" and top == "nacl"
            known = top in sys.stdlib_module_names or top == "cryptography" or may_be_absent
            assert known or any(module == one or module.startswith(f"{one}.") for one in pure), (path, module)


def reached(start: set[str]) -> set[str]:
    """Every module of ours that these import, however far away."""
    known, waiting = set[str](), set(start)
    while waiting:
        module = waiting.pop()
        path = ROOT / f"{module.replace('.', '/')}.py"
        if module in known or not path.is_file():
            continue
        known.add(module)
        waiting |= set(imports(path))
    return known


def test_the_oversight_door_reaches_no_handler_of_a_command():
    """It can only look: not even a module that it imports knows how to write (docs/format.md §6.6, issue 3 item 7)."""
    writing = {name(path).removesuffix(".py").replace("/", ".") for path in files("application") if registers(path)}
    assert "application.problems.handlers" in writing
    door = {name(path).removesuffix(".py").replace("/", ".") for path in files("interface/oversight")}
    assert not reached(door) & writing


def registers(path: Path) -> bool:
    """Whether handlers of commands are here."""
    return any(isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "HANDLERS" for node in tree(path).body)


@pytest.mark.parametrize("layer", ["domain", "projections"])
def test_nobody_looks_at_the_clock_who_must_decide_alike_tomorrow(layer):
    for path in files(layer):
        asked = {call for call in calls(path) if call.rpartition(".")[2] in ("now", "today", "utcnow", "time_ns")}
        assert not asked, path


def test_remembering_refuses_nothing():
    """Rules are asked before; a guard in `evolve` would ask them again of history."""
    for path in files("domain"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name == "evolve" and name(path) != "domain/base.py":
                assert not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)), path


def test_the_environment_is_read_in_three_places():
    """What a service does is told by its configuration and by the starting of PostgreSQL, and by nothing else."""
    known = {
        "interface/runtime/config.py",
        "application/platform/embedded/cluster.py",
        "application/platform/embedded/binaries.py",
    }
    for layer in MAY_IMPORT:
        for path in files(layer):
            assert name(path) in known or "os.environ" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_file_is_read_in_one_sitting(layer):
    for path in files(layer):
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE, path


@pytest.mark.parametrize("folder", [*MAY_IMPORT, "tests"])
def test_a_function_is_seen_at_one_glance(folder):
    for path in files(folder):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{path}: {node.name}"


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_file_says_what_it_is(layer):
    for path in files(layer):
        docstring = ast.get_docstring(tree(path))
        assert docstring or not path.read_text("utf-8").strip(), f"{path} has no docstring"


def test_fakes_are_small_and_real():
    for path in files("tests"):
        assert not any(module.startswith(("unittest.mock", "mock")) for module in imports(path)), path
