"""Which tips are likely to say the same: a keyed MinHash, which tells nothing to whoever lacks the key (§10.8). 相似线索

Of all 3-grams of a text (NFKC, without spaces) the smallest in each of 64 bins is kept, as 16 bits of its keyed hash (one
permutation hashing, empty bins filled from the next one). The share of equal bins estimates how much two texts have in common.
"""

from __future__ import annotations

from struct import pack, unpack
from unicodedata import normalize
from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

BINS, GRAM = 64, 3
WIDE, BLOCK = 4, 16  # bytes of a character in UTF-32, and of a block of AES
BLOCKS = ">" + f"BBI{BLOCK - 6}x" * BINS
BANDS = 16  # of four bins each: texts that share no band are not compared


def bands(text: str, key: bytes) -> list[int]:
    """The signature as 16 numbers of 64 bits: four bins of 16 bits in each. `key` has 32 bytes."""
    filled = _filled(_smallest("".join(normalize("NFKC", text).split())))
    blocks = pack(BLOCKS, *(part for number, found in enumerate(filled) for part in (number, *found)))
    hashed = Cipher(AES(key), ECB()).encryptor().update(blocks)  # noqa: S305 (a keyed permutation of single blocks is meant)
    kept = bytearray(2 * BINS)
    kept[::2], kept[1::2] = hashed[::BLOCK], hashed[1::BLOCK]
    return list(unpack(f">{BANDS}q", kept))


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


def _filled(smallest: list[int]) -> list[tuple[int, int]]:
    """(steps, hash) of each bin: its own, or that of the next one that is not empty, and how far that is."""
    if -1 not in smallest:
        return [(0, own) for own in smallest]
    steps, value, filled = 0, -1, [(0, -1)] * BINS
    for number in reversed(range(2 * BINS)):  # twice around: the last bins are filled from the first
        own = smallest[number % BINS]
        steps, value = (0, own) if own != -1 else (steps + 1, value)
        filled[number % BINS] = (steps, value)
    return filled


def _bins(bands: list[int]) -> tuple[int, ...]:
    return unpack(f">{BINS}H", pack(f">{BANDS}q", *bands))
