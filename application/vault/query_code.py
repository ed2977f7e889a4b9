"""查询码: sixteen Crockford base32 characters in fours; five find the tip, eleven (55 bits) are the secret."""

from __future__ import annotations

import re
from typing import NamedTuple, Self
from unicodedata import category, normalize

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, LOCATOR = 16, 5
_ALIKE = str.maketrans("ILO", "110")
_WORD = re.compile("[0-9A-Z\u2010-\u2015\u2212_-]+")  # with every dash: what they join is one word


class QueryCode(NamedTuple):
    locator: str
    secret: str

    def __str__(self) -> str:
        whole = self.locator + self.secret
        return "-".join(whole[n : n + 4] for n in range(0, LENGTH, 4))

    def __repr__(self) -> str:
        return f"QueryCode({self.locator}…)"

    @classmethod
    def of(cls, random: bytes) -> Self:
        """The code of ten random bytes."""
        number = int.from_bytes(random[:10])
        whole = "".join(ALPHABET[number >> 5 * n & 31] for n in range(LENGTH))
        return cls(whole[:LOCATOR], whole[LOCATOR:])

    @classmethod
    def read(cls, typed: str) -> Self | None:
        """What somebody typed, or copied with words around it; None if it can't be a code.

        Forgiving of case, width, blanks, every kind of dash, invisible characters, and of I, L and O.
        """
        plain = normalize("NFKC", typed).upper()
        whole = _letters(plain)
        if len(whole) != LENGTH:
            whole = _last_of_length("".join(sign for sign in plain if category(sign) != "Cf"))
        whole = whole.translate(_ALIKE)
        if len(whole) != LENGTH or set(whole) - set(ALPHABET):
            return None
        return cls(whole[:LOCATOR], whole[LOCATOR:])


def locator_of(typed: str) -> str:
    """The first five characters of a code, as somebody typed them; what is longer or shorter finds nothing."""
    return _letters(normalize("NFKC", typed).upper()).translate(_ALIKE)


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())


def _last_of_length(text: str) -> str:
    """The last words that are together as long as a code: other words stand before it, as in “Code: K7Q2-…”; else nothing."""
    words = [word for word in map(_letters, _WORD.findall(text)) if word]
    for end in range(len(words), 0, -1):
        for start in range(end - 1, -1, -1):
            if len(whole := "".join(words[start:end])) >= LENGTH:
                break
        if len(whole) == LENGTH:
            return whole
    return ""
