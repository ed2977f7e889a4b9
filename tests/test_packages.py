"""The packages inside each layer: no circle, and an order of floors, which docs/architecture.md draws."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("domain", "application", "projections", "interface")
PAGE = "docs/architecture.md"
HEADING = re.compile(r"^### `([a-z_/]+)/`\n+```text\n(.*?)^```", re.MULTILINE | re.DOTALL)


@cache
def modules() -> dict[str, Path]:
    found = {}
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


@cache
def known_to(module: str) -> set[str]:
    """The modules of ours that it imports, also late and for types alone."""
    known = set[str]()
    for node in ast.walk(ast.parse(modules()[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            known |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            longer = {f"{node.module}.{alias.name}" for alias in node.names}
            known |= longer & modules().keys() or {node.module or ""}
    return known & modules().keys()


def packages() -> list[str]:
    return [name for name, path in modules().items() if path.name == "__init__.py"]


def room(package: str, module: str) -> str | None:
    """Which file or folder of the package the module lies in."""
    inside = module.removeprefix(f"{package}.")
    return inside.partition(".")[0] if inside != module else None


def rooms(package: str) -> dict[str, set[str]]:
    """The package's files and folders, each with those that it imports from."""
    found: dict[str, set[str]] = {}
    for module in modules():
        if (here := room(package, module)) is not None:
            below = {there for other in known_to(module) if (there := room(package, other)) not in (None, here)}
            found.setdefault(here, set()).update(below)
    return found


def circle(graph: dict[str, set[str]]) -> set[str]:
    """What is left when whatever stands on nothing is taken away, again and again, from below and from above."""
    left = {name: set(below) for name, below in graph.items()}
    while True:
        above = {one for below in left.values() for one in below}
        gone = {name for name, below in left.items() if not below or name not in above}
        if not gone:
            return set(left)
        left = {name: below - gone for name, below in left.items() if name not in gone}


@pytest.mark.parametrize("package", packages())
def test_no_circle_among_the_files_and_folders_of_a_package(package):
    assert circle(rooms(package)) == set()


def test_a_circle_would_be_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}, "e": set()}) == {"b", "c"}


def picture() -> dict[str, list[list[str]]]:
    """package -> its floors as they are drawn, from the top."""
    page = (ROOT / PAGE).read_text("utf-8")
    return {
        match[1].replace("/", "."): [line.split() for line in match[2].splitlines() if line]
        for match in HEADING.finditer(page)
    }


DRAWN = ["application", "application.verifier", "projections", "interface", "interface.web"]


def test_the_picture_has_these_parts():
    assert list(picture()) == DRAWN


@pytest.mark.parametrize("package", DRAWN)
def test_the_picture_names_what_is_there(package):
    """Every folder stands in it once. A file that lies between the folders may be left out, but none is made up."""
    drawn = [name for floor in picture()[package] for name in floor]
    folders = {name for name in rooms(package) if f"{package}.{name}" in packages()}

    assert len(drawn) == len(set(drawn))
    assert folders <= set(drawn) <= set(rooms(package))


@pytest.mark.parametrize("package", DRAWN)
def test_whoever_stands_on_a_floor_knows_only_the_floors_below(package):
    floors = picture()[package]
    height = {name: len(floors) - number for number, floor in enumerate(floors) for name in floor}
    upward = {
        f"{name} -> {other}"
        for name, below in rooms(package).items()
        for other in below
        if name in height and other in height and height[other] >= height[name]
    }

    assert upward == set()
