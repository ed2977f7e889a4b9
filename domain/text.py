"""Text that officials type: it becomes an official record for ever, so it is checked before. 文字规则"""

from __future__ import annotations

import re
from unicodedata import normalize

from domain.errors import RuleBroken

TITLE, NOTE = 80, 5_000  # characters
# As people write them: in groups, wide, with the country's number before.
MOBILE = re.compile(r"(?<!\d)(?<!\d-)(?:(?:00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)\d{6}[ -]?\d{4}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dXx])")
# Unicode's control, format and surrogate characters but for the line feed and the tab: nobody sees them.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
COPIED = 12  # characters in a row of a tip's text that may not reappear (trail.md §10.7)


def official(label: str, text: str | None, *, limit: int = NOTE) -> str:
    """The text as it is recorded: NFC, without control characters. Raises RuleBroken: empty, too long, personal data."""
    clean = INVISIBLE.sub("", normalize("NFC", text or "").replace("\r\n", "\n")).strip()
    if not clean:
        raise RuleBroken(f"请填写{label}")
    if len(clean) > limit:
        raise RuleBroken(f"{label}最多 {limit} 字，现有 {len(clean)} 字，请精简后再提交")
    narrow = normalize("NFKC", clean)
    if MOBILE.search(narrow) or IDENTITY.search(narrow):
        raise RuleBroken(f"{label}中不得出现手机号码或身份证号；个人信息请只填在专门的栏目")
    return clean


def optional(label: str, text: str | None, *, limit: int = NOTE) -> str | None:
    """The same where nothing need be said; None if nothing is."""
    return official(label, text, limit=limit) if text and text.strip() else None


def copies(text: str, told: str) -> bool:
    """Whether 12 or more characters in a row are taken from what a reporter told; spaces, width and what nobody sees aside."""
    plain, source = _plain(text), _plain(told)
    return any(plain[i : i + COPIED] in source for i in range(len(plain) - COPIED + 1))


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in it."""
    return not _plain(text)


def _plain(text: str) -> str:
    return "".join(INVISIBLE.sub("", normalize("NFKC", text)).casefold().split())
