"""The master key on paper: words that can be read aloud and typed again. 主密钥纸质备份

Proquints (arXiv:0901.4016): two bytes are one word of five letters, so 32 bytes are 16 words; a 17th, of the first two bytes
of the key's SHA-256, finds a word that was misread.
"""

from __future__ import annotations

from hashlib import sha256

CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
CHECK = 2


class NotTheWords(ValueError):
    """Not the words of a key, or one of them was misread."""


def to_words(key: bytes) -> str:
    """`key` has an even number of bytes."""
    checked = key + sha256(key).digest()[:CHECK]
    return " ".join(_word(int.from_bytes(checked[at : at + 2])) for at in range(0, len(checked), 2))


def from_words(text: str) -> bytes:
    """The key; words may be divided by anything that is not a letter. Raises NotTheWords."""
    words = "".join(one if one.isalpha() else " " for one in text.lower()).split()
    checked = b"".join(_number(word).to_bytes(2) for word in words)
    key = checked[:-CHECK]
    if not key or sha256(key).digest()[:CHECK] != checked[-CHECK:]:
        raise NotTheWords("the last word doesn't fit the others: one of them was misread, or is missing")
    return key


def _word(number: int) -> str:
    first, second, third, fourth, fifth = (
        number >> 12,
        number >> 10 & 3,
        number >> 6 & 15,
        number >> 4 & 3,
        number & 15,
    )
    return CONSONANTS[first] + VOWELS[second] + CONSONANTS[third] + VOWELS[fourth] + CONSONANTS[fifth]


def _number(word: str) -> int:
    number, alphabets = 0, (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS)
    if len(word) != len(alphabets):
        raise NotTheWords(f"a word has five letters: {word[:20]}")
    for letter, alphabet in zip(word, alphabets, strict=True):
        if letter not in alphabet:
            raise NotTheWords(f"no such word: {word}")
        number = number * len(alphabet) + alphabet.index(letter)
    return number
