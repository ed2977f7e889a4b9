"""What the documents point to is there: files, tests, and the sections of the format that the code cites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LAYERS = ("domain", "application", "projections", "interface", "tests", "docs")
POINTER = re.compile(rf"`((?:{'|'.join(LAYERS)})/[\w./-]*)(?:::(\w+))?`")
EXAMPLE = "whistles"  # the subject that CONTRIBUTING.md adds step by step
CITED = re.compile(r"docs/format\.md §(\d+)(?:\.(\d+))?")


def named(page: Path) -> set[tuple[str, str]]:
    return set(POINTER.findall(page.read_text("utf-8")))


def test_the_pages_point_to_files_at_all():
    assert sum(len(named(page)) for page in PAGES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page):
    for path, test in named(page):
        if EXAMPLE in path:
            continue
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text("utf-8"), (path, test)


def test_every_section_that_is_cited_stands_in_the_format():
    text = (ROOT / "docs/format.md").read_text("utf-8")
    sections = {number: part for number, part in re.findall(r"(?ms)^## (\d+)\. (.*?)(?=^## |\Z)", text)}
    sources = [path for layer in LAYERS for path in (ROOT / layer).rglob("*") if path.suffix in (".py", ".md", ".sql")]
    cited = {found for path in [*sources, *PAGES] for found in CITED.findall(path.read_text("utf-8"))}

    assert len(cited) > 10
    for section, item in sorted(cited):
        assert section in sections, section
        assert not item or re.search(rf"(?m)^(?:{item}\. |### {section}\.{item} )", sections[section]), (section, item)
