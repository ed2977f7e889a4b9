"""中文 is the source; English must be complete beside it."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import interface
from domain import glossary
from domain.campaign import actions as documents
from domain.campaign.documents import KINDS as DOCUMENTS
from domain.deductions import actions as deductions
from domain.deductions.deduction import WAYS as SERVED_WAYS
from domain.disclosures import actions as disclosures
from domain.disclosures.disclosure import FIELDS as DISCLOSED
from domain.estates.estate import KINDS as ESTATE_KINDS
from domain.officials import actions as officials
from domain.problems import actions as problems
from domain.problems.values import CAUSES, FOUND_BY, KINDS, METHODS
from domain.roles import ROLES
from domain.tips import actions as tips
from domain.tips.tip import CHANNELS, INFORMATION, REOPENED_FOR, RESULTS
from interface.i18n.locales import TRANSLATIONS, english
from projections.alerts import RULES
from projections.figures.definitions import DEFINITIONS
from tests.interface.web.test_refusal_text import refusals

OF_ACCOUNTS = officials.ACTIONS
TABLES = (
    tips.ACTIONS,
    tips.SHREDDING,
    problems.ACTIONS,
    problems.EXTENSION,
    problems.PAUSE,
    deductions.ACTIONS,
    documents.ACTIONS,
    disclosures.ACTIONS,
)
STATES = [one.states for one in TABLES if one is not tips.SHREDDING]
MORE = (KINDS, METHODS, CAUSES, FOUND_BY, ESTATE_KINDS, SERVED_WAYS, DISCLOSED, *STATES)
FROM_DOMAIN = {
    words
    for table in (ROLES, CHANNELS, RESULTS, INFORMATION, REOPENED_FOR, DOCUMENTS, *MORE)
    for words in table.values()
}
FROM_DOMAIN |= {
    words for table in (*TABLES, OF_ACCOUNTS) for one in table.values() for words in (one.words, one.verb) if words
}
FROM_DOMAIN |= {words for one in DEFINITIONS.values() for words in (one.title, one.sentence)}
IN_REFUSALS = {
    "退回后新的",
    "请到原问题的页面办理",
    "确需整改的，请重新登记",
}  # what may stand in a place of a refusal and is no value of a table
FROM_DOMAIN |= set(glossary.EVENTS.values()) | set(glossary.AGGREGATES.values())
FROM_DOMAIN |= {
    words for rule in RULES.values() for words in (rule.title, rule.sentence, rule.measure, rule.when) if words
}
FROM_DOMAIN |= {"强", "中", "弱"}  # how strong a verdict is
PAGES = [Path(interface.__file__).parent / part for part in ("i18n", "identity", "kit", "web", "oversight")]
FILES = [("**.py", "python"), ("templates/**.html", "jinja2")]
WORDS = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None}
PLACE = re.compile(r"%\(\w+\)s")


def said() -> set[str]:
    """Every sentence of the pages, and the words that reach them from the domain."""
    options: dict[str, Any] = {
        "method_map": FILES,
        "keywords": WORDS,
        "options_map": {"templates/**.html": {"silent": "false"}},
    }
    found = [one for folder in PAGES for one in extract_from_dir(folder, **options)]
    return {message for _file, _line, message, _comments, _context in found} | FROM_DOMAIN | refusals() | IN_REFUSALS


@pytest.fixture(name="translated")
def _translated() -> dict[str, str]:
    messages = [m for path in (TRANSLATIONS / "en").glob("*.po") for m in read_po(BytesIO(path.read_bytes())) if m.id]
    return {message.id: message.string for message in messages}


def test_every_sentence_has_an_english_one(translated):
    assert sorted(m for m in said() if not translated.get(m)) == []


def test_no_translation_outlives_its_sentence(translated):
    assert sorted(translated.keys() - said()) == []


def test_a_translation_has_the_same_places_as_its_sentence(translated):
    different = [m for m, english in translated.items() if set(PLACE.findall(m)) != set(PLACE.findall(english))]

    assert different == []


def test_english_speaks():
    assert english().gettext("退出") == "Sign out"
