"""Whoever sends words to be hashed waits in a short queue of their own door, and takes no other's place."""

from __future__ import annotations

import pytest

from application.vault.hashing_slot import ACTS, PUBLIC, SIGN_IN, HashingSlot
from domain.errors import Busy
from tests.crowds import Crowd, use


@pytest.fixture(name="full")
def _full():
    """The slot is taken, and everybody who may wait at the public door waits for it."""
    crowd = Crowd(HashingSlot())
    with crowd.slot.taken(ACTS):
        crowd.come(PUBLIC, PUBLIC.longest)
        yield crowd
    crowd.leave()


def test_e7_whoever_finds_the_queue_full_is_told_so_at_once(full):
    with pytest.raises(Busy, match="请过几秒再试"), full.slot.taken(PUBLIC):
        pass


def test_e7_another_door_has_a_queue_of_its_own(full):
    full.come(SIGN_IN, SIGN_IN.longest)

    with pytest.raises(Busy), full.slot.taken(SIGN_IN):
        pass


def test_e7_whoever_is_signed_in_is_never_refused(full):
    full.come(ACTS, 5)


def test_e7_an_error_gives_the_place_back():
    slot = HashingSlot()
    for _ in range(5):
        with pytest.raises(ValueError, match="broken"), slot.taken(PUBLIC):
            raise ValueError("broken")

    assert (slot.waiting(PUBLIC), use(slot, PUBLIC)) == (0, True)
