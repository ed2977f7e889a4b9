"""A word is checked rightly, also when everybody comes at nine in the morning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from application.vault.passwords import NONE, Cost, Password

CHEAP = Cost(1, 1, 8)
MANY = 4
PATIENCE = 60  # seconds


def at_once(act):
    pool = ThreadPoolExecutor(MANY)
    try:
        return [done.result(PATIENCE) for done in [pool.submit(act, n) for n in range(MANY)]]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@pytest.fixture(scope="module")
def stored() -> str:
    return Password("九点上班").hashed


def test_many_are_checked_at_the_same_moment(stored):
    assert at_once(lambda n: Password("九点上班").matches(stored)) == [True] * MANY


def test_many_new_words_and_keys_are_made_at_the_same_moment():
    lock = Password("九点上班").lock()

    made = at_once(lambda n: (Password("九点上班").hashed, Password("九点上班").key(lock)))

    assert len({hashed for hashed, _ in made}) == MANY
    assert {key for _, key in made} == {Password("九点上班").key(lock)}


def test_a_long_word_counts_to_its_last_sign_and_as_it_was_typed():
    """64 signs and more, of any kind: nothing is cut off, and no capital is taken for a small letter."""
    word = "Wuye zhengzhi 物业整治 " * 8 + "!"
    stored = Password(word).hashed

    assert len(word) > 128
    assert Password(word).matches(stored)
    for other in (word[:-1], word[:72], word.lower(), word.strip("!"), f" {word}"):
        assert not Password(other).matches(stored)


@pytest.mark.parametrize("kept", [None, NONE])
def test_nobody_s_word_matches_nothing(kept):
    assert not Password("九点上班").matches(kept)


def test_another_word_does_not_match(stored):
    assert not Password("十点上班").matches(stored)


DECOMPOSED, COMPOSED = "cafe\u0301 \u516d\u70b9", "caf\u00e9 \u516d\u70b9"  # the same to whoever reads it


def test_e12_a_word_is_the_same_on_every_keyboard():
    typed, elsewhere = Password(DECOMPOSED, CHEAP), Password(COMPOSED.replace(" ", "\u3000"), CHEAP)
    lock = typed.lock()

    assert (elsewhere.matches(typed.hashed), typed.matches(elsewhere.hashed)) == (True, True)
    assert elsewhere.key(lock) == typed.key(lock)


def test_e12_what_was_hashed_before_as_it_was_typed_is_still_accepted():
    """Made by the program of before this rule: the word's bytes as they came."""
    hashed = Argon2id(salt=bytes(16), length=32, iterations=1, lanes=1, memory_cost=8)
    old, lock = hashed.derive_phc_encoded(DECOMPOSED.encode()), "1:1:8:" + bytes(16).hex()
    key = Argon2id(salt=bytes(16), length=32, iterations=1, lanes=1, memory_cost=8).derive(DECOMPOSED.encode())

    assert (Password(DECOMPOSED).matches(old), Password(DECOMPOSED).key(lock) == key) == (True, True)
    assert not Password("cafe").matches(old)
