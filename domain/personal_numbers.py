"""Numbers by which a person is found, however they are written: mobile, landline, identity card. 个人号码

A run of digits is taken apart at its separators. What counts is how the groups make a number as people write one, so that
contract numbers, sums, dates, ledger numbers and lists of buildings stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from unicodedata import decimal, normalize

WORDS = {**dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)), "幺": "1", "○": "0"}
RUN = re.compile(r"\d(?:[\s.\-–—‐‑−·•_*~/、，,()（）+]{0,3}\d)*(?:[\s.\-–—]?[Xx])?")
TIGHT = re.compile(r"[.\-–—‐‑−·•_*~]+")  # joins one number; other signs may stand between two
MOBILE_GROUPS = {(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5)}
COUNTRY = ("86", "0086")
AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)")
PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|81|82")
WEIGHTS, CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"  # GB 11643, MOD 11-2
OLD_IDENTITY, CARD = 15, range(16, 20)  # digits; cards of UnionPay, Visa and Mastercard begin with 62, 4 and 5
BIRTH = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
IDENTITY, MOBILE, LANDLINE = 18, 11, (7, 8)  # digits


class Run(NamedTuple):
    """Groups of digits, and what stands between each and the next."""

    groups: list[str]
    between: list[str]

    def windows(self, digits: int) -> Iterator[tuple[int, int]]:
        """(first, end) of neighbouring groups that have so many digits together."""
        for first in range(len(self.groups)):
            length = 0
            for end in range(first, len(self.groups)):
                length += len(self.groups[end])
                if length >= digits:
                    if length == digits:
                        yield first, end + 1
                    break

    def is_tight(self, first: int, end: int) -> bool:
        return all(TIGHT.fullmatch(sign) for sign in self.between[first : end - 1])

    def continues(self, first: int) -> bool:
        """Whether what begins here is only the rest of a number, like the end of a contract's."""
        return first > 0 and bool(TIGHT.fullmatch(self.between[first - 1])) and self.groups[first - 1] not in COUNTRY


def has_personal_number(text: str) -> bool:
    return any(_has_mobile(run) or _has_identity(run) or _has_card(run) for run in _runs(text))


def has_landline(text: str) -> bool:
    return any(_has_landline(run) for run in _runs(text))


def _runs(text: str) -> Iterator[Run]:
    narrow = "".join(map(_digit, normalize("NFKC", text)))
    for found in RUN.finditer(narrow):
        groups = re.findall(r"\d+[Xx]?|[Xx]", found[0])
        yield Run([without(group) for group in groups], re.findall(r"(?<=\d)[^\dXx]+(?=[\dXx])", found[0]))


def without(group: str) -> str:
    """A whole number after its country's code."""
    for code in COUNTRY:
        if group.startswith(code) and len(group) == len(code) + MOBILE and group[len(code)] == "1":
            return group[len(code) :]
    return group


def _digit(char: str) -> str:
    """The digit that it is, in any script and in 中文 words."""
    return WORDS.get(char) or str(decimal(char, char))


def _has_mobile(run: Run) -> bool:
    for first, end in run.windows(MOBILE):
        groups = run.groups[first:end]
        digits, lengths = "".join(groups), tuple(map(len, groups))
        if not re.fullmatch(r"1[3-9]\d{9}", digits) or run.continues(first):
            continue
        if lengths in MOBILE_GROUPS or set(lengths) == {1} or (lengths[0] == 3 and run.is_tight(first, end)):
            return True
    return False


def _has_identity(run: Run) -> bool:
    for first, end in run.windows(IDENTITY):
        whole = "".join(run.groups[first:end])
        if _is_identity(whole):
            return True
    return any(_is_old_identity("".join(run.groups[first:end])) for first, end in run.windows(OLD_IDENTITY))


def _is_identity(digits: str) -> bool:
    """GB 11643: a province, a day of birth that there was, and the check digit of those before it."""
    if PROVINCE.match(digits) is None or not _is_day(digits[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False))
    return CHECK[total % 11] == digits[17].upper()


def _is_old_identity(digits: str) -> bool:
    """Before 1999: without century and check digit."""
    return PROVINCE.match(digits) is not None and digits.isdigit() and _is_day(f"19{digits[6:12]}")


def _is_day(digits: str) -> bool:
    try:
        return BIRTH.fullmatch(digits) is not None and bool(date.fromisoformat(digits))
    except ValueError:
        return False


def _has_card(run: Run) -> bool:
    """A number of a bank card, whole or in fours, by its first digits and its check digit (ISO/IEC 7812, Luhn)."""
    for length in CARD:
        for first, end in run.windows(length):
            groups = run.groups[first:end]
            whole = "".join(groups)
            written = end - first == 1 or all(len(group) == 4 for group in groups[:-1])
            if written and re.match("62|4|5[1-5]", whole) and whole.isdigit() and _luhn(whole):
                return True
    return False


def _luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _has_landline(run: Run) -> bool:
    for first, area in enumerate(run.groups):
        if len(area) in (10, 11, 12) and AREA.match(area) and not run.continues(first):
            return True
        after_country = first > 0 and run.groups[first - 1] in COUNTRY
        if AREA.fullmatch(f"0{area}" if after_country and not area.startswith("0") else area) and not run.continues(
            first
        ):
            rest = [sum(map(len, run.groups[first + 1 : end])) for end in range(first + 2, first + 4)]
            if any(length in LANDLINE for length in rest):
                return True
    return False
