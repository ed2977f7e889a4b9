"""Text that officials type: it becomes an official record for ever, so it is checked before. 文字规则

`official` is the rule for text of one's own words, `name` for what somebody or something is called; `refuse_unseen` is what
every event is held against, whatever command raised it (application/core/ledger.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import category, combining, normalize

from domain.errors import RuleBroken
from domain.personal_numbers import has_landline, has_personal_number

TITLE, NOTE = 80, 5_000  # characters
# Nobody sees them: Unicode's control, format and surrogate characters but for the line feed and the tab, variation selectors,
# and the letters that are blank (Hangul fillers, an empty Braille cell).
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
HAN = (0x20000, 0x3FFFD)  # planes of rare characters: names have some that are younger than this Python's tables
STACKED = 4  # marks on one letter; more are drawn over the lines around it
COPIED = 20  # characters in a row of a tip's text that may not reappear (docs/format.md §10.7)


def official(label: str, text: str | None, *, limit: int = NOTE) -> str:
    """The text as it is recorded: NFC, nothing in it that nobody sees. Raises RuleBroken: empty, too long, personal data."""
    clean = visible(label, (text or "").replace("\r\n", "\n"))
    if not clean:
        raise RuleBroken(f"请填写{label}")
    if len(clean) > limit:
        raise RuleBroken(f"{label}最多 {limit} 字，现有 {len(clean)} 字，请精简后再提交")
    if has_personal_number(clean):
        raise RuleBroken(f"{label}中不得出现手机号码、身份证号或银行卡号；个人信息请只填在专门的栏目")
    if has_landline(clean):
        raise RuleBroken(f"{label}中不得出现固定电话号码；联系方式请只填在专门的栏目，公开的可写 12345 等热线")
    return clean


def optional(label: str, text: str | None, *, limit: int = NOTE) -> str | None:
    """The same where nothing need be said; None if nothing is."""
    return official(label, text, limit=limit) if text and not is_blank(text) else None


def name(label: str, text: str | None, *, limit: int = TITLE) -> str:
    """What a person or an account is called: one line, nothing in it that nobody sees. Raises RuleBroken."""
    clean = " ".join(visible(label, text or "").split())
    if not clean:
        raise RuleBroken(f"请填写{label}")
    if len(clean) > limit:
        raise RuleBroken(f"{label}最多 {limit} 字，现有 {len(clean)} 字，请精简后再提交")
    return clean


def visible(label: str, text: str) -> str:
    """NFC without what nobody sees. Raises RuleBroken for what only some machines can show, since others would show a lie."""
    clean = INVISIBLE.sub("", normalize("NFC", text)).strip()
    if not _can_be_shown(clean):
        raise RuleBroken(f"{label}中有无法显示的字符，请删去或改用通行的字")
    return clean


def refuse_unseen(data: Any) -> None:
    """Raises RuleBroken where a text in an event's data holds what nobody sees; keys and numbers are the program's own."""
    for text in _texts(data):
        if INVISIBLE.search(text) or not _can_be_shown(text):
            raise RuleBroken("提交的内容中有看不见或无法显示的字符，请删去后重新填写")


def copied(text: str, told: str, known: Iterable[str] = ()) -> str:
    """The first passage of so many characters in a row that are taken from what a reporter told, as plain text; "" if none is.

    Spaces, width and what nobody sees aside. What is `known` (names of the registers, titles of laws) is nobody's own and
    ends a passage.
    """
    plain, source = _plain(text), _plain(told)
    for one in sorted(filter(None, map(_plain, known)), key=len, reverse=True):
        plain = plain.replace(one, "\0")
    return next((part for part in _passages(plain) if part in source), "")


def _passages(plain: str) -> Iterator[str]:
    """Every run of so many characters in it."""
    return (plain[i : i + COPIED] for i in range(len(plain) - COPIED + 1))


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in it."""
    return not _plain(text)


def _texts(data: Any) -> list[str]:
    if isinstance(data, str):
        return [] if data.isascii() and data.isprintable() else [data]
    if isinstance(data, dict):
        data = list(data.values())
    return [text for member in data for text in _texts(member)] if isinstance(data, list | tuple) else []


def _can_be_shown(text: str) -> bool:
    """No private or unassigned character, no tower of marks."""
    stacked = 0
    for char in text:
        stacked = stacked + 1 if combining(char) else 0
        if stacked > STACKED or (category(char) in ("Co", "Cn") and not _is_rare(char)):
            return False
    return True


def _is_rare(char: str) -> bool:
    return HAN[0] <= ord(char) <= HAN[1] and ord(char) & 0xFFFE != 0xFFFE


def _plain(text: str) -> str:
    return "".join(INVISIBLE.sub("", normalize("NFKC", text)).casefold().split())
