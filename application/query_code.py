"""查询码: sixteen Crockford base32 characters in fours; five find the tip, eleven (55 bits) are the secret."""

from __future__ import annotations

from typing import NamedTuple, Self

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, LOCATOR = 16, 5
_ALIKE = str.maketrans("ILO", "110")


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
        """What somebody typed, forgiving of case, spaces, hyphens and of I, L and O; None if it can't be a code."""
        whole = "".join(typed.replace("-", "").split()).upper().translate(_ALIKE)
        if len(whole) != LENGTH or set(whole) - set(ALPHABET):
            return None
        return cls(whole[:LOCATOR], whole[LOCATOR:])
