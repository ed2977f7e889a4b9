"""Which words are no passwords: too short, known to everybody, or taken from the account itself. 口令规则

After ASVS 5.0 §6.2: length and a list of common words, no rule about kinds of characters. What a word is held against is
spelled in one way, so neither case nor width nor accents get around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from unicodedata import normalize

from domain.errors import RuleBroken

SHORTEST, LONGEST = 10, 200  # characters
DISTINCT = 5  # so many different characters at least
ONLY_DIGITS = 16  # so long may be digits alone: shorter ones are birthdays and telephone numbers
EASY = 0.7  # of all steps from one character to the next
TOLD = 3  # characters of a name that a password may not hold; of Chinese characters two
# Where fingers and heads go by themselves, in either direction.
ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()_+",
)
STEPS = {pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way)}
AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def refuse_weak(word: str, about: Iterable[str] = ()) -> None:
    """Raises RuleBroken with what to do; `about` is what everybody knows of the account: login, name, unit, staff number."""
    if len(word) < SHORTEST:
        raise RuleBroken(f"新口令至少要有 {SHORTEST} 个字符")
    if len(word) > LONGEST:
        raise RuleBroken(f"新口令最多 {LONGEST} 个字符")
    plain = _plain(word)
    if _is_easy(plain):
        raise RuleBroken("新口令不能只是数字、重复的字符或键盘上相邻的字符；请换一句只有您自己想得到的话")
    if _is_common(plain):
        raise RuleBroken("这个口令很多人在用，容易被猜中；请换一句只有您自己想得到的话")
    if any(_holds(plain, told) for told in about):
        raise RuleBroken("新口令中不能有账号、姓名、单位或工号；请换一句只有您自己想得到的话")


def _is_common(plain: str) -> bool:
    """Also with up to five digits and signs around it, as people make a word longer."""
    core = AROUND.sub("", AROUND.sub("", plain))
    return plain in _common() or (core in _common() and len(plain) - len(core) <= TOLD + 2)


def _is_easy(plain: str) -> bool:
    if len(set(plain)) < DISTINCT or (plain.isdigit() and len(plain) < ONLY_DIGITS):
        return True
    if plain in (plain + plain)[1:-1]:  # one piece, again and again
        return True
    steps = list(pairwise(plain))
    return sum(one == other or (one, other) in STEPS for one, other in steps) >= EASY * len(steps)


def _holds(plain: str, told: str) -> bool:
    """Whole, or a part of it that stands between signs: desk-003 gives desk and desk-003."""
    pieces = {_plain(told), *map(_plain, re.split(r"[\W_]+", told))}
    return any(piece in plain for piece in pieces if len(piece) >= (TOLD if piece.isascii() else 2))


def _plain(word: str) -> str:
    return "".join(normalize("NFKC", word).casefold().split())


@cache
def _common() -> frozenset[str]:
    lines = (files("domain.data") / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
