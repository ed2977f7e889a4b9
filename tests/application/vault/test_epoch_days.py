"""An epoch ends when its day is over or something was destroyed, and not because the service was started. (faults.md E3)"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest

from application.campaign.genesis import CITY
from application.platform.clock import SHANGHAI, TrainingClock
from application.tips.shredding import ProposeShredding, ShredTip, end_epoch_if_due

EVENING = datetime(2026, 3, 2, 23, 50, tzinfo=SHANGHAI)


@pytest.fixture
def epochs(matters):
    """The first key, made in the evening."""
    matters.tip()
    epochs = matters.city.ledger.vault.tips.epochs
    made_at(epochs, EVENING)
    return epochs


def made_at(epochs, moment: datetime) -> None:
    os.utime(epochs.folder / f"{epochs.numbers()[-1]}.key", (0, moment.timestamp()))


def looked(ledger, after: timedelta):
    return end_epoch_if_due(ledger, clock=TrainingClock(EVENING + after))


def test_e3_a_restart_ends_no_epoch(ledger, epochs):
    for minutes in (0, 1, 5, 9):
        assert looked(ledger, timedelta(minutes=minutes)) is None
    assert epochs.numbers() == [1]


def test_e3_it_ends_when_its_day_in_shanghai_is_over(ledger, epochs):
    assert looked(ledger, timedelta(minutes=10)).destroyed == [1]
    made_at(epochs, EVENING + timedelta(minutes=10))
    assert looked(ledger, timedelta(hours=20)) is None


def test_one_from_a_day_that_has_not_come_ends_too(ledger, epochs):
    assert looked(ledger, -timedelta(days=2)).destroyed == [1]


def test_where_nothing_was_ever_sealed_nothing_ends(ledger):
    assert (looked(ledger, timedelta()), ledger.vault.tips.epochs.numbers()) == (None, [])


def test_what_was_destroyed_ends_it_although_it_could_not_end_at_once(matters, epochs):
    ledger, tip = matters.city.ledger, matters.tip()
    (epochs.folder / "in the way.new").mkdir()
    matters.on_tip(ProposeShredding, matters.city.desk, tip, ground="retention")
    matters.on_tip(ShredTip, matters.city.actor("city_decider", CITY), tip)
    (epochs.folder / "in the way.new").rmdir()
    assert epochs.numbers() == [1]

    assert looked(ledger, timedelta(minutes=1)).destroyed == [1]
    made_at(epochs, EVENING)
    assert looked(ledger, timedelta(minutes=2)) is None
