"""What is no password: what everybody knows, and what everybody knows of its owner."""

import pytest

from domain.errors import RuleBroken
from domain.passwords import refuse_weak

ABOUT = ("zhang-wei", "张伟民", "琴川街道", "琴川", "GH-20031")


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("kurz", "至少要有 10 个字符"),
        ("x" * 201, "最多 200"),
        ("1234567890", "数字"),
        ("          ", "重复"),
        ("\u3000" * 12, "重复"),
        ("aaaaaaaaaaaa", "重复"),
        ("abcabcabcabc", "重复"),
        ("kz4w7kz4w7", "重复"),
        ("13912345678", "数字"),
        ("19800101123", "数字"),
        ("qwertyuiop12", "键盘"),
        ("0987654321ab", "键盘"),
        ("1qaz2wsx3edc", "键盘"),
        ("abcdefghijk", "键盘"),
        ("qwer1234asdf", "键盘"),
        ("１２３４５６７８９０", "数字"),
        ("password123", "很多人在用"),
        ("Password!2026", "很多人在用"),
        ("PASSWORD1234", "很多人在用"),
        ("manchester", "很多人在用"),
        ("iloveyou12345", "很多人在用"),
        ("zhang-wei12", "账号"),
        ("ZHANG-WEI-2026x", "账号"),
        ("my zhang x 4u", "账号"),
        ("张伟民的口令就是这个", "账号"),
        ("我在琴川街道办上班呢", "账号"),
        ("k GH-20031 zq4", "账号"),
        ("k20031 zq4pw", "账号"),
        ("ＺＨＡＮＧ-ＷＥＩ-xyzt", "账号"),
    ],
)
def test_e12_what_can_be_guessed_is_refused_with_what_to_do(word, words):
    with pytest.raises(RuleBroken, match=words):
        refuse_weak(word, ABOUT)


@pytest.mark.parametrize(
    "word",
    [
        "correct horse battery",
        "battery horse correct",
        "电梯一月停五次真难受啊",
        "k7mw-3xqp-9t4d",
        "yanlian-2026",
        "a sentence of my own",
        "Tr0ub4dor&3x",
        "x9" + "é" * 3 + "q wert zu",
        "8401937465029183",
    ],
)
def test_e12_whatever_nobody_guesses_is_taken(word):
    assert refuse_weak(word, ABOUT) is None


def test_e12_an_account_of_few_letters_forbids_no_sentence():
    assert refuse_weak("a desk of my own, 3 legs", ("a", "3", "王", "")) is None
