"""Two processes on one folder of epoch keys: each wraps with the newest key that is there, whoever made it."""

from __future__ import annotations

import os
import time

import pytest

from application.vault.epochs import Epochs

LONG_AGO = 10**18  # nanoseconds


@pytest.fixture
def two(tmp_path):
    one = Epochs(tmp_path / "epochs")
    assert one.newest == 1
    os.utime(one.folder, ns=(LONG_AGO, LONG_AGO))
    assert one.newest == 1
    return one, Epochs(one.folder)


def test_a_key_that_another_process_begins_is_the_newest_at_once(two):
    one, other = two
    other.begin(2)
    assert one.newest == 2


def test_a_key_that_another_process_destroyed_is_forgotten(two):
    one, other = two
    one.box(1)
    other.begin(2)
    other.destroy(1)

    assert one.newest == 2
    with pytest.raises(FileNotFoundError):
        one.box(1)


def test_a_clock_too_coarse_to_tell_two_changes_apart_hides_neither(two):
    one, other = two
    moment = time.time_ns()
    os.utime(one.folder, ns=(moment, moment))
    assert one.newest == 1

    other.begin(2)
    os.utime(one.folder, ns=(moment, moment))
    assert one.newest == 2


def test_an_unchanged_folder_is_not_listed_again(two, monkeypatch):
    one, _ = two
    monkeypatch.setattr(one, "numbers", lambda: pytest.fail("listed"))
    assert one.newest == 1
