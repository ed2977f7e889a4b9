"""Whatever a verifier finds, or the log's own rules refuse, is said in English too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.verifier import messages_en as table
from application.verifier import verdict_text as words
from application.verifier.messages_en import SENTENCES, english
from application.verifier.rules.entry_check import Fault
from application.verifier.verdict import LONGEST, Verdict

TRAIL = Path(table.__file__).parent
SAYING = (
    "held_against",
    "rules/authority",
    "rules/time_bounds",
    "clock_comparison",
    "pack/container",
    "tile_copies",
    "key_directory",
    "pack/dossier",
    "rules/entry_check",
    "rules/log_facts",
    "rules/event_schema",
    "rules/rules_schema",
    "signed_heads",
    "promise_check",
    "request",
    "pack/manifest",
    "verify_pack",
    "provenance",
    "single_entry",
    "folder_survey",
    "verify",
    "log_scan",
    "pack/zip_reader",
)
CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
WHOLE = {"核验不通过：{} [{}]", "核验不通过：第 {} 条：{} [{}]"}  # how verdict.py puts them together


def said(node: ast.AST) -> Iterator[str]:
    """Every 中文 text in the code, with its places; no docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in child.values)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        else:
            yield from said(child)


def sentences() -> set[str]:
    found = {text for name in SAYING for text in said(ast.parse((TRAIL / f"{name}.py").read_text("utf-8")))}
    return {text for text in found if CHINESE.search(text)} | WHOLE


def test_every_sentence_has_an_english_one():
    assert [one for one in sorted(sentences()) if CHINESE.search(english(one))] == []


def test_no_english_outlives_its_sentence():
    used = {next(known for known in longest_first() if fits(known, one)) for one in sentences()}
    assert sorted(SENTENCES.keys() - used - words.STRENGTHS.keys()) == []


def longest_first() -> list[str]:
    return sorted(SENTENCES, key=lambda one: -len(one.replace("{}", "")))


def fits(known: str, sentence: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, known.split("{}"))), sentence) is not None


def test_a_translation_has_as_many_places_as_its_sentence():
    assert [one for one in SENTENCES if one.count("{}") != SENTENCES[one].count("{}")] == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_recognised_by_its_fixed_words(sentence):
    places = [f"<{n}>" for n in range(sentence.count("{}"))]
    assert english(sentence.format(*places)) == SENTENCES[sentence].format(*places)


def test_a_sentence_in_the_place_of_another_is_said_too():
    found = english("checkpoints/7：检查点已损坏或被改动（the signature of x is wrong）")
    assert found == "checkpoints/7: the checkpoint was damaged or altered (the signature of x is wrong)"
    assert english("谁也没说过的话") == "谁也没说过的话"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "name", ["属于另一日志：" * 9_000, "x\x1b[2Jy\r", "x\u202egol"], ids=["nested", "terminal", "bidi"]
)
def test_what_an_attacker_wrote_into_an_entry_is_shown_in_part_and_moves_no_cursor(name, language):
    told = Verdict(Fault("EVENT_LOG", f"属于另一日志：{name}", 3)).said(language)
    assert told.isprintable()
    assert len(told) < LONGEST + 100
    assert told.endswith("[EVENT_LOG]")
