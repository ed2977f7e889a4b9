"""A word is checked rightly, also when everybody comes at nine in the morning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from application.vault.passwords import NONE, Password

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
