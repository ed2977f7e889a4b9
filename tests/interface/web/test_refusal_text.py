"""Whatever the domain refuses is said in English on an English page, with its numbers and names in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import g

import domain
from interface.i18n.locales import english
from interface.i18n.refusal_text import in_words

ROOT = Path(domain.__file__).parent.parent
REFUSALS = {
    *("BadRow", "Busy", "RuleBroken", "NotFound", "Conflict", "NotAllowed", "Unavailable", "NoDatabase", "RolledBack"),
}
CARRIERS = {
    "Others",  # whom a table of acts keeps apart
    "official",
    "spelled",
}  # what these are given becomes part of a refusal


def refusals() -> set[str]:
    """Every sentence that a refusal of the lower layers is made of, with its places numbered."""
    trees = [
        ast.parse(p.read_text("utf-8"))
        for f in ("domain", "application", "projections")
        for p in (ROOT / f).rglob("*.py")
    ]
    return {sentence for tree in trees for sentence in _of(tree)}


def _of(tree: ast.Module) -> Iterator[str]:
    constants = {
        name.id: node.value for node in tree.body if isinstance(node, ast.Assign)
        for name in node.targets if isinstance(name, ast.Name)
    }  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        told = node.args[:1] if called in REFUSALS | {"official"} else node.args if called in CARRIERS else []
        told = [*told, *(one.value for one in node.keywords if one.arg == "answerable")]
        for argument in told:
            value = constants.get(argument.id) if isinstance(argument, ast.Name) else argument
            if (sentence := _template(value)) and not sentence.isascii():
                yield sentence


def _template(node: ast.AST | None) -> str:
    if isinstance(node, ast.JoinedStr):
        places = iter(range(1, 100))
        parts = [part.value if isinstance(part, ast.Constant) else f"%({next(places)})s" for part in node.values]
        return "".join(parts)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_refusal_has_an_english_one():
    known = english()
    assert sorted(one for one in refusals() if known.gettext(one) == one) == []


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("请选择整改类型", "Choose the kind of rectification"),
        ("完成日期不能晚于今天（2026-03-02）", "The day of completion cannot be later than today (2026-03-02)"),
        ("问题标题最多 80 字，现有 90 字，请精简后再提交", "Title: at most 80 characters, now 90; shorten it and submit again"),
        ("请填写整改措施", "Fill in: Measures"),
        ("此扣分现为“已扣分”，不能再作决定", "This deduction is “Deducted”; it cannot be decided again"),
        ("请上传整改照片或材料后再申报完成", "Upload photos or papers of the rectification before you report completion"),
        ("该角色的期限已于 2026-03-01 届满：city_desk@320581", "the role ended on 2026-03-01: city_desk@320581"),
        ("核验不通过：第 7 条：签名与内容不符 [EVENT_SIGNATURE]",
         "NOT VERIFIED: entry 7: the signature does not fit the content [EVENT_SIGNATURE]"),
        ("谁也没说过的话", "谁也没说过的话"),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_the_pages_language(app, said, english):
    with app.test_request_context():
        g.language = "en"
        assert in_words(said) == english
        g.language = "zh"
        assert in_words(said) == said


def test_an_english_page_refuses_in_english(signed_in):
    browser = signed_in("city_desk", "320581")
    browser.client.set_cookie("language", "en")

    answer = browser.get("/figures/weekly?week=2026-W99")

    assert (answer.status_code, "Write the week like 2026-W12" in answer.text) == (404, True)
