"""Which tips are likely to say the same: a keyed MinHash, which tells nothing to whoever lacks the key (§10.8). 相似线索

Of all 3-grams of a text (NFKC, without spaces) the smallest in each of 64 bins is kept, as 16 bits of its keyed hash (one
permutation hashing, empty bins filled from the next one). The share of equal bins estimates how much two texts have in common.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import pack, unpack
from unicodedata import normalize
from zlib import crc32

BINS, GRAM = 64, 3
WIDE = 4  # bytes of a character in UTF-32
BANDS = 16  # of four bins each: texts that share no band are not compared


def bands(text: str, key: bytes) -> list[int]:
    """The signature as 16 numbers of 64 bits: four bins of 16 bits in each."""
    smallest = _smallest("".join(normalize("NFKC", text).split()))
    values = b"".join(_keyed(number, smallest, key) for number in range(BINS))
    return list(unpack(f">{BANDS}q", values))


def alike(one: list[int], other: list[int]) -> float:
    """How many of the bins are equal, from 0 to 1."""
    pairs = zip(_bins(one), _bins(other), strict=True)
    return sum(a == b for a, b in pairs) / BINS


def _smallest(text: str) -> list[int]:
    """The smallest hash in each bin, -1 in those that are empty; which one it is says the public hash, what is kept the key."""
    wide = text.encode("utf-32-le", "surrogatepass")
    found = [-1] * BINS
    length = GRAM * WIDE
    for value in {crc32(wide[at : at + length]) for at in range(0, max(len(wide) - length, 0) + 1, WIDE)}:
        number = value % BINS
        if found[number] == -1 or value < found[number]:
            found[number] = value
    return found


def _keyed(number: int, smallest: list[int], key: bytes) -> bytes:
    step = next(step for step in range(BINS) if smallest[(number + step) % BINS] != -1)
    return blake2b(pack(">BBI", number, step, smallest[(number + step) % BINS]), key=key, digest_size=2).digest()


def _bins(bands: list[int]) -> tuple[int, ...]:
    return unpack(f">{BINS}H", pack(f">{BANDS}q", *bands))
