"""The master key on paper comes back from its words, or says that one was misread."""

import os

import pytest

from application.vault.mnemonic import NotTheWords, from_words, to_words


def test_the_words_are_proquints():
    """The example of the specification: 127.0.0.1 and 63.84.220.193."""
    assert to_words(bytes([127, 0, 0, 1])).split()[:2] == ["lusab", "babad"]
    assert to_words(bytes([63, 84, 220, 193])).split()[:2] == ["gutih", "tugad"]


def test_a_key_comes_back():
    key = os.urandom(32)

    words = to_words(key)

    assert len(words.split()) == 17
    assert from_words(words.upper().replace(" ", "-")) == key


@pytest.mark.parametrize("place", range(17))
def test_a_misread_word_is_found(place):
    words = to_words(bytes(range(32))).split()
    words[place] = "zuzuz"

    with pytest.raises(NotTheWords):
        from_words(" ".join(words))


@pytest.mark.parametrize("text", ["", "lusab", "lusa babad", "lusax babad", "12345"])
def test_what_is_no_word_is_refused(text):
    with pytest.raises(NotTheWords):
        from_words(text)
